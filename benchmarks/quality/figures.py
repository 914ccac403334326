"""Shares with the counts they come from, pooled over seeds, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from msgspec import Struct

NORMAL_95 = 1.959964
"""The normal quantile of a two-sided interval of 95 %."""


class Rate(Struct, frozen=True):
    """So many of so many."""

    part: int = 0
    whole: int = 0

    @property
    def share(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    def interval(self) -> tuple[float, float]:
        """The interval of 95 % by Wilson (1927); (0, 1) of nothing."""
        if not self.whole:
            return 0.0, 1.0
        n, p, z = self.whole, self.part / self.whole, NORMAL_95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.part + other.part, self.whole + other.whole)


def pooled(rates: Iterable[Rate]) -> Rate:
    """All of them as one."""
    return sum(rates, Rate())


def pooled_by_name(tables: Iterable[Mapping[str, Rate]]) -> dict[str, Rate]:
    """For each name, all of its rates as one, by name."""
    out: dict[str, Rate] = {}
    for table in tables:
        for name, rate in table.items():
            out[name] = out.get(name, Rate()) + rate
    return dict(sorted(out.items()))


def told(rate: Rate, digits: int = 3) -> str:
    """The share with its interval and counts: `.997 (.987 to .999; 310/311)`."""
    if rate.share is None:
        return "-"
    low, high = rate.interval()
    return f"{number(rate.share, digits)} ({number(low, digits)} to {number(high, digits)}; {counts(rate)})"


def short(rate: Rate, digits: int = 3) -> str:
    """The share with its counts: `.997 (310/311)`."""
    return "-" if rate.share is None else f"{number(rate.share, digits)} ({counts(rate)})"


def counts(rate: Rate) -> str:
    """`310/311`."""
    return f"{rate.part:,}/{rate.whole:,}"


def number(value: float | None, digits: int = 3) -> str:
    """A share without the zero before its point; `-` for none."""
    if value is None:
        return "-"
    return f"{value:.{digits}f}".removeprefix("0") if value < 1 else f"{value:.{digits}f}"


def each(rates: Iterable[Rate], digits: int = 4) -> str:
    """The lowest and the highest share among the seeds: `.0005 to .0045`; one alone stands by itself."""
    shares = sorted(rate.share for rate in rates if rate.share is not None)
    if not shares:
        return "-"
    low, high = number(shares[0], digits), number(shares[-1], digits)
    return low if low == high else f"{low} to {high}"
