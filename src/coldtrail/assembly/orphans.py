"""Work whose parent is missing from its trace, and whose it is all the same.

A record that is lost leaves what lies below it without an owner. Where it lies in the time of one run of a
function, and no other can have done it, it is that run's: it is judged, and the run is known to lack parts.
Otherwise it is told, and every run of the trace may lack it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from operator import attrgetter
from typing import NamedTuple

from msgspec.structs import replace

from coldtrail.assembly.forms import ROUNDING_S
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.nesting import Place, take
from coldtrail.assembly.runs import Run
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.records.flow import Event
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Span

ADOPTED = "steps taken up without their parent"
_MOST_ABOVE = 1_000
_MOST_NAMED = 3
_BY_START = attrgetter("start_time", "event_id")


class Settled(NamedTuple):
    """What became of work whose parent is missing."""

    adopted: int
    """Steps that are now those of a run."""
    lost: list[Run]


def settle(orphans: Sequence[Run], runs: Sequence[Run], links: Mapping[str, Link]) -> Settled:
    """Gives each of the orphans to the run whose work it can only be."""
    some = [orphan for orphan in orphans if orphan.events]
    if not some:
        return Settled(0, [])
    above = _Above(runs, links)
    decided = [(orphan, _Possible(orphan, runs, above)) for orphan in some]
    adopted, lost = 0, []
    for orphan, possible in decided:
        owner = possible.owner()
        if owner is not None:
            adopted += len({event.event_id for event in orphan.events})
            _adopt(owner, orphan)
        elif possible.is_work(links):
            lost.append(orphan)
    return Settled(adopted, lost)


def _adopt(owner: Run, orphan: Run) -> None:
    """Make the steps the run's: nothing else of what they tell is believed of it."""
    orphan.head = replace(
        orphan.head,
        request_id=None,
        account=None,
        region=None,
        version=None,
        invocation_type=None,
        trigger=None,
        caller=None,
        error=False,
    )
    take(Place(owner, None), orphan)
    owner.lack_parts()


class _Above:
    """What stands above the runs of a trace, by all ways."""

    def __init__(self, runs: Sequence[Run], links: Mapping[str, Link]) -> None:
        self._links = links
        self._parents = {run.head.span_id: run.parents for run in runs}
        self._takers = {event.event_id: run.head.span_id for run in runs for event in run.events}

    def of(self, run: Run) -> set[str]:
        """The ids of links, steps and runs above one."""
        waiting = [one for one in run.parents if one is not None]
        seen = set(waiting)
        # `waiting` grows while it is walked.
        for one in waiting:
            if len(seen) > _MOST_ABOVE:
                break
            more = [one for one in self._next(one) if one is not None and one not in seen]
            waiting += more
            seen.update(more)
        return seen

    def _next(self, at: str) -> Iterable[str | None]:
        if at in self._links:
            yield self._links[at].parent_id
        yield self._takers.get(at)
        yield from self._parents.get(at, ())


class _Possible:
    """The runs of functions that ran while some work whose parent is missing was done."""

    def __init__(self, orphan: Run, runs: Sequence[Run], above: _Above) -> None:
        self._orphan = orphan
        self._first, self._last = _times(orphan)
        own = {orphan.head.span_id, *[event.event_id for event in orphan.events]}
        apart = [run for run in runs if own.isdisjoint(above.of(run))]
        self._calls = len(apart) < len(runs)
        self._has_runs = bool(runs)
        self._meanwhile = [run for run in apart if not run.head.is_outside and self._overlaps(run)]

    def owner(self) -> Run | None:
        """The run whose work it can only be."""
        head = self._orphan.head
        able = [run for run in self._meanwhile if _may_own(run.head, head)]
        named = [run for run in able if head.other_name in (run.head.function_name, run.head.other_name)]
        (owner,) = named if len(named) == 1 else able if len(able) == 1 else (None,)
        return owner if owner is not None and self._contains(owner) else None

    def is_work(self, links: Mapping[str, Link]) -> bool:
        """Whether it may be the work of a function at all; a service that calls functions is none."""
        head = self._orphan.head
        if head.span_id is None or self._meanwhile:
            return True
        if head.parent_id is None or self._calls:
            return False
        return self._has_runs or any(link.role == "invocation" for link in links.values())

    def _overlaps(self, run: Run) -> bool:
        start, end = _span_of(run)
        return start - ROUNDING_S <= self._last and self._first <= end + ROUNDING_S

    def _contains(self, run: Run) -> bool:
        start, end = _span_of(run)
        return start - ROUNDING_S <= self._first and self._last <= end + ROUNDING_S


def _may_own(run: Span, orphan: Span) -> bool:
    """Whether nothing that both say tells that it is another's work."""
    places = ((run.account, orphan.account), (run.region, orphan.region))
    if any(None not in pair and pair[0] != pair[1] for pair in places):
        return False
    is_sure = orphan.names_owner and orphan.is_named_by_service <= run.is_named_by_service
    return not is_sure or orphan.other_name in (run.function_name, run.other_name)


def _times(run: Run) -> tuple[float, float]:
    starts = [event.start_time for event in run.events]
    ends = [event.end_time for event in run.events]
    head = run.head
    starts += [] if head.start_time is None else [head.start_time]
    ends += [] if head.end_time is None else [head.end_time]
    return min(starts), max(ends)


def _span_of(run: Run) -> tuple[float, float]:
    """When a run ran; one that is still open may go on."""
    head = run.head
    start = head.start_time
    if start is None:
        start = min([event.start_time for event in run.events], default=-inf)
    if head.end_time is not None:
        return start, head.end_time
    return start, inf if head.in_progress else max([event.end_time for event in run.events], default=inf)


def tell_orphans(lost: Sequence[Run], trace_id: str, masking: Masking, tally: Tally) -> None:
    """Tells what was done of which no run is known."""
    for run in lost:
        number = len({event.event_id for event in run.events})
        what = _named(run.events, masking, run.head.account or "")
        reason = (
            f"{what} could be given to no run of a function, since the record above is missing; flows of the "
            "trace count as incomplete: fetch the trace again, or see why parts of it are not sent."
        )
        tally.lose("work without a run", origin=f"trace {trace_id}", reason=reason, number=number)


def _named(events: Sequence[Event], masking: Masking, home: str) -> str:
    """What was done, calls first."""
    ordered = sorted(events, key=lambda one: (one.event_type in NO_RESOURCE_TYPES, _BY_START(one)))
    names = dict.fromkeys(_name(one) for one in masking.steps(ordered, home))
    told = list(names)[:_MOST_NAMED]
    rest = len(names) - len(told)
    return ", ".join(told) + (f" and {rest:,} more" if rest else "")


def _name(event: Event) -> str:
    if event.event_type in NO_RESOURCE_TYPES:
        return event.event_name
    return f"{event.event_type} {event.event_name}"
