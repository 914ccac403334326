"""The history of durations: median and longest, and the shape of the upper tail, a row for each key."""

from __future__ import annotations

import numpy as np

from coldtrail.features.arrays import LEAST, MOST
from coldtrail.features.batch import Floats, Ints
from coldtrail.features.hashing import Hashes, Table, distinct

FLOOR_S = 0.05
"""Added before logarithms are taken: between shorter times, ratios mean nothing."""
TAIL_SHARE = 0.02
MEDIAN, LONGEST, CENTRE, SCALE, KNEE, SLOPE, NUMBER = range(7)
_MAD_TO_SIGMA = 1.4826
_MOST_LOG = 100.0
BOUNDS = (
    (0.0, 0.0, -_MOST_LOG, LEAST, LEAST, LEAST, 0.0),
    (MOST, MOST, _MOST_LOG, MOST, MOST, MOST, MOST),
)
"""The least and the most of each column."""


def histories(keys: Hashes, seconds: Floats, weight: Floats) -> Table:
    """One row a key: median and longest in seconds, and the shape of the logarithms' upper tail."""
    found, group = distinct(keys)
    size = len(found)
    order = _order_within(group, seconds, size)
    group, seconds, weight = group[order], seconds[order], weight[order]
    number = np.bincount(group, weight, size)
    logs = np.log(seconds + FLOOR_S)
    middle = _quantile_places(group, weight, size, 0.5)
    centre = logs[middle]
    spread = np.abs(logs - centre[group])
    by_spread = _order_within(group, spread, size)
    typical = by_spread[_quantile_places(group, weight[by_spread], size, 0.5)]
    scale = np.maximum(_MAD_TO_SIGMA * spread[typical], 0.1)
    z = (logs - centre[group]) / scale[group]
    knee = np.maximum(z[_quantile_places(group, weight, size, 1.0 - TAIL_SHARE)], 0.5)
    over = np.maximum(z - knee[group], 0.0)
    many = np.bincount(group, weight * (over > 0), size)
    slope = np.maximum(np.bincount(group, weight * over, size) / np.maximum(many, 1.0), 0.3)
    longest = seconds[np.searchsorted(group, np.arange(size), side="right") - 1]
    return Table(found, np.stack([seconds[middle], longest, centre, scale, knee, slope, number], axis=1))


def _order_within(group: Ints, values: Floats, groups: int) -> Ints:
    """The order that sorts by group, then by value; groups sort in linear time, 16 bits of them at once."""
    order = np.argsort(values)
    for place in range(0, max(groups - 1, 1).bit_length(), 16):
        part = (group[order] >> place).astype(np.uint16)
        order = order[np.argsort(part, kind="stable")]
    return order


def _quantile_places(group: Ints, weight: Floats, groups: int, share: float) -> Ints:
    """(group,) where each group's lower empirical quantile stands, among values sorted by group and value.

    The quantile of n equal weights is the value number floor(share (n - 1)), from 0.
    """
    passed = np.cumsum(weight)
    last = np.searchsorted(group, np.arange(groups), side="right") - 1
    before = np.concatenate([[0.0], passed[last][:-1]])
    whole = passed[last] - before
    typical = whole / np.bincount(group, minlength=groups)
    wanted = before + share * (whole - typical) + 1e-9 * whole
    first = np.concatenate([[0], last[:-1] + 1])
    places: Ints = np.clip(np.searchsorted(passed, wanted, side="right"), first, last)
    return places
