"""Runs as they are told once their trace is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median_low
from typing import NamedTuple

from msgspec.structs import replace

from coldtrail.assembly.claims import claims
from coldtrail.assembly.copies import united
from coldtrail.assembly.heads import settled
from coldtrail.assembly.merge import most_telling
from coldtrail.assembly.statements import told_as
from coldtrail.assembly.trace import Draft, Mark, Source, source_of
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span


class Part(NamedTuple):
    """Some steps of a run."""

    events: Sequence[Event]
    marks: Sequence[Mark]
    """Which documents told of them."""
    witnesses: tuple[str, ...]


class Run:
    """What is known of one run."""

    __slots__ = ("clashes", "found", "head", "parents", "parts")

    def __init__(self, head: Span, parts: list[Part]) -> None:
        self.head = head
        self.parts = parts
        self.parents: tuple[str | None, ...] = (head.parent_id,)
        """Several where documents contradict each other."""
        self.found: list[Contradiction] = []
        """In what the documents contradict each other."""
        self.clashes: list[tuple[Event, Source]] = []
        """Steps that other documents say to be no steps."""

    @property
    def source(self) -> Source:
        """The first of the documents by name."""
        return min([source for part in self.parts for _, source in part.marks])

    @property
    def events(self) -> Sequence[Event]:
        """All steps, as all documents tell of them, with raw names."""
        if len(self.parts) == 1:
            return self.parts[0].events
        several = len({part.witnesses for part in self.parts}) > 1
        return [event for part in self.parts for event in (_told_by(part) if several else part.events)]

    def steps(
        self, most: int, masked: Callable[[Sequence[Event]], list[Event]], links: Mapping[str, Link]
    ) -> tuple[list[Event], int]:
        """The steps with masked names, at most so many, and how many were left out; what contradicts, also
        what links say of them, is noted."""
        events = self.events
        ids = {event.event_id for event in events}
        if not ids.isdisjoint(links):
            self.clashes = [one for one in self._told() if _clashes(one[0].event_id, links)]
        if len(ids) == len(events):
            kept = most_telling(events, most)
            return masked(kept), len(events) - len(kept)
        told = _each_once(self._told())
        kept = most_telling(list(told), most)
        shown = _each_once((event, told[one]) for event, one in zip(masked(kept), kept, strict=True))
        steps, found = united(shown, self.head.start_time)
        self.found += [told_as(one, self.head.witnesses) for one in found]
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


def runs_of(draft: Draft, middle: Callable[[], float | None]) -> list[Run]:
    """The runs that documents with one id tell of: one, unless they contradict each other in whose it was.

    `middle` gives a time of the trace.
    """
    if draft.others is None:
        return [Run(draft.head, [Part(draft.events, draft.marks, draft.head.witnesses)])]
    parted, found = claims(list(draft.parts))
    runs = []
    for parts in parted:
        starts = [event.start_time for part in parts for event in part.events]
        heads = {replace(part.head, steps=()): part.source for part in parts}
        head, parents, more = settled(heads, median_low(starts) if starts else middle())
        run = Run(head, [Part(part.events, part.marks, part.head.witnesses) for part in parts])
        run.parents, run.found = parents, [*found, *more]
        runs.append(run)
    return runs


def _told_by(part: Part) -> list[Event]:
    """The events, each with the format that told of it; those that know it already stay."""
    witness = part.witnesses[0] if len(part.witnesses) == 1 else ""
    return [event if event.witness else replace(event, witness=witness) for event in part.events]
