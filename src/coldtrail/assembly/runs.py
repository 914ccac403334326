"""Runs as they are told once their trace is closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median_low

from msgspec.structs import replace

from coldtrail.assembly.claims import claims
from coldtrail.assembly.copies import united
from coldtrail.assembly.heads import settled
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.merge import most_telling
from coldtrail.assembly.statements import told_as
from coldtrail.assembly.trace import Draft, Source, source_of
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span


class Run:
    """What is known of one run."""

    __slots__ = ("clashes", "events", "found", "head", "parents", "parts")

    def __init__(self, head: Span, parts: list[Draft]) -> None:
        self.head = head
        self.parts = parts
        self.events: Sequence[Event] = parts[0].events if len(parts) == 1 else _all_of(parts)
        """All steps, as all documents tell of them, with raw names."""
        self.parents: tuple[str | None, ...] = (head.parent_id,)
        """Several where documents contradict each other."""
        self.found: Sequence[Contradiction] = ()
        """In what the documents contradict each other."""
        self.clashes: Sequence[tuple[Event, Source]] = ()
        """Steps that other documents say to be no steps."""

    @property
    def source(self) -> Source:
        """The first of the documents by name."""
        return min([source for part in self.parts for _, source in part.marks])

    def lack_parts(self) -> None:
        """Note that parts of it may be missing."""
        if not self.head.in_progress:
            self.head = replace(self.head, in_progress=True)

    def take(self, more: Sequence[Draft]) -> None:
        """Take steps that came apart from it."""
        self.parts = [*self.parts, *more]
        self.events = _all_of(self.parts)

    def steps(
        self, most: int, masking: Masking, home: str, links: Mapping[str, Link]
    ) -> tuple[list[Event], int]:
        """The steps with names as a function of the home account shows them, at most so many, and how many
        were left out; what contradicts, also what links say of them, is noted."""
        events = self.events
        ids = {event.event_id for event in events}
        if not ids.isdisjoint(links):
            self.clashes = [one for one in self._told() if _clashes(one[0].event_id, links)]
        if len(ids) == len(events):
            kept = most_telling(events, most)
            return masking.steps(kept, home), len(events) - len(kept)
        told = _each_once(self._told())
        kept = most_telling(list(told), most)
        pairs = zip(masking.steps(kept, home), kept, strict=True)
        shown = _each_once((event, told[one]) for event, one in pairs)
        steps, found = united(shown, self.head.start_time)
        self.found = [*self.found, *[told_as(one, self.head.witnesses) for one in found]]
        return steps, len(told) - len(kept)

    def _told(self) -> Iterator[tuple[Event, Source]]:
        """The steps, each with the document that told of it."""
        sources = [source_of(part.marks, place) for part in self.parts for place in range(len(part.events))]
        return zip(self.events, sources, strict=True)


def _clashes(step_id: str, links: Mapping[str, Link]) -> bool:
    """Whether something else has the id of a step; a hop is the step itself where it was sent alone."""
    return step_id in links and links[step_id].role != "hop"


def _each_once(told: Iterable[tuple[Event, Source]]) -> dict[Event, Source]:
    out: dict[Event, Source] = {}
    for event, source in told:
        out[event] = min(source, out.get(event, source))
    return out


def runs_of(draft: Draft, middle: float | None) -> list[Run]:
    """The runs that documents with one id tell of, of which several say different things: one, unless they
    contradict each other in whose it was; `middle` is a time of the trace."""
    parted, found = claims(list(draft.parts))
    runs = []
    for parts in parted:
        starts = [event.start_time for part in parts for event in part.events]
        heads = {replace(part.head, steps=()): part.source for part in parts}
        head, parents, more = settled(heads, median_low(starts) if starts else middle)
        run = Run(head, [*parts])
        run.parents, run.found = parents, [*found, *more]
        runs.append(run)
    return runs


def _all_of(parts: Sequence[Draft]) -> list[Event]:
    several = len({part.head.witnesses for part in parts}) > 1
    return [event for part in parts for event in (_told_by(part) if several else part.events)]


def _told_by(part: Draft) -> list[Event]:
    """The events, each with the format that told of it; those that know it already stay."""
    witness = part.head.witnesses[0] if len(part.head.witnesses) == 1 else ""
    return [event if event.witness else replace(event, witness=witness) for event in part.events]
