"""Follows what each version of a function uses, by hours and days, and tells what is more than usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import isfinite

import numpy as np

from coldtrail.assembly.remembered import Remembered
from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources import drifts, levels
from coldtrail.detectors.resources.costs import Cost, Costs
from coldtrail.detectors.resources.counting import MOST_COUNTED, Counting
from coldtrail.detectors.resources.measures import MEASURES
from coldtrail.detectors.resources.pools import SIZES, Pools
from coldtrail.detectors.resources.table import Column
from coldtrail.detectors.resources.telling import (
    Hit,
    Period,
    Telling,
    drift_hits,
    hits,
    over,
    peak_hits,
    with_mining,
)
from coldtrail.detectors.resources.versions import rows_of
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.errors import BundleError
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State, array
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Change, Report

HOUR_S, DAY_S = 3_600, 86_400
_WIDTH = len(MEASURES)
_NONE = -1


class ResourceDetector(SignalDetector):
    """Level and drift of resources, and what they cost.

    An hour is judged once it has ended, a day likewise, and baselines learn days: what comes within one hour
    may come in any pieces.
    """

    name = "resources"
    sees = (Window, Report, Change)

    def __init__(self, settings: BaselineSettings) -> None:
        super().__init__(settings)
        self._counting = Counting(Costs(settings))
        self._pools = Pools()
        self._telling = Telling(settings, self._counting.table, self._pools)
        self._hour = self._day = self._ended = _NONE

    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """What hours and days that have ended hold."""
        told: list[Signal] = []
        for hour, encounters in groupby(batch, _hour_of):
            told += self._end(hour * HOUR_S // DAY_S, hour)
            self._hour, self._day = hour, hour * HOUR_S // DAY_S
            self._counting.count(list(encounters), self._day)
        if isfinite(until):
            day, hour = int(until // DAY_S), int(until // HOUR_S)
            return told + self._end(max(day, self._day), max(hour, self._hour))
        return told + self._end(_NONE, _NONE)

    def _end(self, day: int, hour: int) -> list[Signal]:
        """End the hour and the day that run, unless they are these."""
        told = []
        if self._hour not in (_NONE, hour):
            told += self._end_hour(self._hour, self._day)
            self._hour = _NONE
        if self._day not in (_NONE, day):
            told += self._end_day(self._day)
            self._day = _NONE
        return told

    def _end_hour(self, hour: int, day: int) -> list[Signal]:
        period = Period("hour", float(hour * HOUR_S), float((hour + 1) * HOUR_S), day)
        counting, groups = self._counting, self._groups()
        found, peaks = levels.judge_hour(counting.table, self._pools, groups, hour - self._ended)
        self._ended = hour
        told = hits(counting.table, found, day)
        told += peak_hits(counting.table, peaks, day)
        return self._signals(told, period) + self._paid(counting.costs.end_hour(day), period)

    def _end_day(self, day: int) -> list[Signal]:
        period = Period("day", float(day * DAY_S), float((day + 1) * DAY_S), day)
        counting, groups = self._counting, self._groups()
        found = levels.judge_day(counting.table, self._pools, groups)
        told = hits(counting.table, found, day)
        apart, bars = drifts.follow(counting.table, found, day)
        told += drift_hits(counting.table, found, apart, bars)
        over(counting.table, found, day)
        signals = self._signals(told, period) + self._paid(counting.costs.end_day(day), period)
        levels.learn_day(counting.table, self._pools, groups, found)
        kept = counting.versions.forget(day)
        if len(kept) * _WIDTH < counting.table.length:
            counting.table.keep(rows_of(kept, _WIDTH))
        counting.calls.clear()
        return signals

    def _groups(self) -> Column:
        """Of each version, the group by size that it is part of."""
        functions = np.array(self._counting.versions.functions(), np.int64)
        return self._counting.costs.table["group"][functions].astype(np.int64)

    def _signals(self, told: list[Hit], period: Period) -> list[Signal]:
        return [self._signal(hit, period) for hit in with_mining(told)]

    def _signal(self, hit: Hit, period: Period) -> Signal:
        slot, measure = divmod(hit.row, _WIDTH)
        versions = self._counting.versions
        key = versions.keys[versions.function_of(slot)]
        calls = self._counting.calls.of(slot, measure)
        return self._telling.signal(hit, key, versions.version_of(slot), period, calls)

    def _paid(self, costs: Iterable[Cost], period: Period) -> list[Signal]:
        told = []
        for cost in costs:
            key = self._counting.versions.keys[cost.function]
            slots = self._counting.versions.slots_of(cost.function)
            doubts = self._counting.table["doubt"][rows_of(slots, _WIDTH)]
            young = bool((doubts > levels.YOUNG).any())
            told.append(self._telling.cost(cost, key, period, young))
        return told

    def snapshot(self) -> State:
        """All that is held."""
        counting = self._counting
        table = counting.table
        used = np.flatnonzero((table["n"] + table["day_n"] + table["days"])[: table.length] > 0)
        paying = np.arange(counting.costs.table.length)
        return {
            "clock": np.array([self._hour, self._day, self._ended], np.int64),
            **counting.versions.snapshot(),
            **table.snapshot(used, "rows"),
            **counting.costs.table.snapshot(paying, "costs"),
            **counting.told.snapshot(np.arange(counting.told.length), "told"),
            **counting.calls.snapshot(),
            "counted": counting.counted.state(),
            **self._pools.snapshot(),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        counting = self._counting = Counting(Costs(self.settings))
        self._pools = Pools()
        self._telling = Telling(self.settings, counting.table, self._pools)
        self._hour, self._day, self._ended = array(state, "clock", np.int64, 3).tolist()
        counting.versions.restore(state)
        functions, slots = len(counting.versions.keys), len(counting.versions)
        counting.table.restore(state, "rows", slots * _WIDTH)
        counting.costs.table.restore(state, "costs", functions)
        counting.told.restore(state, "told", functions * _WIDTH)
        counting.calls.restore(state, slots)
        counting.counted = Remembered.restored(MOST_COUNTED, state, "counted")
        self._pools.restore(state)
        groups = counting.costs.table["group"]
        if len(groups) and not 0 <= groups.min() <= groups.max() < SIZES:
            raise BundleError("The state is damaged (functions of no size).")

    def not_ready(self) -> Mapping[FunctionKey, str]:
        """Functions with no measure that is known from five days."""
        days = self._counting.table["days"]
        return {
            key: _waits(int(days[rows].max()) if len(rows) else 0)
            for number, key in enumerate(self._counting.versions.keys)
            for rows in [rows_of(self._counting.versions.slots_of(number), _WIDTH)]
            if not len(rows) or days[rows].max() < levels.READY_DAYS
        }


def _hour_of(encounter: Encounter) -> int:
    return int(encounter.at // HOUR_S)


def _waits(days: int) -> str:
    needed = int(levels.READY_DAYS)
    return f"What it uses is known from {days} of the {needed} days that its resources are judged from."
