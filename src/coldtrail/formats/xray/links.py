"""The segments that are no function flows: links of the chain from a function up to whoever triggered it."""

from __future__ import annotations

from coldtrail.config import LimitSettings
from coldtrail.features.names.masking import Names
from coldtrail.formats.services import Targets
from coldtrail.formats.xray.documents import Segment, Subsegment
from coldtrail.formats.xray.events import http_of, target_of
from coldtrail.records.telemetry import Link

LAMBDA = "AWS::Lambda"
SUBSEGMENT = "subsegment"
_FIRST_FAILURE = 400


class LinkMaker:
    """Segments and their subsegments to links."""

    def __init__(self, limits: LimitSettings) -> None:
        self._names = Names(limits.max_name_chars)
        self._targets = Targets(self._names).seen_from(None)
        self._max_depth = limits.max_depth
        self._max_links = limits.max_events_per_flow

    def add(self, trace_id: str, segment: Segment, links: list[Link], problems: list[str]) -> None:
        """Append the links of one segment."""
        origin, aws = segment.origin, segment.aws
        if segment.inferred and aws is not None and origin and origin != LAMBDA and not segment.subsegments:
            # By far the most frequent: the other end of a call, which adds nothing but its name.
            raw = aws.table_name or aws.bucket_name or aws.topic_arn or aws.queue_url
            name = self._targets[raw] if raw else self._name(segment, False)
            links.append(Link(trace_id, segment.id, segment.parent_id, self._names[origin], name))
            return
        is_lambda = origin == LAMBDA
        failed = is_lambda and (_failed(segment) or _unanswered(segment))
        kind = SUBSEGMENT if segment.type == SUBSEGMENT else self._names[origin] if origin else "segment"
        name = self._name(segment, is_lambda)
        links.append(Link(trace_id, segment.id, segment.parent_id, kind, name, failed))
        if segment.subsegments:
            self._add_below(trace_id, segment, is_lambda, links, problems)

    def _name(self, segment: Segment, is_lambda: bool) -> str:
        if is_lambda and segment.resource_arn:
            return self._targets[segment.resource_arn]
        if (segment.inferred or segment.namespace == "aws") and segment.aws is not None:
            return target_of(segment.aws, self._targets) or self._names[segment.name]
        return self._names[segment.name]

    def _add_below(
        self, trace_id: str, segment: Segment, is_lambda: bool, links: list[Link], problems: list[str]
    ) -> None:
        first = len(links)
        levels: list[tuple[list[Subsegment], str, int]] = [(segment.subsegments or [], segment.id, 1)]
        for siblings, parent_id, depth in levels:
            for sub in siblings:
                failed = is_lambda and _failed(sub)
                links.append(Link(trace_id, sub.id, parent_id, SUBSEGMENT, self._names[sub.name], failed))
                if sub.subsegments:
                    if depth < self._max_depth:
                        levels.append((sub.subsegments, sub.id, depth + 1))
                    else:
                        problems.append(f"What lies below subsegment {sub.id!a} was left out: too deep.")
            if len(links) - first > self._max_links:
                del links[first + self._max_links :]
                problems.append(f"Segment {segment.id!a} has more than {self._max_links:,} subsegments.")
                break


def _failed(part: Segment | Subsegment) -> bool:
    if part.throttle or part.fault or part.error:
        return True
    response = http_of(part).response
    return response is not None and response.status is not None and response.status >= _FIRST_FAILURE


def _unanswered(segment: Segment) -> bool:
    """Whether the caller's record alone speaks of the invocation, and of no answer to it."""
    if not segment.inferred or segment.in_progress or segment.end_time is None:
        return False
    http = http_of(segment)
    return http.request is not None and (http.response is None or http.response.status is None)
