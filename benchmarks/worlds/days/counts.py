"""How often functions run in each minute of a day."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.worlds.days.functions import QUEUE, TIMER, Function, Rate

MINUTES = 1_440
Counts = NDArray[np.int64]
_MISSED = 0.002
"""Of a timer's runs."""
_BATCH = 12.0
"""Messages of a batch, about."""


def of_day(random: Generator, functions: list[Function], day: int, sale: NDArray[np.float64]) -> Counts:
    """By function and minute; `sale`: by function and minute, how many times as much its callers want."""
    found = np.zeros((len(functions), MINUTES), np.int64)
    for place, function in enumerate(functions):
        if function.parent is not None:
            found[place] = random.poisson(found[function.parent] * function.fan)
        elif function.rate.kind == TIMER:
            found[place] = _timer(random, function.rate)
        else:
            level = _level(random, function.rate, day) * sale[place]
            batched = function.rate.kind == QUEUE
            found[place] = _batches(random, level) if batched else random.poisson(level)
    return found


def _timer(random: Generator, rate: Rate) -> Counts:
    fires = (np.arange(MINUTES) % rate.period == rate.offset) & (random.random(MINUTES) > _MISSED)
    return fires.astype(np.int64)


def _level(random: Generator, rate: Rate, day: int) -> NDArray[np.float64]:
    hours = np.arange(MINUTES) / 60.0
    cycle = 1.0 + rate.amplitude * np.cos((hours - rate.peak) * 2 * np.pi / 24)
    week = rate.weekend if day % 7 >= 5 else 1.0
    restless = np.repeat(random.normal(0, rate.restless, MINUTES // 30), 30)
    gamma = random.gamma(4.0, 0.25, MINUTES)
    return np.asarray(rate.a_minute * cycle * week * np.exp(restless - rate.restless**2 / 2) * gamma)


def _batches(random: Generator, level: NDArray[np.float64]) -> Counts:
    """Messages come in batches that are worked off over some minutes."""
    found = np.zeros(MINUTES, np.int64)
    for minute in np.flatnonzero(random.poisson(level / _BATCH)).tolist():
        size = int(np.clip(np.exp(random.normal(np.log(_BATCH) - 0.32, 0.8)), 1, 500))
        minutes = int(random.integers(1, 8))
        np.add.at(found, np.minimum(minute + random.integers(0, minutes, size), MINUTES - 1), 1)
    return found
