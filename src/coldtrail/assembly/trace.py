"""What is known of a trace while pieces of it may still come.

Nothing is settled before the trace is closed: what documents say differently of one run or link is held side
by side, so that no order of them can hide anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import inf
from operator import attrgetter, itemgetter

from coldtrail.assembly.merge import most_telling
from coldtrail.assembly.watermark import STRAY_S
from coldtrail.records.flow import Event
from coldtrail.records.identity import spelling
from coldtrail.records.telemetry import Link, Span
from coldtrail.records.trace_link import TraceLink

Source = tuple[str, str]
"""The origin and the place of a document."""
NOWHERE: Source = "", ""
Mark = tuple[int, Source]
"""From which item on a document told of them."""
HEAD = attrgetter(
    "function_name", "application_name", "start_time", "end_time", "parent_id", "error", "cold_start",
    "in_progress", "trigger", "caller", "version", "account", "region", "request_id", "witnesses",
    "other_name", "is_named_by_service", "is_outside", "names_owner", "invocation_type",
)  # fmt: skip
_FIRST_OF_MARK = itemgetter(0)
_MOST_MARKS = 1_000


class Draft:
    """A flow while pieces of it may still come: what all documents say of it that tell the same of the run
    itself; what is told otherwise stands in `others`."""

    __slots__ = ("events", "head", "marks", "others")

    def __init__(self, span: Span, source: Source = NOWHERE) -> None:
        self.head = span
        """Without regard to its steps."""
        self.events: Sequence[Event] = span.steps
        """Raw."""
        self.marks: tuple[Mark, ...] | list[Mark] = ((0, source),)
        self.others: dict[object, Draft] | None = None
        """By what they say of the run."""

    def add(self, span: Span, source: Source = NOWHERE) -> Draft:
        """Take what one more document says; gives the draft that now holds its steps."""
        told = HEAD(span)
        if told == HEAD(self.head):
            self.extend(span.steps, source)
            return self
        other = None if self.others is None else self.others.get(told)
        if other is None:
            other = Draft(span, source)
            self.hold(other)
        else:
            other.extend(span.steps, source)
        return other

    def hold(self, other: Draft) -> None:
        """Take what tells otherwise of the run."""
        if self.others is None:
            self.others = {}
        self.others[HEAD(other.head)] = other

    def extend(self, events: Sequence[Event], source: Source) -> None:
        """Take more steps."""
        if not isinstance(self.events, list):
            self.events = list(self.events)
        if not isinstance(self.marks, list):
            self.marks = list(self.marks)
        mark(self.marks, len(self.events), source)
        self.events.extend(events)

    def keep(self, most: int) -> int:
        """How many steps were left out so that at most `most` stay of this part, each as often as it is told
        differently; which documents told of them is then no more known."""
        events = list(dict.fromkeys(self.events))
        self.events = most_telling(events, most)
        self.marks = ((0, NOWHERE),)
        return len(events) - len(self.events)

    @property
    def heads(self) -> int:
        """In how many ways the run is told of."""
        return 1 if self.others is None else 1 + len(self.others)

    @property
    def source(self) -> Source:
        """The first of the documents by name."""
        return min([source for _, source in self.marks])

    @property
    def parts(self) -> Iterator[Draft]:
        """This, and what is told otherwise."""
        yield self
        if self.others:
            yield from self.others.values()


def mark(marks: list[Mark], first: int, source: Source) -> None:
    """Note from which item on a document tells of them; of a flood of documents, the first ones."""
    if len(marks) <= _MOST_MARKS and not (marks and marks[-1][1] == source):
        marks.append((first, source if len(marks) < _MOST_MARKS else NOWHERE))


def source_of(marks: Sequence[Mark], item: int) -> Source:
    """The document that told of an item."""
    place = bisect_right(marks, item, key=_FIRST_OF_MARK) - 1
    return marks[place][1] if place >= 0 else NOWHERE


class Trace:
    """The runs, links and loose pieces of a trace."""

    __slots__ = (
        "copies", "drafts", "events", "is_cut", "links", "marks", "pieces", "sources", "times", "trace_id",
        "trace_links",
    )  # fmt: skip

    def __init__(self, trace_id: str = "") -> None:
        self.trace_id = trace_id
        """As it is to be shown."""
        self.drafts: dict[str, Draft] = {}
        self.links: dict[str, Link] = {}
        """As told first."""
        self.copies: dict[str, dict[Link, Source]] = {}
        """By id, what else is told of links."""
        self.marks: list[Mark] = []
        """Of the links."""
        self.pieces: list[Span] = []
        """Steps that came apart from their run."""
        self.sources: list[Source] = []
        """Of the pieces."""
        self.trace_links: dict[TraceLink, None] = {}
        """What is told of its runs and other traces."""
        self.is_cut = False
        """Whether a document says that parts are missing."""
        self.events = 0
        """How much it holds: runs, their steps, and pieces with theirs."""
        self.times: tuple[float, float] | None = None
        """Of `earliest_and_latest`; None where more has come since."""

    def name(self, trace_id: str) -> None:
        """Take one more spelling of its id."""
        if trace_id != self.trace_id:
            self.trace_id = spelling(trace_id, self.trace_id or trace_id)

    def add_copy(self, link: Link, source: Source) -> bool:
        """Take what a document says otherwise of a link; whether there is more to hold than before."""
        copies = self.copies.setdefault(link.link_id, {})
        before = len(copies)
        copies[link] = min(source, copies.get(link, source))
        return len(copies) > before

    @property
    def number_of_links(self) -> int:
        """How many links it holds, as often as they are told differently."""
        copies = sum([len(copies) for copies in self.copies.values()])
        return len(self.links) + copies + len(self.trace_links)

    def earliest_and_latest(self) -> tuple[float, float]:
        """The first and the last time that anything held speaks of; infinite where nothing has a time.

        What lies days away from most of it does not count: one wrong date must not hold a trace open.
        """
        if self.times is None:
            told: list[float | None] = []
            for draft in self.drafts.values():
                for part in draft.parts:
                    _add_times(part.head, part.events, told)
            for piece in self.pieces:
                _add_times(piece, piece.steps, told)
            for link in self.links.values():
                told += link.start_time, link.end_time
            told += [link.time for link in self.trace_links]
            known = [time for time in told if time is not None]
            self.times = _without_strays(known) if known else (inf, inf)
        return self.times


def _without_strays(times: list[float]) -> tuple[float, float]:
    first, last = min(times), max(times)
    if last - first > STRAY_S:
        times.sort()
        middle = times[len(times) // 2]
        near = [time for time in times if abs(time - middle) <= STRAY_S]
        return near[0], near[-1]
    return first, last


def _add_times(head: Span, events: Sequence[Event], told: list[float | None]) -> None:
    told += head.start_time, head.end_time
    told += [event.start_time for event in events]
    told += [event.end_time for event in events]
