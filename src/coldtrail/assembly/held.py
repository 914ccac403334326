"""Open traces as a snapshot holds them: small, and quick to put away and to take up again."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import astuple, replace

from coldtrail.assembly.trace import Draft, Trace
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span

Step = tuple[str, float, float, str, str, str | None, str | None, str | None, bool, str]
"""The fields of an `Event`, in their order."""


class HeldSpan(Struct, frozen=True, gc=False, array_like=True):
    """A run or a piece, its steps apart from it."""

    head: Span
    steps: list[Step]


class Held(Struct, frozen=True, gc=False, array_like=True):
    """An open trace."""

    trace_id: str
    runs: list[HeldSpan]
    pieces: list[HeldSpan]
    links: list[Link]


def held(trace_id: str, trace: Trace) -> Held:
    """The trace as it is to be held."""
    runs = [
        HeldSpan(_bare(draft.head), [astuple(one) for one in draft.events]) for draft in trace.drafts.values()
    ]
    pieces = [HeldSpan(_bare(piece), [astuple(one) for one in piece.steps]) for piece in trace.pieces]
    return Held(trace_id, runs, pieces, list(trace.links.values()))


def released(one: Held) -> Trace:
    """The trace that was held."""
    trace = Trace()
    trace.drafts = {run.head.span_id or "": Draft(_whole(run)) for run in one.runs}
    trace.pieces = [_whole(piece) for piece in one.pieces]
    trace.links = {link.link_id: link for link in one.links}
    trace.events = sum([len(part.steps) + 1 for part in (*one.runs, *one.pieces)])
    return trace


def _bare(span: Span) -> Span:
    return replace(span, steps=()) if span.steps else span


def _whole(part: HeldSpan) -> Span:
    return replace(part.head, steps=tuple([Event(*step) for step in part.steps]))
