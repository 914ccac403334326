"""Which step of which flow a call of the audit log is.

Where the trace names the request of a step that does the same, that is the call's step. Else, since X-Ray's
ids do not stand in CloudTrail, and CloudTrail's times are whole seconds, a call is a step of its function
that does the same to the same resource at the same time, and each step is one call's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from coldtrail.assembly.join.requests import step_key
from coldtrail.assembly.join.rows import NO_KEY
from coldtrail.assembly.masking import Masking
from coldtrail.records.columns import APART, AnyFlow, Shape, ToldStep
from coldtrail.records.flow import Flow
from coldtrail.records.witnesses import ApiCall

TOLERANCE_S = 2.0
"""How far the clocks of two witnesses may be apart."""
WHOLE_S = 1.0
"""Of the audit log's times."""
OWN_WORK = frozenset(("lifecycle", "function", "remote"))
"""Types of steps that are no calls of a cloud's services."""
EXTRA, UNSEEN = -1, -2
"""In place of a step: a call like one that a step tells of (a retry, a page more), and one that none does."""
_SPELT = {"ListObjectsV2": "ListObjects", "InvokeAsync": "Invoke"}
"""Operations that the audit log calls otherwise than programs do."""
_PLATFORMS = frozenset(
    (
        ("Logs", "CreateLogGroup"),
        ("Logs", "CreateLogStream"),
        ("Logs", "PutLogEvents"),
        ("XRay", "PutTraceSegments"),
        ("XRay", "PutTelemetryRecords"),
        ("XRay", "GetSamplingRules"),
        ("XRay", "GetSamplingTargets"),
        ("EC2", "CreateNetworkInterface"),
        ("EC2", "DescribeNetworkInterfaces"),
        ("EC2", "DeleteNetworkInterface"),
    )
)
"""What the platform itself does with a function's role: https://docs.aws.amazon.com/lambda/latest/dg/
lambda-intro-execution-role.html. No trace tells of it."""
_MOST_SHAPES = 50_000
Thing = tuple[str, str]
"""Type and name of a step."""


def is_of_platform(call: ApiCall) -> bool:
    """Whether the platform or a service made a call in a function's name, which its trace does not tell."""
    return call.invoked_by is not None or (call.service, call.operation) in _PLATFORMS


def makes_calls(flow: AnyFlow) -> bool:
    """Whether any step of the flow is a call of a cloud's service."""
    if isinstance(flow, Flow):
        return any(event.event_type not in OWN_WORK for event in flow.events)
    return any(step.kind not in OWN_WORK for step in flow.columns.shape.steps)


class _Step(NamedTuple):
    start: float
    place: int
    end: float
    target: str | None


Places = dict[Thing, list[tuple[int, str | None]]]
"""By what is done, the places of steps, each with its resource."""


class Shapes:
    """Where in runs of each shape what is done, worked out once for all of them."""

    def __init__(self) -> None:
        self._known: dict[Shape, Places] = {}

    def places(self, flow: AnyFlow) -> Places:
        """Where in a flow what is done."""
        if isinstance(flow, Flow):
            return _places((one.event_type, one.event_name, one.event_target_resource) for one in flow.events)
        shape = flow.columns.shape
        known = self._known.get(shape)
        if known is None:
            if len(self._known) > _MOST_SHAPES:
                self._known.clear()
            known = self._known[shape] = _places((one.kind, one.name, one.target) for one in shape.steps)
        return known


def _places(steps: Iterable[tuple[str, str, str | None]]) -> Places:
    out: Places = {}
    for place, (kind, name, target) in enumerate(steps):
        if kind not in OWN_WORK:
            out.setdefault((kind, _SPELT.get(name, name)), []).append((place, target))
    return out


