"""What is known of a trace while pieces of it may still come."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from operator import attrgetter

from msgspec.structs import replace

from coldtrail.assembly.merge import each_once, merged_heads
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span

_EARLIEST = attrgetter("start_time", "event_id")
_HEAD = attrgetter(
    "function_name", "application_name", "start_time", "end_time", "parent_id", "error", "cold_start",
    "in_progress", "trigger", "caller", "version", "account", "region", "request_id", "witnesses",
)  # fmt: skip


class Draft:
    """A flow while pieces of it may still come."""

    __slots__ = ("events", "head")

    def __init__(self, span: Span) -> None:
        self.head = span
        self.events: Sequence[Event] = span.steps
        """Raw."""

    def add(self, span: Span) -> None:
        """Take what one more document says."""
        self.extend(span.steps, span.witnesses)
        if _HEAD(span) != _HEAD(self.head):
            self.head = merged_heads(self.head, span)

    def extend(self, events: Sequence[Event], witnesses: tuple[str, ...]) -> None:
        """Take more steps, of which such formats told."""
        if witnesses != self.head.witnesses:
            self.events = _told_by(self.head.witnesses, self.events)
            events = _told_by(witnesses, events)
        if not isinstance(self.events, list):
            self.events = list(self.events)
        self.events.extend(events)

    def keep_earliest(self, most: int) -> int:
        """How many events were left out so that at most `most` stay, each once."""
        events = each_once(self.events)
        self.events = sorted(events, key=_EARLIEST)[:most] if len(events) > most else events
        return len(events) - len(self.events)


def _told_by(witnesses: tuple[str, ...], events: Sequence[Event]) -> list[Event]:
    """The events, each with the format that told of it; those that know it already stay."""
    witness = witnesses[0] if len(witnesses) == 1 else ""
    return [event if event.witness else replace(event, witness=witness) for event in events]


class Trace:
    """The runs, links and loose pieces of a trace."""

    __slots__ = ("callers", "drafts", "events", "links", "pieces", "times")

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
        self.links: dict[str, Link] = {}
        self.pieces: list[Span] = []
        """Steps that came apart from their run."""
        self.events = 0
        """How much it holds: runs, their steps, and pieces with theirs."""
        self.callers: dict[str, tuple[Event, Span]] | None = None
        """Each step by its id, and whose run took it; made when first asked for."""
        self.times: tuple[float, float] | None = None
        """Of `earliest_and_latest`; None where more has come since."""

    @property
    def number_of_links(self) -> int:
        """How many links it holds."""
        return len(self.links)

    def earliest_and_latest(self) -> tuple[float, float]:
        """The first and the last time that anything held speaks of; infinite where nothing has a time."""
        if self.times is None:
            told: list[float | None] = []
            for draft in self.drafts.values():
                _add_times(draft.head, draft.events, told)
            for piece in self.pieces:
                _add_times(piece, piece.steps, told)
            for link in self.links.values():
                told += link.start_time, link.end_time
            known = [time for time in told if time is not None]
            self.times = min(known, default=inf), max(known, default=inf)
        return self.times


def _add_times(head: Span, events: Sequence[Event], told: list[float | None]) -> None:
    told += head.start_time, head.end_time
    told += [event.start_time for event in events]
    told += [event.end_time for event in events]
