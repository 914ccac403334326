"""Chances of what is seldom done, by a function's own past and that of all functions; and points for them."""

from __future__ import annotations

from math import log10

from coldtrail.detectors.credentials.states import Pool

_LENT = 1.0
"""How many keys the past of all functions weighs beside a function's own: they differ much."""
_LENT_HOURS = 20.0
"""Function-hours that count as seen before any is."""
_LEAST = 0.5
"""Points for less than this are none: a third of all keys do it."""
_BUCKETS = 20
"""Of half a point each."""


def points(times: float, of: float, pool_times: float, pool_of: float, most: float) -> float:
    """Points for something that happened to `times` of `of` of a function's, and to so many of all."""
    pool = (pool_times + 0.5) / (pool_of + 5.0)
    found = -log10((times + _LENT * pool) / (of + _LENT))
    return min(most, found) if found > _LEAST else 0.0


def close_hour(pool: Pool, strangest: float) -> None:
    """Counts an hour of a function by its strangest call."""
    if not pool.hours:
        pool.hours = [0] * _BUCKETS
    pool.hours[min(_BUCKETS - 1, int(2 * strangest))] += 1


def strength_of(pool: Pool, strange: float) -> float:
    """Minus the decimal logarithm of the share of function-hours that were as strange, and at most the
    points themselves."""
    as_strange = sum(pool.hours[min(_BUCKETS - 1, int(2 * strange)) :])
    return max(0.0, min(strange, -log10((as_strange + 1.0) / (sum(pool.hours) + _LENT_HOURS))))


def is_seldom(pool: Pool, strange: float) -> bool:
    """Whether hours as strange are rare enough to tell of one at once."""
    as_strange = sum(pool.hours[min(_BUCKETS - 1, int(2 * strange)) :])
    return as_strange <= 2 + 0.01 * sum(pool.hours)
