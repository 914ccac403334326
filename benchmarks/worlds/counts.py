"""How often something happens in some time, with its interval."""

from __future__ import annotations

from math import sqrt

from msgspec import Struct

from benchmarks.quality.figures import NORMAL_95


class Count(Struct, frozen=True):
    """So many events in so long a time."""

    events: int
    time: float

    @property
    def rate(self) -> float | None:
        """Events for each unit of time; None of no time."""
        return self.events / self.time if self.time else None

    def interval(self) -> tuple[float, float]:
        """The interval of 95 % of the rate of events that come independently, by Byar's approximation
        (Breslow and Day 1987, vol. 2, p. 69); wider in truth, where they come together."""
        low = _byar(self.events, -1.0) if self.events else 0.0
        return low / self.time, _byar(self.events + 1, 1.0) / self.time


def _byar(events: int, side: float) -> float:
    inner = 1.0 - 1.0 / (9.0 * events) + side * NORMAL_95 / (3.0 * sqrt(events))
    return float(events * max(inner, 0.0) ** 3)


def told_count(count: Count, unit: str) -> str:
    """The rate with its interval and counts: `2.5 (1.2 to 4.6; 10 in 4.0 hours)`."""
    if count.rate is None:
        return "-"
    low, high = count.interval()
    return f"{count.rate:.2f} ({low:.2f} to {high:.2f}; {count.events:,} in {count.time:,.1f} {unit})"
