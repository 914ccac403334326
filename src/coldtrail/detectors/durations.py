"""The history of durations: median and longest, and the shape of the upper tail, a row for each key."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

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
"""Times of a block, about."""
BOUNDS = (
    (0.0, 0.0, -_MOST_LOG, LEAST, LEAST, LEAST, 0.0),
    (MOST, MOST, _MOST_LOG, MOST, MOST, MOST, MOST),
)
"""The least and the most of each column."""


_Whole = NDArray[np.integer]


class _Block(NamedTuple):
    """Times of some keys, by key and length."""

    keys: Hashes
    row: Ints
    """(key,) one of the rows that have it."""
    group: Ints
    """(time,) the place of its key."""
    seconds: Floats
    flow: Ints


class Timed:
    """Times of steps and runs, sorted by key and length once: the histories of any part of them follow.

    What is made on the way stays small, since they lie in blocks by the leading bits of their keys.
    """

    def __init__(self, keys: Hashes, seconds: Floats, flow: _Whole) -> None:
        bits = (len(keys) // _TIMES_AT_ONCE).bit_length()
        leading = (keys >> np.uint64(64 - bits)).astype(np.uint16) if bits else np.zeros(len(keys), np.uint16)
        order = np.argsort(leading, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(leading, minlength=1 << bits)).tolist()
        self._blocks = [
            _block(keys, seconds, flow, order[first:end])
            for first, end in pairwise([0, *ends])
            if end > first
        ]

    @property
    def rows(self) -> Ints:
        """(key,) one of the rows that have it, by ascending key."""
        return np.concatenate([np.zeros(0, np.int64), *(one.row for one in self._blocks)])

    @property
    def keys(self) -> Hashes:
        """The different keys, ascending."""
        return np.concatenate([np.zeros(0, np.uint64), *(one.keys for one in self._blocks)])

    def histories(self, some: Bools, weight: Floats) -> tuple[Ints, Floats]:
        """The places of the keys that some of the flows have, ascending, and a row for each.

        A row has the median and the longest in seconds, and the shape of the logarithms' upper tail. `some`
        and `weight` are of flows."""
        found, rows = [np.zeros(0, np.int64)], [np.zeros((0, NUMBER + 1))]
        before = 0
        for block in self._blocks:
            kept = some[block.flow]
            group = block.group[kept]
            if len(group):
                new = np.append(True, group[1:] != group[:-1])
                found.append(group[new].astype(np.int64) + before)
                of = np.cumsum(new, dtype=np.int32) - 1
                rows.append(_rows(of, block.seconds[kept], weight[block.flow[kept]]))
            before += len(block.keys)
        return np.concatenate(found), np.concatenate(rows)


def _block(keys: Hashes, seconds: Floats, flow: _Whole, rows: _Whole) -> _Block:
    found, group = distinct(keys[rows])
    row = np.zeros(len(found), np.int64)
    row[group] = rows
    order = _order_within(group, seconds[rows], len(found))
    rows = rows[order]
    return _Block(found, row, group[order].astype(np.int32), seconds[rows], flow[rows].astype(np.int32))


def _rows(group: _Whole, seconds: Floats, weight: Floats) -> Floats:
    """(group, column) the histories of times sorted by group, numbered from 0, and by length."""
    size = int(group[-1]) + 1
    number = np.bincount(group, weight, size)
    middle, high = (_quantile_places(group, weight, size, share) for share in (0.5, 1.0 - TAIL_SHARE))
    longest = seconds[np.searchsorted(group, np.arange(size), side="right") - 1]
    beyond = np.log(seconds + FLOOR_S)
    centre = beyond[middle]
    beyond -= centre[group]
    scale = np.maximum(_MAD_TO_SIGMA * _median_spread(group, np.abs(beyond), weight, size), 0.1)
    beyond /= scale[group]
    knee = np.maximum(beyond[high], 0.5)
    beyond -= knee[group]
    np.maximum(beyond, 0.0, out=beyond)
    many = np.bincount(group, weight * (beyond > 0), size)
    slope = np.maximum(np.bincount(group, weight * beyond, size) / np.maximum(many, 1.0), 0.3)
    return np.stack([seconds[middle], longest, centre, scale, knee, slope, number], axis=1)


def _median_spread(group: _Whole, spread: Floats, weight: Floats, size: int) -> Floats:
    """(group,) the median of each group's spreads."""
    order = _order_within(group, spread, size)
    median: Floats = spread[order[_quantile_places(group, weight[order], size, 0.5)]]
    return median


def _order_within(group: _Whole, values: Floats, groups: int) -> Ints:
    """The order that sorts by group, then by value; groups sort in linear time, 16 bits of them at once."""
    order = np.argsort(values)
    for place in range(0, (groups - 1).bit_length(), 16):
        part = (group[order] >> place).astype(np.uint16)
        order = order[np.argsort(part, kind="stable")]
    return order


def _quantile_places(group: _Whole, weight: Floats, groups: int, share: float) -> Ints:
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
