"""Runs and parts of a trace that lie in another run: the function's own work, told in a record of its own.

A tracer in a function may know nothing of the platform that runs it: it begins a record of its own below the
function's, and what the function does hangs there. Where the way up from such a record leads to a run without
passing a call, it lies in that run. Another service answers a call, and lies in none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from coldtrail.assembly.forms import ROUNDING_S
from coldtrail.assembly.pieces import below
from coldtrail.assembly.runs import Run
from coldtrail.assembly.trace import Draft
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span

_MOST_HOPS = 100
_INVOCATION = "Invocation"


class _Place:
    """Where something lies: in a run or a part, below one of its steps or directly below it."""

    __slots__ = ("run", "step")

    def __init__(self, run: Run, step: Event | None) -> None:
        self.run, self.step = run, step


def nest(runs: dict[str, list[Run]], links: Mapping[str, Link]) -> bool:
    """Whether any of the runs lay in another, or was a part: those are taken out, and their steps are now
    those of the run that they lie in."""
    some = [
        (run_id, run)
        for run_id in sorted(runs)
        for run in runs[run_id]
        if not run.head.function_name or _may_lie(run, runs, links)
    ]
    if not some:
        return False
    nested = _Nesting(runs, links)
    placed = [(run_id, run, nested.place(run)) for run_id, run in some]
    for _, run, place in placed:
        if place is not None:
            _take(place, run)
    out = [(run_id, run) for run_id, run, place in placed if place is not None or not run.head.function_name]
    for run_id, run in out:
        runs[run_id].remove(run)
        if not runs[run_id]:
            del runs[run_id]
    return bool(out)


def _may_lie(run: Run, runs: Mapping[str, Sequence[Run]], links: Mapping[str, Link]) -> bool:
    """Whether a function's run can lie in another: not where the platform's record stands above it."""
    parents = [parent for parent in run.parents if parent is not None]
    return len(runs) > 1 and any(parent not in links or links[parent].role == "hop" for parent in parents)


class _Nesting:
    """Finds out what lies where in one trace."""

    def __init__(self, runs: Mapping[str, Sequence[Run]], links: Mapping[str, Link]) -> None:
        self._runs, self._links = runs, links
        self._steps: dict[str, tuple[Event, Run]] = {}
        for run_id in sorted(runs, reverse=True):
            for run in runs[run_id]:
                for event in run.events:
                    self._steps[event.event_id] = event, run
        self._known: dict[int, _Place | None] = {}

    def place(self, run: Run) -> _Place | None:
        """The run that this one lies in at last, and the step below which its steps belong."""
        if id(run) not in self._known:
            self._known[id(run)] = None  # who is above itself lies nowhere
            self._known[id(run)] = self._placed(run)
        return self._known[id(run)]

    def _placed(self, run: Run) -> _Place | None:
        for parent in run.parents:
            above = None if parent is None else self._above(run, parent)
            if above is None:
                continue
            outer = self.place(above.run) or above
            if outer.run.head.function_name and outer.run is not run and _belongs(run.head, outer.run.head):
                return _Place(outer.run, above.step or (outer.step if outer is not above else None))
        return None

    def _above(self, run: Run, at: str) -> _Place | None:
        """The nearest run or part on the way up that leads through no call."""
        for _ in range(_MOST_HOPS):
            if at in self._runs:
                return _Place(self._runs[at][0], None)
            if at in self._steps:
                step, owner = self._steps[at]
                return None if owner is run or self._is_in_call(step) else _Place(owner, step)
            link = self._links.get(at)
            if link is None or link.role != "hop" or link.parent_id is None:
                return None
            at = link.parent_id
        return None

    def _is_in_call(self, step: Event) -> bool:
        """Whether a step is a call of something, or part of one."""
        for _ in range(_MOST_HOPS):
            if step.event_type not in NO_RESOURCE_TYPES:
                return True
            if step.event_parent_id not in self._steps:
                return False
            step = self._steps[step.event_parent_id][0]
        return True


def _belongs(head: Span, outer: Span) -> bool:
    """Whether what is told may be the work of a run: of the same function, as far as both say."""
    if head.is_named_by_service and not outer.is_named_by_service:
        return True
    told = (head.function_name or None, head.account, head.region)
    return all(
        None in pair or pair[0] == pair[1]
        for pair in zip(told, (outer.function_name, outer.account, outer.region), strict=True)
    )


def _take(place: _Place, inner: Run) -> None:
    """Make the steps of what lies in a run the run's own, and let it know what that knows besides."""
    run, step = place.run, place.step
    if step is None:
        step = _invocation(run, inner.head)
    step_id, name = (None, None) if step is None else (step.event_id, step.event_name)
    drafts = []
    for part in inner.parts:
        events = tuple([below(_loose(event, inner.head), step_id, name) for event in part.events])
        draft = Draft(replace(part.head, steps=events))
        draft.marks = part.marks
        drafts.append(draft)
    run.take(drafts)
    run.found = [*run.found, *inner.found]
    run.head = _completed(run, inner.head)


def _loose(event: Event, inner: Span) -> Event:
    """The step, which names no more as its parent what will be no record of its own."""
    if event.event_parent_id != inner.span_id:
        return event
    return replace(event, event_parent_id=None, event_parent_name=None)


def _invocation(run: Run, inner: Span) -> Event | None:
    """The platform's step in which the function's code ran, if the times say that it ran then."""
    for event in run.events:
        if event.event_name == _INVOCATION and event.event_type == "lifecycle":
            start = inner.start_time
            if start is None or event.start_time - ROUNDING_S <= start <= event.end_time + ROUNDING_S:
                return event
    return None


def _completed(run: Run, inner: Span) -> Span:
    head, has_root = run.head, run.parents == (None,)
    return replace(
        head,
        request_id=head.request_id or inner.request_id,
        account=head.account or inner.account,
        region=head.region or inner.region,
        version=head.version or inner.version,
        trigger=head.trigger or (inner.trigger if has_root else None),
        caller=head.caller or (inner.caller if has_root else None),
        error=head.error or inner.error,
        cold_start=head.cold_start or inner.cold_start,
        in_progress=head.in_progress or inner.in_progress,
        witnesses=tuple(sorted({*head.witnesses, *inner.witnesses})),
    )
