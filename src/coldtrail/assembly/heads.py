"""What several documents say of one run, without its steps, as one; and where they contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from math import inf
from statistics import median_low
from typing import Any

from msgspec.structs import replace

from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.forms import ROUNDING_S
from coldtrail.assembly.merge import merged_heads
from coldtrail.assembly.statements import MOST_STATEMENTS, Aspects, contradiction
from coldtrail.assembly.trace import HEAD, Source
from coldtrail.records.contradiction import Contradiction, Said
from coldtrail.records.telemetry import Span

TOGETHER = ", "
"""Between the names of what contradictory documents say started a run: it was met before only if they were
met together."""


def settled(
    heads: Mapping[Span, Source], around: float | None
) -> tuple[Span, tuple[str | None, ...], list[Contradiction]]:
    """The head of a run of one function, its parents, and in what documents contradict each other.

    A run whose documents disagree on whether it failed, or on its version, counts as one that did not and
    has none: a failure, or a version never learned, would explain what else is strange. Of their times, the
    widest that a run can have: `around` is a time of its steps.
    """
    ordered = sorted(heads, key=_rank)
    one = reduce(merged_heads, ordered)
    aspects = {name: said for name, said in _said(ordered).items() if _differ(name, said, ordered)}
    if not aspects:
        return one, (one.parent_id,), []
    changed: dict[str, Any] = {
        name: _together(name, ordered) for name in ("trigger", "caller") if name in aspects
    }
    if "times" in aspects:
        changed |= _likely_times(ordered, around)
    if "outcome" in aspects:
        changed["error"] = False
    if "version" in aspects:
        changed["version"] = None
    told_by = [("+".join(head.witnesses), heads[head]) for head in ordered[:MOST_STATEMENTS]]
    found = contradiction("run", one.span_id or "", one.function_name, aspects, told_by, len(ordered))
    return replace(one, **changed), _parents(ordered) if "parent" in aspects else (one.parent_id,), [found]


def _together(name: str, heads: Iterable[Span]) -> str:
    return TOGETHER.join(sorted({told for head in heads if (told := getattr(head, name)) is not None}))


def _parents(heads: Iterable[Span]) -> tuple[str | None, ...]:
    return tuple(sorted({head.parent_id for head in heads}, key=lambda parent: parent or ""))


def _likely_times(heads: Sequence[Span], around: float | None) -> dict[str, float | None]:
    """The first start and the last end that a run can have had."""
    starts, ends = _told(head.start_time for head in heads), _told(head.end_time for head in heads)
    middle = median_low(starts + ends) if around is None else around
    near_starts = [start for start in starts if abs(start - middle) <= LONGEST_RUN_S]
    near_ends = [end for end in ends if abs(end - middle) <= LONGEST_RUN_S]
    return {"start_time": min(near_starts, default=None), "end_time": max(near_ends, default=None)}


def _rank(head: Span) -> tuple[tuple[bool, Any], ...]:
    """Puts heads in order, whatever they leave out."""
    return tuple([(value is not None, value) for value in HEAD(head)])


def _said(heads: Sequence[Span]) -> Aspects:
    return {
        "caller": [(head.caller,) for head in heads],
        "name": [(head.other_name or head.function_name,) for head in heads],
        "outcome": [(head.error,) for head in heads],
        "parent": [(head.parent_id,) for head in heads],
        "request": [(head.request_id,) for head in heads],
        "times": [(head.start_time, head.end_time) for head in heads],
        "trigger": [(head.trigger,) for head in heads],
        "version": [(head.version,) for head in heads],
    }


def _differ(name: str, said: Sequence[tuple[Said, ...]], heads: Sequence[Span]) -> bool:
    if name == "times":
        return _differ_in_time(heads)
    if name == "outcome":
        return any(_differ_in_outcome(alike) for alike in _by_witness(heads))
    if name == "name":
        return any(len({head.other_name for head in alike}) > 1 for alike in _by_witness(heads))
    values = {one for (one,) in said}
    if name == "parent":
        return len(values - {None}) > 1 or any(_have_some_no_parent(alike) for alike in _by_witness(heads))
    return len(values - {None}) > 1


def _by_witness(heads: Iterable[Span]) -> list[list[Span]]:
    """The heads that the same formats tell of: what one leaves out, another may know."""
    alike: dict[tuple[str, ...], list[Span]] = {}
    for head in heads:
        alike.setdefault(head.witnesses, []).append(head)
    return list(alike.values())


def _complete(heads: Iterable[Span]) -> list[Span]:
    """Those that tell of a whole run, and not only of some of its steps."""
    return [head for head in heads if head.end_time is not None and not head.in_progress]


def _have_some_no_parent(heads: Sequence[Span]) -> bool:
    return any(head.parent_id is None for head in _complete(heads)) and any(head.parent_id for head in heads)


def _differ_in_outcome(heads: Sequence[Span]) -> bool:
    complete = {head.error for head in _complete(heads)}
    return len(complete) > 1 or (complete == {False} and any(head.error for head in heads))


def _differ_in_time(heads: Sequence[Span]) -> bool:
    starts = _told(head.start_time for head in heads)
    complete = _told(head.end_time for head in _complete(heads))
    early = _told(head.end_time for head in heads if head.in_progress)
    last = max(complete, default=inf)
    return (
        max(starts, default=0.0) - min(starts, default=0.0) > ROUNDING_S
        or last - min(complete, default=inf) > ROUNDING_S
        or max(early, default=-inf) - last > ROUNDING_S
    )


def _told(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
