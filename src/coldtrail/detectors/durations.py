"""The history of durations: median and longest, and the shape of the upper tail, a row for each key."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.arrays import LEAST, MOST
from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import Hashes, distinct

FLOOR_S = 0.05
"""Added before logarithms are taken: between shorter times, ratios mean nothing."""
TAIL_SHARE = 0.02
MEDIAN, LONGEST, CENTRE, SCALE, KNEE, SLOPE, NUMBER = range(7)
_MAD_TO_SIGMA = 1.4826
_MOST_LOG = 100.0
_TIMES_AT_ONCE = 1 << 17
"""Times of whole keys that are worked on at once, so that what is made on the way stays small."""
BOUNDS = (
    (0.0, 0.0, -_MOST_LOG, LEAST, LEAST, LEAST, 0.0),
    (MOST, MOST, _MOST_LOG, MOST, MOST, MOST, MOST),
)
"""The least and the most of each column."""


class Timed:
    """Times of steps and runs, sorted by key and length once: the histories of any part of them follow."""

    def __init__(self, keys: Hashes, seconds: Floats, flow: NDArray[np.integer]) -> None:
        self.keys, group = distinct(keys)
        order = _order_within(group, seconds, len(self.keys))
        self._group, self._flow = group[order].astype(np.int32), flow[order].astype(np.int32)
        self._seconds = seconds[order]
        ends = np.searchsorted(self._group, np.arange(len(self.keys)), side="right")
        parts = np.unique(ends // _TIMES_AT_ONCE, return_index=True)[1] if len(ends) else ends
        self._bounds = np.unique(np.append(ends[parts], [0, len(order)])).tolist()

    def histories(self, some: Bools, weight: Floats) -> tuple[Ints, Floats]:
        """The places of the keys that some of the flows have, ascending, and a row for each.

        A row has the median and the longest in seconds, and the shape of the logarithms' upper tail. `some`
        and `weight` are of flows."""
        found, rows = [np.zeros(0, np.int64)], [np.zeros((0, NUMBER + 1))]
        for first, last in pairwise(self._bounds):
            block = slice(first, last)
            kept = np.flatnonzero(some[self._flow[block]])
            if not len(kept):
                continue
            group, flow = self._group[block][kept], self._flow[block][kept]
            new = np.append(True, group[1:] != group[:-1])
            found.append(group[new].astype(np.int64))
            rows.append(_rows(np.cumsum(new) - 1, self._seconds[block][kept], weight[flow]))
        return np.concatenate(found), np.concatenate(rows)


def _rows(group: Ints, seconds: Floats, weight: Floats) -> Floats:
    """(group, column) the histories of times sorted by group, numbered from 0, and by length."""
    size = int(group[-1]) + 1
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
    return np.stack([seconds[middle], longest, centre, scale, knee, slope, number], axis=1)


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
