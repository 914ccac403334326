"""The segments that are no function flows: links of the chain from a function up to whoever triggered it."""

from __future__ import annotations

from coldtrail.config import LimitSettings
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.ids import as_told, is_id
from coldtrail.formats.services import Resources, function_url_of, host_of, invocation_type_of, kind_of
from coldtrail.formats.xray.calls import http_of, resource_of
from coldtrail.formats.xray.documents import Http, Segment, Subsegment
from coldtrail.formats.xray.functions import Functions
from coldtrail.records.columns import Lead
from coldtrail.records.flow import ASYNCHRONOUS, InvocationType
from coldtrail.records.telemetry import SEVERAL, Link, Role

LAMBDA = "AWS::Lambda"
_INVOKE = "invoke"
_WAITING = "Dwell Time"
"""How Lambda's record of an asynchronous invocation tells what the event waited."""
SUBSEGMENT = "subsegment"
_SOURCES = frozenset(("AWS::ApiGateway::Stage", "AWS::StepFunctions::StateMachine"))
_FIRST_FAILURE = 400
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512


class LinkMaker:
    """Segments and their subsegments to links."""

    def __init__(self, limits: LimitSettings, functions: Functions) -> None:
        self._names = RawNames()
        self._resources = Resources()
        self._kinds = _Kinds()
        self._leads: dict[tuple[str, str | None, str | None], Lead] = {}
        self._functions = functions
        self._max_depth = limits.max_depth
        self._max_links = limits.max_events_per_flow

    def add(self, trace_id: str, segment: Segment, links: list[Link], problems: list[str]) -> None:
        """Append the links of one segment."""
        lead = self.lead(segment)
        if lead is not None:
            links.append(Link(trace_id, segment.id, segment.parent_id, *lead))
            return
        origin = segment.origin
        if is_invocation(segment):
            links.append(self._invocation(trace_id, segment))
        else:
            kind, role = self._kinds[SUBSEGMENT if segment.type == SUBSEGMENT else origin or "segment"]
            is_step = segment.type == SUBSEGMENT
            name = self._names[segment.name] if is_step else self._name(segment)
            start, end = segment.start_time, segment.end_time
            failed = _is_flagged(segment) if is_step else _failed(segment)
            links.append(Link(trace_id, segment.id, segment.parent_id, role, kind, name, start, end, failed))
        if segment.subsegments:
            self._add_below(trace_id, segment, links, problems)

    def lead(self, segment: Segment) -> Lead | None:
        """What the other end of a call is, which was there when the call was; None of any other segment."""
        origin, aws = segment.origin, segment.aws
        if aws is None or not segment.inferred or not origin or origin == LAMBDA or segment.subsegments:
            return None
        resource = aws.table_name or aws.bucket_name or aws.topic_arn or aws.queue_url or resource_of(aws)
        key = origin, resource, None if resource else segment.name
        return self._leads.get(key) or self._new_lead(key)

    def _new_lead(self, key: tuple[str, str | None, str | None]) -> Lead:
        origin, resource, name = key
        kind, role = self._kinds[origin]
        lead = Lead(role, kind, self._resources[resource] if resource else self._names[name or ""])
        if sum([len(part) for part in key if part is not None]) <= _MAX_CACHED_CHARS:
            if len(self._leads) >= _MAX_CACHED:
                self._leads.clear()
            self._leads[key] = lead
        return lead

    def _name(self, segment: Segment) -> str:
        """Of the other end of a call, the resource."""
        aws = segment.aws
        if aws is not None and (segment.inferred or segment.namespace == "aws"):
            resource = resource_of(aws)
            if resource:
                return self._resources[resource]
        return self._names[segment.name]

    def _both_names(self, arn: str, other_name: str | None) -> str:
        """The function's ARN, and what else the record calls it."""
        name = self._resources[arn]
        return name if other_name is None else f"{name}{SEVERAL}{other_name}"

    def _invocation(self, trace_id: str, segment: Segment) -> Link:
        """What Lambda's own record says of an invocation, and of the function that it invokes."""
        arn, aws = segment.resource_arn, segment.aws
        function = self._functions.invoked_by(segment)
        request_id = None if aws is None else aws.request_id
        http = http_of(segment)
        url = None if http.request is None or not http.request.url else http.request.url
        return Link(
            trace_id,
            segment.id,
            segment.parent_id,
            "invocation",
            LAMBDA,
            self._both_names(arn, function.other_name) if arn else self._name(segment),
            segment.start_time,
            segment.end_time,
            _failed(segment, http) or _unanswered(segment, http),
            as_told(request_id) if request_id is not None and is_id(request_id) else None,
            function.account,
            function.region,
            function.version,
            _invocation_type(segment, http),
            None if url is None or (own := function_url_of(host_of(url))) is None else self._names[own],
        )

    def _add_below(self, trace_id: str, segment: Segment, links: list[Link], problems: list[str]) -> None:
        first, is_lambda = len(links), segment.origin == LAMBDA
        levels: list[tuple[list[Subsegment], str, int]] = [(segment.subsegments or [], segment.id, 1)]
        for siblings, parent_id, depth in levels:
            for sub in siblings:
                failed = _failed(sub) if is_lambda else _is_flagged(sub)
                name = self._names[sub.name]
                links.append(
                    Link(
                        trace_id,
                        sub.id,
                        parent_id,
                        "hop",
                        SUBSEGMENT,
                        name,
                        sub.start_time,
                        sub.end_time,
                        failed,
                    )
                )
                if sub.subsegments and depth < self._max_depth:
                    levels.append((sub.subsegments, sub.id, depth + 1))
                elif sub.subsegments:
                    problems.append(f"What lies below subsegment {sub.id!a} was left out: too deep.")
            if len(links) - first > self._max_links:
                del links[first + self._max_links :]
                problems.append(f"Segment {segment.id!a} has more than {self._max_links:,} subsegments.")
                break


