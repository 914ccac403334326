"""The events of a function segment: one per subsegment, at any depth."""

from __future__ import annotations

from coldtrail.config import LimitSettings
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.services import INVOKE, Databases
from coldtrail.formats.xray.calls import (
    LIFECYCLE,
    Calls,
    RemoteCalls,
    Told,
    database_call,
    operation_of,
    remote_of,
    resource_of,
)
from coldtrail.formats.xray.documents import Segment, Subsegment
from coldtrail.records.flow import Event

_COLD = frozenset(("Initialization", "Restore"))
_ROUNDING_S = 0.001
"""Clocks are read in milliseconds at best: an end this little before its start is a rounding."""

Level = tuple[list[Subsegment], str | None, str | None, int]
"""Siblings, the id and the name of the event above them, and their depth."""


class EventMaker:
    """Subsegments to events."""

    def __init__(self, limits: LimitSettings) -> None:
        self._names = RawNames()
        self._calls = Calls(limits.max_name_chars)
        self._remote_calls = RemoteCalls()
        self._databases = Databases(limits.max_name_chars)
        self._max_depth = limits.max_depth
        self._max_events = limits.max_events_per_flow

    def make(self, segment: Segment, problems: list[str]) -> Walk:
        """The events below a segment, level by level."""
        walk = Walk(problems)
        if segment.subsegments:
            walk.levels.append((segment.subsegments, None, None, 1))
        # `levels` grows while it is walked.
        for level in walk.levels:
            self._add_level(level, walk)
            if len(walk.events) > self._max_events:
                del walk.events[self._max_events :]
                problems.append(f"Segment {segment.id!a} has more than {self._max_events:,} subsegments.")
                break
        return walk

    def _add_level(self, level: Level, walk: Walk) -> None:
        siblings, parent_id, parent_name, depth = level
        append, calls = walk.events.append, self._calls
        for sub in siblings:
            event_id, start, end, below = sub.id, sub.start_time, sub.end_time, sub.subsegments
            if sub.namespace == "aws" and (aws := sub.aws) is not None:
                # By far the most frequent: looked up without a call, by what most resources are named by.
                resource = (
                    aws.table_name or aws.bucket_name or aws.topic_arn or aws.queue_url or resource_of(aws)
                )
                operation = aws.operation if aws.operation != INVOKE else operation_of(sub, aws)
                name, kind, target = calls[sub.name, operation, resource]
                if aws.request_id is not None:
                    walk.requests += event_id, aws.request_id
            else:
                name, kind, target = self.told(sub, depth, walk)
            if end is None or end < start or sub.in_progress or not event_id.isprintable():
                end = walk.mended_end(sub, start, end)
                if end is None:
                    walk.leave_out(sub, level)
                    continue
            failed = sub.error or sub.fault or sub.throttle or False
            append(Event(event_id, start, end, name, kind, parent_id, parent_name, target, failed))
            if below:
                self._go_below(below, event_id, name, depth, walk)

    def _go_below(self, below: list[Subsegment], event_id: str, name: str, depth: int, walk: Walk) -> None:
        if depth < self._max_depth:
            walk.levels.append((below, event_id, name, depth + 1))
        else:
            walk.problems.append(f"What lies below subsegment {event_id!a} was left out: too deep.")

    def told(self, sub: Subsegment, depth: int, walk: Walk) -> Told:
        """Name, type and target of a step; the walk learns whether it is part of a cold start."""
        namespace = sub.namespace
        if namespace == "aws":
            if sub.aws is None:
                return self._calls[sub.name, None, None]
            return self._calls[sub.name, operation_of(sub, sub.aws), resource_of(sub.aws)]
        if namespace == "remote":
            database = database_call(sub)
            if database is None:
                return self._remote_calls[remote_of(sub)]
            target = database.target
            return database.verb, self._databases[database.system], target and self._names[target]
        name = sub.name
        if depth == 1 and name in LIFECYCLE:
            walk.cold = walk.cold or name in _COLD
            return name, "lifecycle", None
        return self._names[name], "function", None


class Walk:
    """What a walk through the subsegments of one segment has found."""

    __slots__ = ("cold", "events", "levels", "problems", "requests", "still_open")

    def __init__(self, problems: list[str]) -> None:
        self.events: list[Event] = []
        self.levels: list[Level] = []
        self.requests: list[str] = []
        """Ids of steps, each with that of its request behind it."""
        self.problems = problems
        self.cold = False
        """Whether it was a cold start."""
        self.still_open = False
        """Whether any event is."""

    def mended_end(self, sub: Subsegment, start: float, end: float | None) -> float | None:
        """The end of an event that lacks one, or ends before it starts; None where the event is unusable."""
        if end is None or sub.in_progress:
            self.still_open = True
        if end is None:
            end = start
        if not sub.id.isprintable():
            self.problems.append(f"Subsegment {sub.id!a} was left out: its id cannot be printed.")
            return None
        if start - end > _ROUNDING_S:
            early = f"{1e3 * (start - end):,.0f} ms"
            self.problems.append(
                f"Subsegment {sub.id!a} ends {early} before it starts: it counts as having taken no time; "
                "look at the clock of what recorded it."
            )
        return max(start, end)

    def leave_out(self, sub: Subsegment, level: Level) -> None:
        """Put what lies below an unusable event in its place."""
        if sub.subsegments:
            self.levels.append((sub.subsegments, *level[1:]))