class Candidate:
    """A flow whose steps calls are compared with."""

    __slots__ = ("_by_step", "_places", "access_key", "claimed", "flow", "number")

    def __init__(self, number: int, flow: AnyFlow, shapes: Shapes) -> None:
        self.number, self.flow = number, flow
        self.claimed: set[int] = set()
        self.access_key: str | None = None
        self._places = shapes.places(flow)
        self._by_step: dict[int, int] | None = None

    def place_of(self, step: int) -> int | None:
        """Where the step stands that a key stands for, if it is one of the flow's."""
        if self._by_step is None:
            flow = self.flow
            if isinstance(flow, Flow):
                ids = [event.event_id for event in flow.events]
            else:
                ids = flow.columns.ids.split(APART)
            self._by_step = {step_key(step_id): place for place, step_id in enumerate(ids)}
        return self._by_step.get(step)

    def steps(self, thing: Thing) -> list[_Step]:
        """The steps that do a thing."""
        flow, places = self.flow, self._places.get(thing, ())
        if isinstance(flow, Flow):
            events = flow.events
            return [_Step(events[at].start_time, at, events[at].end_time, target) for at, target in places]
        starts, ends = flow.columns.starts, flow.columns.ends
        return [_Step(starts[at], at, ends[at], target) for at, target in places]

    def take(self, call: ApiCall, step: int) -> None:
        """Takes a call as a step, or as one beside the steps."""
        if step >= 0:
            self.claimed.add(step)
            self.access_key = self.access_key or call.access_key

    def covers(self, time: float) -> bool:
        """Whether the flow may have run at a time of the audit log."""
        return (
            self.flow.start_time < time + WHOLE_S + TOLERANCE_S and self.flow.end_time >= time - TOLERANCE_S
        )

    def rank(self, call: ApiCall) -> tuple[int, float, float, str]:
        """Orders the flows that a call may be of, the likeliest first."""
        key = self.access_key
        of_other = 1 if key is None or call.access_key is None else 0 if key == call.access_key else 2
        start, end = self.flow.start_time, self.flow.end_time
        away = max(start - call.time - WHOLE_S, call.time - end, 0.0)
        return of_other, away, start, self.flow.function_flow_id


class Choice(NamedTuple):
    """Where a call belongs."""

    candidate: Candidate
    step: int
    """Its place, `EXTRA` or `UNSEEN`."""


class Choosing:
    """Chooses the step of each call; calls have to come in the order of their time."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking
        self._targets: dict[tuple[str, str | None], str | None] = {}

    def choice(
        self, call: ApiCall, candidates: Iterable[Candidate], step: int = NO_KEY, *, is_traced: bool
    ) -> Choice | None:
        """Where a call belongs among the flows of its function; None where none of them ran at its time.

        `step` stands for the one that is told to have made the request, if any is. A call is unseen only
        where calls of the function are traced (`is_traced`) and no flow that it may be of has such a step.
        """
        some = [one for one in candidates if one.covers(call.time)]
        if not some:
            return None
        if len(some) > 1:
            some.sort(key=lambda one: one.rank(call))
        if step != NO_KEY:
            for one in some:
                place = one.place_of(step)
                # What a trace tells of itself is a claim: it hides no call behind a step that does otherwise.
                if place is not None and any(known.place == place for known in self._fitting(call, one)):
                    return Choice(one, place)
        taken: Candidate | None = None
        for one in some:
            steps = self._fitting(call, one)
            free = [step for step in steps if step.place not in one.claimed]
            if free:
                return Choice(one, min(free, key=lambda step: (_away(step, call.time), step)).place)
            if steps and taken is None:
                taken = one
        if taken is not None:
            return Choice(taken, EXTRA)
        return Choice(some[0], UNSEEN if is_traced and not is_of_platform(call) else EXTRA)

    def _fitting(self, call: ApiCall, candidate: Candidate) -> list[_Step]:
        """Steps of a flow that do what the call does, about when it did."""
        operation = _SPELT.get(call.operation, call.operation)
        steps = candidate.steps((call.service, operation))
        if not steps:
            return []
        target = self._target(call, candidate.flow)
        return [
            step
            for step in steps
            if _away(step, call.time) <= TOLERANCE_S and (target is None or step.target in (None, target))
        ]

    def _target(self, call: ApiCall, flow: AnyFlow) -> str | None:
        """The call's resource as the flow shows it."""
        known = flow.key.account, call.target
        if known not in self._targets:
            if len(self._targets) > _MOST_SHAPES:
                self._targets.clear()
            told = ToldStep(call.operation, call.service, None, call.target, 1)
            self._targets[known] = self._masking.told([told], flow.key.account)[0].target
        return self._targets[known]


def _away(step: _Step, time: float) -> float:
    """How far a step is from the second that the audit log tells, in seconds."""
    return max(step.start - time - WHOLE_S, time - step.end, 0.0)
