"""How often functions ran by those who count all invocations, and the share of them that traces tell of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window
from coldtrail.verbs.coverage.seen import Seen

Counter = Literal["metrics", "reports", "samples", "audit log"]


_BEST_FIRST: tuple[Counter, ...] = ("metrics", "reports", "samples", "audit log")


class Told(NamedTuple):
    """What was counted of a function."""

    invocations: float
    traced: float
    """Runs that traces tell of in the same minutes."""
    by: Counter

    @property
    def rate(self) -> float:
        """The share of the invocations that is traced."""
        return min(self.traced / self.invocations, 1.0) if self.invocations else 1.0

    def and_also(self, other: Told) -> Told:
        """What two tell of one function: the one that counts more of it, with all that is traced."""
        most = max(self, other)
        return most._replace(traced=self.traced + other.traced)


def told_of(windows: Iterable[Window]) -> dict[FunctionKey, Told]:
    """What metrics count of each function, else the platform's reports, else samples, in the minutes that
    these tell of."""
    found: dict[FunctionKey, Told] = {}
    for one in windows:
        if one.source == "flows":
            continue
        before = found.get(one.key, Told(0.0, 0.0, one.source))
        by: Counter = min(one.source, before.by, key=_BEST_FIRST.index)
        found[one.key] = Told(before.invocations + one.invocations, before.traced + one.traced, by)
    return {key: one for key, one in found.items() if one.invocations}


def told_by_log(seen: Seen) -> Told | None:
    """What the audit log counts, where it tells of invocations that no trace and nobody else does."""
    if not seen.formats["cloudtrail"] or seen.counted == seen.traced:
        return None
    return Told(seen.counted, seen.traced, "audit log")
