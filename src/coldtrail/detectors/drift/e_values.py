"""E-values against "nothing has changed": for each reading the log by which the CUSUM statistic grows.

An e-value is 1 on average while nothing changes; the running product of e-values, restarted at 1 whenever it
falls below, is an e-CUSUM, whose average run length to a false alarm is at least its threshold: Shin, Ramdas
and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection" (2023),
https://arxiv.org/abs/2203.03532. E-values of ranks are conformal test martingales: Vovk, "Testing randomness
online" (2021), https://doi.org/10.1214/20-STS817.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from math import log, sqrt

import numpy as np

from coldtrail.features.batch import Floats

MOST_POINTS = 65
"""Points kept of a distribution."""
HIGHER_POWER, MORE_POWER, BURST_POWER = 1.7, 2.0, 5.0
"""The power of the e-value u ↦ power · u^(power - 1) on a rank u. The larger, the larger the shift that it
waits for: ranks must lie at .57 on average for the first and at .59 for the second, and runs must come 2.5
times as often for the third."""
RARE_PATHS_RATIO = 5.0
"""Rare runs are expected to become so many times as frequent."""
_FEW = 32
"""Values with which arrays are not worth it."""
MOST_RARE = 0.1
"""Share of rare runs beyond which no rise of it can be told."""


def grid_of(values: Floats, weights: Floats | None = None) -> tuple[float, ...]:
    """At most `MOST_POINTS` evenly spaced quantiles of values, ascending; none of no values."""
    if not len(values):
        return ()
    ordered = np.argsort(values, kind="stable")
    if weights is None and len(values) <= MOST_POINTS:
        return tuple(values[ordered].tolist())
    mass = np.ones(len(values)) if weights is None else weights
    reached = np.cumsum(mass[ordered])
    points = min(MOST_POINTS, len(values))
    wanted = (np.arange(points) + 0.5) / points * reached[-1]
    return tuple(values[ordered][np.searchsorted(reached, wanted)].tolist())


def rank(grid: Sequence[float], value: float) -> tuple[float, float]:
    """The shares of a distribution below a value, and up to it: the same but for values that it holds."""
    points = len(grid)
    low = bisect_left(grid, value)
    high = bisect_right(grid, value, low)
    if high > low:
        return low / points, high / points
    if low == 0:
        share = 0.25 / points
    elif low == points:
        share = 1 - 0.25 / points
    else:
        left = grid[low - 1]
        share = (low - 0.5 + (value - left) / (grid[low] - left)) / points
    return share, share


def log_e_value_of_more(grid: Sequence[float], value: float, power: float) -> float:
    """The log e-value for values that rise; where many are equal, the mean over their ranks."""
    return _log_e_value(*rank(grid, value), power)


def log_e_values_of_more(grid: Sequence[float], values: Floats, power: float) -> Floats:
    """(value,) the same of each of many values, to the last bit."""
    if len(values) < _FEW or not len(grid):
        return np.array([log_e_value_of_more(grid, value, power) for value in values.tolist()], np.float64)
    points, known = len(grid), np.array(grid)
    place = np.searchsorted(known, values)
    left, right = known[np.maximum(place - 1, 0)], known[np.minimum(place, points - 1)]
    inside = (place > 0) & (place < points)
    part = (values - left) / np.where(inside & (right > left), right - left, 1.0)
    share = np.where(
        inside, (place - 0.5 + part) / points, np.where(place == 0, 0.25 / points, 1 - 0.25 / points)
    )
    # Logarithms of the one kind: those of numpy may differ in their last bit.
    logs = np.array([*map(log, share.tolist())])
    factors: Floats = log(power) + (power - 1) * logs
    equal = np.flatnonzero(right == values)
    worked = {value: log_e_value_of_more(grid, value, power) for value in set(values[equal].tolist())}
    factors[equal] = [worked[value] for value in values[equal].tolist()]
    return factors


def log_e_value_of_less(grid: Sequence[float], value: float, power: float) -> float:
    """The log e-value for values that fall."""
    below, up_to = rank(grid, value)
    return _log_e_value(1 - up_to, 1 - below, power)


def _log_e_value(low: float, high: float, power: float) -> float:
    if low == high:
        return log(power) + (power - 1) * log(low)
    return log((high**power - low**power) / (high - low))


def log_e_values_of_kinds(shares: Mapping[int, float]) -> dict[int, float]:
    """The log e-value of each kind of run, for rare kinds that become frequent: by the square root of their
    share."""
    total = sum(sqrt(share) for share in shares.values())
    return {kind: -0.5 * log(share) - log(total) for kind, share in shares.items()}


def log_e_values_of_rare_paths(share: float) -> tuple[float, float]:
    """The log e-values of a common and of a rare run, where rare runs have this share."""
    if share > MOST_RARE:
        return 0.0, 0.0
    return log((1 - RARE_PATHS_RATIO * share) / (1 - share)), log(RARE_PATHS_RATIO)
