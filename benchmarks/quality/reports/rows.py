"""One promise: what was measured, its bar, and whether that is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from benchmarks.quality.figures import Rate, each, number, pooled, told

PASS, SHORT, NOTHING = "pass", "short", "nothing to judge"


class BarRow(Struct, frozen=True):
    """One promise."""

    what: str
    bar: str
    measured: str
    seeds: str
    """The lowest and the highest of the seeds."""
    result: str
    """`pass`, `short`, or why neither can be said."""


def at_least(what: str, rates: Sequence[Rate], bar: float) -> BarRow:
    """A share that must not be lower."""
    return row_of(what, rates, f">= {number(bar, 2)}", lambda share: share >= bar, 3)


def at_most(what: str, rates: Sequence[Rate], bar: float) -> BarRow:
    """A share that must not be higher."""
    return row_of(what, rates, f"<= {number(bar, 3)}", lambda share: share <= bar, 4)


def row_of(what: str, rates: Sequence[Rate], bar: str, met: Callable[[float], bool], digits: int) -> BarRow:
    whole = pooled(rates)
    if whole.share is None:
        return BarRow(what, bar, "-", "-", NOTHING)
    return BarRow(what, bar, told(whole, digits), each(rates, digits), verdict(met(whole.share)))


def verdict(met: bool) -> str:
    """`pass` or `short`."""
    return PASS if met else SHORT
