"""One span as every format that carries it gives it on: ids, times, and what it means."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.formats.otel.meanings import Meaning

MAX_TIME_NS = 4_102_444_800_000_000_000
"""2100-01-01; a later time is a mistake."""
NO_TRACE_ID = "0" * 32
NO_SPAN_ID = "0" * 16
_NS = 1_000_000_000
_ROUNDING_NS = 1_000_512
"""Clocks are read in milliseconds at best; what went through a float64 lost up to 256 ns at either end."""


class Told(Struct, frozen=True, gc=False):
    """A span whose ids and start are sound."""

    trace_id: str
    """32 hexadecimal digits, as in lower case."""
    span_id: str
    parent_id: str | None
    start: float
    """UTC epoch seconds, as the end is."""
    end: float | None
    """None while it has not ended."""
    failed: bool
    meaning: Meaning
    is_remote: bool = False
    """Whether the parent is known to be elsewhere."""
    request_id: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    """Trace and span that it follows from, each."""


def told_of(
    trace_id: str,
    span_id: str,
    parent_id: str | None,
    start_ns: int,
    end_ns: int,
    failed: bool,
    meaning: Meaning,
    problems: list[str],
    is_remote: bool = False,
    request_id: str | None = None,
    links: tuple[tuple[str, str], ...] = (),
) -> Told | None:
    """The span, if it says when it was; an end of 0 is none yet.

    A span that ends before it starts stays, with no length, and is named in `problems`.
    """
    start = start_ns / _NS
    end: float | None = end_ns / _NS
    if not 0 < start_ns <= end_ns < MAX_TIME_NS or span_id == NO_SPAN_ID:
        if not 0 < start_ns < MAX_TIME_NS or span_id == NO_SPAN_ID:
            why = "its id is all zeros" if span_id == NO_SPAN_ID else "it does not say when it started"
            problems.append(f"Span {span_id} was left out: {why}.")
            return None
        end = _mended_end(span_id, start_ns, end_ns, problems)
    if meaning.failed:
        failed = True
    return Told(trace_id, span_id, parent_id, start, end, failed, meaning, is_remote, request_id, links)


def _mended_end(span_id: str, start_ns: int, end_ns: int, problems: list[str]) -> float | None:
    if end_ns == 0:
        return None
    if end_ns >= MAX_TIME_NS:
        problems.append(f"The end of span {span_id} was left out: it is no time.")
        return None
    if end_ns < start_ns - _ROUNDING_NS:
        problems.append(f"Span {span_id} has no length: it ends before it starts.")
    return start_ns / _NS
