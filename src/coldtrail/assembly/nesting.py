"""Runs and parts of a trace that lie in another run: the function's own work, told in a record of its own.

A tracer in a function may know nothing of the platform that runs it: it begins a record of its own below the
function's, and what the function does hangs there. Where the way up from such a record leads to a run without
passing a call, it lies in that run. Another service answers a call, and lies in none. Whose a part is of
which nothing tells what is above, is left to `orphans.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

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


class Place:
    """Where something lies: in a run or a part, below one of its steps or directly below it."""

    __slots__ = ("run", "step")

    def __init__(self, run: Run, step: Event | None) -> None:
        self.run, self.step = run, step


class _End(Enum):
    """How a way up ends that leads to no run or part."""

    OTHERS = "a call, or another service"
    NOWHERE = "nothing that is told"


class Nested(NamedTuple):
    """What became of what may lie in runs."""

    is_any: bool = False
    """Whether any of the runs lay in another, or was a part."""
    orphans: Sequence[Run] = ()
    """Parts, with those below them, of which nothing tells where they lie."""
    others: Sequence[Run] = ()
    """Steps that came apart, and lie in something that is no run."""


def nest(runs: dict[str, list[Run]], links: Mapping[str, Link]) -> Nested:
    """Take out the runs that lie in another, and the parts: their steps are now those of the run that they
    lie in."""
    _leave_callers(runs, links)
    some = [
        (run_id, run)
        for run_id in sorted(runs)
        for run in runs[run_id]
        if not run.head.function_name or _may_lie(run, runs, links)
    ]
    if not some:
        return Nested()
    nested = _Nesting(runs, links)
    placed = [(run_id, run, nested.place(run)) for run_id, run in some]
    parts = [run for _, run, place in placed if place is None and not run.head.function_name]
    orphans = nested.by_top([run for run in parts if nested.is_orphan(run)])
    for _, run, place in placed:
        if place is not None:
            take(place, run)
    for run, place in orphans:
        if place is not None:
            take(place, run)
    out = [(run_id, run) for run_id, run, place in placed if place is not None or not run.head.function_name]
    for run_id, run in out:
        runs[run_id].remove(run)
        if not runs[run_id]:
            del runs[run_id]
    known = {id(run) for run, _ in orphans}
    others = [run for run in parts if run.head.span_id is None and id(run) not in known]
    return Nested(bool(out), [run for run, place in orphans if place is None], others)


def _leave_callers(runs: dict[str, list[Run]], links: Mapping[str, Link]) -> None:
    """Leave out parts without a parent that lead to a run: what calls a function is no run's work."""
    roots = [one for one, (run, *_) in runs.items() if run.parents == (None,) and not run.head.function_name]
    if not roots:
        return
    functions = [run for some in runs.values() for run in some if run.head.function_name]
    seen: set[str | None] = {None}
    for start in [parent for run in functions for parent in run.parents]:
        at = start
        while at not in seen:
            seen.add(at)
            link = links.get(at or "")
            at = None if link is None else link.parent_id
    for one in seen.intersection(roots):
        del runs[one or ""]


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
        self._invoked = _invoked(runs, links)
        self._known: dict[int, Place | None] = {}

    def place(self, run: Run) -> Place | None:
        """The run that this one lies in at last, and the step below which its steps belong."""
        if id(run) not in self._known:
            self._known[id(run)] = None  # who is above itself lies nowhere
            self._known[id(run)] = self._placed(run)
        return self._known[id(run)]

    def _placed(self, run: Run) -> Place | None:
        for above in self._all_above(run):
            if isinstance(above, _End):
                continue
            outer = self.place(above.run) or above
            if outer.run.head.function_name and outer.run is not run and _belongs(run.head, outer.run.head):
                return Place(outer.run, above.step or (outer.step if outer is not above else None))
        return None

    def is_orphan(self, part: Run) -> bool:
        """Whether nothing tells where a part lies that was placed nowhere."""
        seen = [part]
        while True:
            ways = list(self._all_above(seen[-1]))
            if _End.OTHERS in ways:
                return False
            above = next((way.run for way in ways if isinstance(way, Place)), None)
            if above is None or above.head.function_name or above in seen:
                return True
            seen.append(above)

    def by_top(self, orphans: Sequence[Run]) -> list[tuple[Run, Place | None]]:
        """The orphans, each with where it lies in the outermost one that it is part of, if it is of one."""
        places = [self._top(run) for run in orphans]
        tops = {id(run) for run, place in zip(orphans, places, strict=True) if place is None}
        return [
            (run, None if place is None or id(place.run) not in tops else place)
            for run, place in zip(orphans, places, strict=True)
        ]

    def _top(self, part: Run) -> Place | None:
        """Where an orphan lies in the outermost one that it is part of; None for that, and in a circle."""
        seen, step = [part], None
        while True:
            ways = self._all_above(seen[-1])
            above = next((way for way in ways if isinstance(way, Place)), None)
            if above is None or above.run.head.function_name:
                return Place(seen[-1], step) if len(seen) > 1 else None
            if above.run in seen:
                return None
            step = step or above.step
            seen.append(above.run)

    def _all_above(self, run: Run) -> Iterable[Place | _End]:
        for parent in run.parents:
            yield _End.NOWHERE if parent is None else self._above(run, parent)

    def _above(self, run: Run, at: str) -> Place | _End:
        """The nearest run or part on the way up that leads through no call."""
        for _ in range(_MOST_HOPS):
            if at in self._runs:
                return Place(self._runs[at][0], None)
            if at in self._steps:
                step, owner = self._steps[at]
                if owner is run:
                    return _End.NOWHERE
                return _End.OTHERS if self._is_in_call(step) else Place(owner, step)
            link = self._links.get(at)
            if link is not None and link.role == "invocation" and not run.head.function_name:
                invoked = self._invoked.get(at, ())
                return Place(invoked[0], None) if len(invoked) == 1 else _End.NOWHERE
            if link is not None and link.role != "hop":
                return _End.OTHERS
            if link is None or link.parent_id is None:
                return _End.NOWHERE
            at = link.parent_id
        return _End.NOWHERE

    def _is_in_call(self, step: Event) -> bool:
        """Whether a step is a call of something, or part of one."""
        for _ in range(_MOST_HOPS):
            if step.event_type not in NO_RESOURCE_TYPES:
                return True
            if step.event_parent_id not in self._steps:
                return False
            step = self._steps[step.event_parent_id][0]
        return True


