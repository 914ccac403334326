"""Shares and rates with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

import numpy as np


class Figure(NamedTuple):
    """A figure, and the interval that holds it."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def rate(events: int, days: float) -> Figure:
    """Events a day: the exact interval of a Poisson count (Garwood, 1936)."""
    low = 0.0 if not events else _mean_at(events - 1, 0.975)
    return Figure(events / days, low / days, _mean_at(events, 0.025) / days)


def _mean_at(most: int, chance: float) -> float:
    """The mean with which at most so many events come with this chance."""
    low, high = 0.0, 10.0 * (most + 10.0)
    for _ in range(100):
        middle = (low + high) / 2
        if _at_most(most, middle) > chance:
            low = middle
        else:
            high = middle
    return low


def _at_most(most: int, mean: float) -> float:
    term = total = exp(-mean)
    for number in range(1, most + 1):
        term *= mean / number
        total += term
    return total


def share(found: Sequence[Sequence[bool]]) -> Figure:
    """The share of trials that succeed, given the trials of each function: the interval by drawing functions
    anew, since the trials of one are alike."""
    kept = [np.array(one, np.float64) for one in found if len(one)]
    if not kept:
        return Figure(float("nan"), float("nan"), float("nan"))
    sums = np.array([one.sum() for one in kept])
    numbers = np.array([len(one) for one in kept], np.float64)
    drawn = np.random.default_rng(1).integers(0, len(kept), (2_000, len(kept)))
    values = sums[drawn].sum(axis=1) / numbers[drawn].sum(axis=1)
    low, high = np.quantile(values, (0.025, 0.975))
    return Figure(float(sums.sum() / numbers.sum()), float(low), float(high))
