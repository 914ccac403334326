"""A trace that is closed: its runs and links, and in what its documents contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median_low

from coldtrail.assembly.forms import apart
from coldtrail.assembly.links import MOST_WAYS
from coldtrail.assembly.links import settled as settled_links
from coldtrail.assembly.nesting import nest
from coldtrail.assembly.orphans import settle
from coldtrail.assembly.pieces import attach, gathered
from coldtrail.assembly.runs import Run, runs_of
from coldtrail.assembly.trace import Source, Trace, source_of
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.records.trace_link import TraceLink

_MOST_HOPS = 100
Step = tuple[Event, Span]
"""A step, and the run that took it."""


class Closed:
    """A trace of which no more comes."""

    def __init__(self, trace: Trace) -> None:
        self.trace_id = trace.trace_id
        self.links = trace.links
        self._marks = trace.marks
        self._places: dict[str, int] | None = None
        self.ways: dict[str, list[Link]] = {}
        """By id, links of which documents contradict each other."""
        self.found: dict[str, Contradiction] = {}
        """By id, in what they do."""
        self.has_pieces = bool(trace.pieces)
        self.trace_links: dict[str, list[TraceLink]] = defaultdict(list)
        """By the run, or the invocation, that they lead to."""
        for link in trace.trace_links:
            self.trace_links[link.link_id].append(link)
        self.has_twins = True
        if trace.copies:
            self._settle_links(trace)
        self.runs: dict[str, list[Run]] = {
            run_id: [Run(draft.head, [draft])] if draft.others is None else runs_of(draft, _middle(trace))
            for run_id, draft in trace.drafts.items()
        }
        """By id; several where documents contradict each other in whose a run was."""
        loose = attach(trace.pieces, trace.sources, self.runs) if trace.pieces else []
        loose = [piece for piece in loose if not _is_of_service(piece, self.links)]
        if loose:
            sources = {id(piece): one for piece, one in zip(trace.pieces, trace.sources, strict=True)}
            self.runs |= gathered(loose, sources)
        nested = nest(self.runs, self.links)
        if nested.is_any:
            self.has_pieces = True
        self.each_run = [run for runs in self.runs.values() for run in runs]
        settled = settle(nested.orphans, self.each_run, self.links)
        self.adopted = settled.adopted
        """How many steps whose parent is missing were given to the run in whose time they lie."""
        self.lost = [*settled.lost, *nested.others]
        """Steps that belong to no run."""
        if self.lost or trace.is_cut:
            for run in self.each_run:
                run.lack_parts()
        self._callers: dict[str, Step] | None = None
        self._several: dict[str, list[Step]] = {}
        """Where steps are told several times."""

    def _settle_links(self, trace: Trace) -> None:
        for link_id, copies in trace.copies.items():
            first = trace.links[link_id]
            links, found = settled_links({**copies, first: self.source_of_link(link_id)})
            self.links[link_id] = links[0]
            if found is not None:
                self.ways[link_id], self.found[link_id] = links, found

    @property
    def parents(self) -> list[str | None]:
        """Of all runs, as any document tells them."""
        return [parent for run in self.each_run for parent in run.parents]

    def run_at(self, run_id: str) -> Span | None:
        """The run with an id, where there is one."""
        return self.runs[run_id][0].head if run_id in self.runs else None

    def source_of_link(self, link_id: str) -> Source:
        """The document that told of a link first."""
        if self._places is None:
            self._places = {one: place for place, one in enumerate(self.links)}
        return source_of(self._marks, self._places[link_id])

    def source_of_run(self, run_id: str) -> Source:
        """A document that told of a run."""
        return min([run.source for run in self.runs[run_id]])

    @property
    def has_shared_steps(self) -> bool:
        """Whether several runs are said to have taken one step, as far as steps were asked for."""
        return bool(self._several)

    def steps(self, step_id: str) -> list[Step]:
        """The steps with an id, and whose they are: several where documents contradict each other."""
        if self._callers is None:
            runs = [run for run_id in sorted(self.runs) for run in self.runs[run_id]]
            self._callers = {event.event_id: (event, run.head) for run in runs for event in run.events}
            if len(self._callers) < sum([len(run.events) for run in runs]):
                self._several = _several(runs)
        if self._several:
            return self._several.get(step_id, [])
        one = self._callers.get(step_id)
        return [] if one is None else [one]


def _is_of_service(piece: Span, links: Mapping[str, Link]) -> bool:
    """Whether steps are those of a service, and of no function: links lead from each to its record."""
    if any(event.event_id not in links for event in piece.steps):
        return False
    at = piece.parent_id
    for _ in range(_MOST_HOPS):
        link = None if at is None else links.get(at)
        if link is None:
            return False
        if link.role != "hop":
            return True
        at = link.parent_id
    return False


def _several(runs: Sequence[Run]) -> dict[str, list[Step]]:
    """Each step by its id, with the runs that took it."""
    copies: dict[str, list[tuple[Span, list[Event]]]] = defaultdict(list)
    for run in runs:
        alike: dict[str, list[Event]] = defaultdict(list)
        for event in run.events:
            alike[event.event_id].append(event)
        for event_id, events in alike.items():
            copies[event_id].append((run.head, events))
    return {
        event_id: [(event, head) for head, events in some[:MOST_WAYS] for event in apart(events)[:MOST_WAYS]]
        for event_id, some in copies.items()
    }


def _middle(trace: Trace) -> float | None:
    """A time of the trace."""
    told = [link.start_time for link in trace.links.values()]
    told += [part.head.start_time for draft in trace.drafts.values() for part in draft.parts]
    known = [time for time in told if time is not None]
    return median_low(known) if known else None