class _Kinds(dict[str, tuple[str, Role]]):
    """What links of each origin are, and what they do on the way up."""

    def __init__(self) -> None:
        super().__init__()
        self._names = RawNames()

    def __missing__(self, origin: str) -> tuple[str, Role]:
        role: Role = "hop" if origin == SUBSEGMENT else "source" if origin in _SOURCES else "service"
        if len(self) >= 1_000:
            self.clear()
        known = self[origin] = self._names[kind_of(origin)], role
        return known


def is_invocation(segment: Segment) -> bool:
    """Whether a segment is Lambda's record of an invocation: calls of its API are recorded much like it."""
    if segment.origin != LAMBDA or segment.type == SUBSEGMENT:
        return False
    operation = None if segment.aws is None else segment.aws.operation
    return operation is None or operation[: len(_INVOKE)].casefold() == _INVOKE


def _is_flagged(part: Segment | Subsegment) -> bool:
    return bool(part.throttle or part.fault or part.error)


def _failed(part: Segment | Subsegment, http: Http | None = None) -> bool:
    if _is_flagged(part):
        return True
    response = (http or http_of(part)).response
    return response is not None and response.status is not None and response.status >= _FIRST_FAILURE


def _invocation_type(segment: Segment, http: Http) -> InvocationType | None:
    """How the function was started: an event that was accepted waits its turn, and is attempted."""
    told = invocation_type_of(None if http.response is None else http.response.status)
    if told is None and any(sub.name == _WAITING for sub in segment.subsegments or ()):
        return ASYNCHRONOUS
    return told


def _unanswered(segment: Segment, http: Http) -> bool:
    """Whether the caller's record alone speaks of the invocation, and of no answer to it."""
    if not segment.inferred or segment.in_progress or segment.end_time is None:
        return False
    return http.request is not None and (http.response is None or http.response.status is None)
