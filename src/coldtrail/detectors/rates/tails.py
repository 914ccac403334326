"""How surprising a count is where its mean and variance are known: the tail of a negative binomial."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
MOST = 300.0
"""No surprise is told as larger: doubles end there."""
_SHIFT = 8
_HALF_LOG_TWO_PI = 0.9189385332046727


def surprise(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """Minus the decimal logarithm of the chance of at least so many, never more than it is; 0 at the mean and
    below.

    The tail beyond a count is at most its own chance times a geometric series, since each further chance is
    smaller by a ratio that falls towards `missed`, or rises towards it where `shape` lies below 1.
    """
    shape = mean * mean / np.maximum(variance - mean, 1e-6 * mean)
    missed = mean / (mean + shape)
    asked = np.empty((3, *count.shape))
    asked[0], asked[1], asked[2] = count + shape, shape, count + 1.0
    both, own, counted = _log_gamma(asked)
    chance = both - own - counted
    chance += shape * np.log1p(-missed) + count * np.log(missed)
    ratio = np.maximum(missed * (shape + count) / (count + 1.0), missed)
    tail = chance - np.log(np.maximum(1.0 - ratio, 1e-3))
    told = np.clip(tail / -np.log(10.0), 0.0, MOST)
    return np.where(count > mean, told, 0.0)


def _log_gamma(value: Floats) -> Floats:
    """The logarithm of the gamma function of what lies above 0: Stirling's series, once the value is moved to
    where three of its terms are enough (Abramowitz and Stegun, 6.1.40)."""
    product = np.ones_like(value)
    for step in range(_SHIFT):
        product *= value + step
    moved = value + _SHIFT
    inverse = 1.0 / moved
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square / 1260))
    moved_log: Floats = (moved - 0.5) * np.log(moved) - moved + _HALF_LOG_TWO_PI + series
    far = value > 1e30
    if not far.any():
        near: Floats = moved_log - np.log(product)
        return near
    # The product overflows for huge values only, whose logarithm needs no moving.
    return np.where(far, value * np.log(value) - value, moved_log - np.log(np.where(far, 1.0, product)))
