"""The budget of false alarms that training was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from benchmarks.quality.figures import number
from coldtrail.config import Settings


class Budget(Struct, frozen=True):
    """A share of benign flows, or so many false alarms a day."""

    share: float | None = None
    a_day: float | None = None

    @property
    def as_share(self) -> str:
        """`asked: .003`; empty where something else was asked."""
        return "" if self.share is None else f"asked: {number(self.share, 4)}"

    @property
    def as_alerts(self) -> str:
        """`asked: 1 a day`; empty where something else was asked."""
        return "" if self.a_day is None else f"asked: {self.a_day:g} a day"


def asked(train_options: Sequence[str]) -> Budget:
    """What options of `coldtrail train` ask for; without any, what the settings of this checkout have."""
    words = [word for option in train_options for word in option.split("=", 1)]
    given = dict(pairwise(words))
    budget, a_day = given.get("--budget"), given.get("--false-alarms-a-day")
    if budget is not None and budget.endswith("/day"):
        a_day = budget.removesuffix("/day")
    if a_day is not None:
        return Budget(a_day=float(a_day))
    return Budget(share=Settings().detection.budget if budget is None else float(budget))