def _invoked(runs: Mapping[str, Sequence[Run]], links: Mapping[str, Link]) -> dict[str, list[Run]]:
    """The runs of functions by the platform's record of their invocation."""
    found: dict[str, list[Run]] = {}
    for run_id in sorted(runs):
        for run in runs[run_id]:
            for parent in run.parents if run.head.function_name else ():
                link = None if parent is None else _first_but_hops(parent, links)
                if link is not None and link.role == "invocation":
                    found.setdefault(link.link_id, []).append(run)
    return found


def _first_but_hops(at: str, links: Mapping[str, Link]) -> Link | None:
    link = links.get(at)
    for _ in range(_MOST_HOPS):
        if link is None or link.role != "hop":
            return link
        link = None if link.parent_id is None else links.get(link.parent_id)
    return None


def _belongs(head: Span, outer: Span) -> bool:
    """Whether what is told may be the work of a run: of the same function, as far as both say."""
    if head.is_named_by_service and not outer.is_named_by_service:
        return True
    told = (head.function_name or None, head.account, head.region)
    return all(
        None in pair or pair[0] == pair[1]
        for pair in zip(told, (outer.function_name, outer.account, outer.region), strict=True)
    )


def take(place: Place, inner: Run) -> None:
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
        invocation_type=head.invocation_type or inner.invocation_type,
        trigger=head.trigger or (inner.trigger if has_root else None),
        caller=head.caller or (inner.caller if has_root else None),
        error=head.error or inner.error,
        cold_start=head.cold_start or inner.cold_start,
        in_progress=head.in_progress or inner.in_progress,
        witnesses=tuple(sorted({*head.witnesses, *inner.witnesses})),
    )
