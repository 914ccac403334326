"""Simulated months of functions of many kinds: how often they alarm by mistake once limits are learned.

Clocks; functions that people call by day and hardly at night or on weekends; queues that come in bursts; and
rare ones. Rates wander over days, and now and then there is a burst of any size. Development seeds are below
1,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np

from benchmarks.azure.figures import Figure, rate
from benchmarks.azure.reading import BEGIN, MINUTE_S, Counts
from coldtrail.config import BaselineSettings
from coldtrail.detectors.rates.detector import RatesDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window

_DAY = 1_440
_LEARNED_DAYS = 7
_BURSTS_A_DAY = 0.02
_PERIODS = (1, 5, 15, 60)


def rows(functions: int = 360, days: int = 35, seed: int = 5) -> Iterator[tuple[str, str, str]]:
    """What is told alone a function-day after the first week, by the budget that is asked for."""
    for budget in (0.03, 0.1):
        figure, number = realised(functions, days, seed, budget)
        yield f"{number:,} function-days, {budget} asked", str(figure), f"{budget / 2} to {budget * 1.5:.3f}"


def realised(functions: int, days: int, seed: int, budget: float) -> tuple[Figure, int]:
    """Alarms a function-day after the first week, and how many function-days these are."""
    random = np.random.default_rng(seed)
    made = RatesDetector(BaselineSettings(alarms_a_function_day=budget))
    some = [_Function(random, number) for number in range(functions)]
    alarms = 0
    for day in range(days):
        seen = sorted((one for function in some for one in function.day(day)), key=lambda one: one.at)
        told = made.see(seen, inf)
        alarms += sum(one.alone for one in told) if day >= _LEARNED_DAYS else 0
    number = functions * (days - _LEARNED_DAYS)
    return rate(alarms, float(number)), number


class _Function:
    """One function, day by day."""

    def __init__(self, random: np.random.Generator, number: int) -> None:
        self._random = random
        self._key = FunctionKey("111122223333", "eu-west-1", "months", f"function-{number}")
        self._kind = ("timer", "http", "queue", "http")[number % 4]
        self._rate = 10 ** random.uniform(-2.0, 1.5)
        self._shape = random.uniform(0.3, 20.0)
        self._period = _PERIODS[number // 4 % len(_PERIODS)]
        self._depth = random.uniform(0.2, 0.98)
        self._wander = 0.0

    def day(self, day: int) -> Iterator[Encounter]:
        """What the detector sees of a day."""
        counts = self._clock() if self._kind == "timer" else self._called(day)
        for minute in np.flatnonzero(counts).tolist():
            start = BEGIN - 8 * 3_600.0 + (day * _DAY + minute) * MINUTE_S
            told = Window(
                *self._key,
                start_time=start,
                source="metrics",
                invocations=float(counts[minute]),
                trigger=self._kind,
            )
            yield Encounter(start + MINUTE_S, told, self._key)

    def _clock(self) -> Counts:
        counts = np.zeros(_DAY)
        late = self._random.random(_DAY // self._period) < 0.02
        beats = np.arange(0, _DAY, self._period) + late
        np.add.at(counts, np.minimum(beats, _DAY - 1), 1.0)
        return counts

    def _called(self, day: int) -> Counts:
        random = self._random
        self._wander = 0.9 * self._wander + random.normal(0.0, 0.2)
        minutes = np.arange(_DAY)
        shape = 1.0 - self._depth * np.cos(2 * np.pi * minutes / _DAY)
        week = 1.0 if day % 7 < 5 else 1.0 - 0.8 * self._depth
        means = self._rate * shape * week * np.exp(self._wander)
        if self._kind == "queue":
            means = np.where(random.random(_DAY) < 0.05, 20.0 * means, 0.01 * means)
        counts = random.poisson(random.gamma(self._shape, means / self._shape)).astype(np.float64)
        for _ in range(random.poisson(_BURSTS_A_DAY)):
            start, length = random.integers(0, _DAY - 60), random.integers(1, 40)
            counts[start : start + length] += random.poisson(
                (self._rate + 0.05) * random.pareto(1.0) * 5.0, length
            )
        return counts
