"""Open traces as a snapshot holds them: small, and quick to put away and to take up again."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import astuple, replace

from coldtrail.assembly.trace import Draft, Mark, Source, Trace
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.records.trace_link import TraceLink

Step = tuple[str, float, float, str, str, str | None, str | None, str | None, bool, str]
"""The fields of an `Event`, in their order."""


class HeldSpan(Struct, frozen=True, gc=False, array_like=True):
    """A run as some documents tell of it, or a piece, its steps apart from it."""

    head: Span
    steps: list[Step]
    marks: list[Mark]
    """Which documents told of the steps."""


class Held(Struct, frozen=True, gc=False, array_like=True):
    """An open trace."""

    trace_id: str
    runs: list[list[HeldSpan]]
    """Each in all the ways in which it is told of."""
    pieces: list[HeldSpan]
    links: list[Link]
    marks: list[Mark]
    """Which documents told of the links."""
    copies: list[tuple[Link, Source]]
    """What else is told of links."""
    shown_id: str = ""
    trace_links: list[TraceLink] = []
    is_cut: bool = False


def held(trace_id: str, trace: Trace) -> Held:
    """The trace as it is to be held."""
    pieces = zip(trace.pieces, trace.sources, strict=True)
    return Held(
        trace_id,
        [[_held(one.head, one.events, one.marks) for one in draft.parts] for draft in trace.drafts.values()],
        [_held(piece, piece.steps, [(0, source)]) for piece, source in pieces],
        list(trace.links.values()),
        trace.marks,
        [copy for copies in trace.copies.values() for copy in copies.items()],
        trace.trace_id,
        list(trace.trace_links),
        trace.is_cut,
    )


def released(one: Held) -> Trace:
    """The trace that was held."""
    trace = Trace(one.shown_id)
    trace.is_cut = one.is_cut
    trace.trace_links = dict.fromkeys(one.trace_links)
    for first, *others in one.runs:
        trace.drafts[first.head.span_id or ""] = draft = _draft(first)
        for other in others:
            draft.hold(_draft(other))
    for piece in one.pieces:
        trace.pieces.append(_whole(piece))
        trace.sources.append(piece.marks[0][1])
    trace.links = {link.link_id: link for link in one.links}
    trace.marks = one.marks
    for link, source in one.copies:
        trace.add_copy(link, source)
    trace.events = sum([len(part.steps) + 1 for parts in (*one.runs, one.pieces) for part in parts])
    return trace


def _held(head: Span, events: Sequence[Event], marks: Sequence[Mark]) -> HeldSpan:
    bare = replace(head, steps=()) if head.steps else head
    return HeldSpan(bare, [astuple(one) for one in events], list(marks))


def _draft(part: HeldSpan) -> Draft:
    draft = Draft(_whole(part))
    draft.marks = part.marks
    return draft


def _whole(part: HeldSpan) -> Span:
    return replace(part.head, steps=tuple([Event(*step) for step in part.steps]))
