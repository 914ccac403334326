"""What a function costs in an hour and a day, against the most it cost before: denial of wallet in money.

How often a function is invoked is judged elsewhere, by what is known of its callers: many calls that each
cost what they always did are told here for what they cost, and are no alarm by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources.table import Rows, Table
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report

READY_DAYS = 7.0
WEAK = 0.1
"""Of what is told by itself, the part that is a weak sign: a cent is none."""
BARS = {"hour": 3.0, "day": 2.0}
"""How many times the most that any hour or day cost before is told."""
LEAST_CALLS = 10.0
"""Fewer are dear by chance."""
PERIODS_S = {"hour": 3_600.0, "day": 86_400.0}
_HALF_LIFE_DAYS, _WORST_HALF_LIFE_DAYS = 14.0, 60.0
_GROWN = 10.0
COLUMNS = (
    "usd_hour", "calls_hour", "usd_day", "calls_day", "dearest_hour", "dearest_day",
    "days", "usual_day", "usual_calls", "worst_hour", "worst_day", "told_day", "told_usd",
    "reported", "group",
)  # fmt: skip
"""`dearest`: of all single records. `told_usd`: how much beyond the usual was told that day. The last two:
whether reports say what the function costs, and the group of its size."""


class Cost(Struct, frozen=True):
    """A period that cost much more than any before."""

    function: int
    period: str
    usd: float
    usual: float
    most: float
    calls: float
    days: float
    dearer: float
    """How many times what is usual a single invocation cost."""
    is_much: bool
    """Whether it is money that somebody should be woken for."""

    @property
    def ratio(self) -> float:
        """How many times over its bar it is."""
        return self.usd / max(BARS[self.period] * self.most, 1e-12)


class Costs:
    """Money by function."""

    def __init__(self, settings: BaselineSettings) -> None:
        self.table = Table(dict.fromkeys(COLUMNS, np.float64))
        self._gb_second = settings.price_per_gb_second
        self._request = settings.price_per_million_requests / 1e6
        self._least = settings.least_cost_usd

    def of_report(self, report: Report) -> float | None:
        """What an invocation cost; None where the report does not say."""
        time = report.billed_s if report.billed_s is not None else report.duration_s
        if report.kind != "report" or time is None or not 0 <= time < 1e7:
            return None
        size = report.memory_mb
        billed = time * size / 1024 * self._gb_second if size is not None and 0 < size < 1e6 else 0.0
        return billed + self._request

    def of_window(self, window: Window) -> float:
        """At least what the invocations of a window cost: it tells no size, but what was used of it."""
        number = window.invocations if 0 < window.invocations < 1e12 else 0.0
        time = window.duration_s_sum
        if time is None:
            time = (window.duration_s_median or 0.0) * number
        size = window.memory_mb_max or 0.0
        billed = time * size / 1024 * self._gb_second if 0 <= time < 1e12 and 0 <= size < 1e6 else 0.0
        return billed + self._request * number

    def add(self, functions: Rows, usd: list[float], calls: list[float]) -> None:
        """Count them in."""
        np.add.at(self.table["usd_hour"], functions, usd)
        np.add.at(self.table["calls_hour"], functions, calls)
        np.maximum.at(self.table["dearest_hour"], functions, usd)

    def end_hour(self, day: int) -> list[Cost]:
        """What of the hour is strange."""
        rows = np.flatnonzero(self.table["calls_hour"][: self.table.length] > 0)
        found = list(self._judged(rows, "hour", day))
        for name in ("usd", "calls"):
            self.table[f"{name}_day"][rows] += self.table[f"{name}_hour"][rows]
            self.table[f"{name}_hour"][rows] = 0.0
        dearest = np.maximum(self.table["dearest_day"][rows], self.table["dearest_hour"][rows])
        self.table["dearest_day"][rows], self.table["dearest_hour"][rows] = dearest, 0.0
        return found

    def end_day(self, day: int) -> list[Cost]:
        """What of the day is strange; then it is learned."""
        table = self.table
        rows = np.flatnonzero(table["calls_day"][: table.length] > 0)
        found = list(self._judged(rows, "day", day))
        for usual, seen in (("usual_day", "usd_day"), ("usual_calls", "calls_day")):
            most = np.where(table["days"][rows] > 2, 3.0 * table[usual][rows], np.inf)
            gain = np.maximum(1.0 / (table["days"][rows] + 1.0), 1.0 - 0.5 ** (1.0 / _HALF_LIFE_DAYS))
            table[usual][rows] += gain * (np.minimum(table[seen][rows], most) - table[usual][rows])
            table[seen][rows] = 0.0
        table["dearest_day"][rows] = 0.0
        table["days"][rows] += 1.0
        for name in ("worst_hour", "worst_day"):
            table[name][rows] *= 0.5 ** (1.0 / _WORST_HALF_LIFE_DAYS)
        return found

    def _judged(self, rows: Rows, period: str, day: int) -> Iterator[Cost]:
        table, worst = self.table, f"worst_{period}"
        usd, most = table[f"usd_{period}"][rows], table[worst][rows].copy()
        ready = table["days"][rows] >= READY_DAYS
        several = table[f"calls_{period}"][rows] >= LEAST_CALLS
        without_one = usd - table[f"dearest_{period}"][rows]
        beyond = usd - table["usual_day"][rows] * PERIODS_S[period] / 86_400.0
        much = beyond >= WEAK * self._least
        strange = ready & several & much & (without_one > BARS[period] * most)
        learned = np.where(ready, np.minimum(usd, 1.5 * most), usd)
        table[worst][rows] = np.maximum(most, learned)
        for place in np.flatnonzero(strange):
            row = int(rows[place])
            if self._is_news(row, day, float(beyond[place])):
                yield self._cost(row, period, float(usd[place]), float(most[place]))
            table["told_day"][row] = day

    def _is_news(self, row: int, day: int, beyond: float) -> bool:
        """Whether nothing like it was told since the day before, or it is tenfold by now, or as much as is
        told by itself and was not before."""
        table = self.table
        before = 0.0 if abs(day - table["told_day"][row]) > 1 else float(table["told_usd"][row])
        is_news = not before or beyond >= _GROWN * before or before < self._least <= beyond
        table["told_usd"][row] = beyond if is_news else before
        return is_news

    def _cost(self, row: int, period: str, usd: float, most: float) -> Cost:
        table = self.table
        calls = float(table[f"calls_{period}"][row])
        each = float(table["usual_day"][row]) / max(float(table["usual_calls"][row]), 1e-9)
        usual = float(table["usual_day"][row]) * PERIODS_S[period] / 86_400.0
        return Cost(
            row,
            period,
            usd,
            usual,
            most,
            calls,
            float(table["days"][row]),
            usd / max(calls, 1e-9) / max(each, 1e-15),
            usd - usual >= self._least,
        )
