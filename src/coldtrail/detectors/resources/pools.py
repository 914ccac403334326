"""What functions share while one alone is known too little: how much single values scatter, and by how many
chance makes an alarm of what is usual."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from coldtrail.detectors.resources.measures import MEASURES
from coldtrail.detectors.resources.table import Column, Rows, Table
from coldtrail.errors import BundleError
from coldtrail.records.stage import State, array

CALLS = 50.0
"""A function known from fewer is judged by its group as well."""
SIZES = 9
"""Groups by the memory that a function may use, from 64 MB on, each twice the one before; 0: not known."""
WAYS = ("call", "hour", "day", "drift", "cost")
_MEASURES = len(MEASURES)
_USUAL_DAYS = 500.0
"""Of one function without an alarm, and half of one with: what chances start from."""
_TAIL = 4.0
"""The chance of passing the bar k times over falls as k to the power of this: real tails are no Gaussians."""
_KEPT = 0.99
_SCATTER = np.array([measure.usual_scatter for measure in MEASURES])


@lru_cache(maxsize=1_024)
def group_of(memory_mb: float | None) -> int:
    """The group of functions of about this size."""
    if memory_mb is None or not 0 < memory_mb < 1e6:
        return 0
    return int(np.clip(np.round(np.log2(memory_mb / 64.0)), 0, SIZES - 2)) + 1


class Pools:
    """Sums over all functions."""

    def __init__(self) -> None:
        self._within = np.zeros((SIZES, _MEASURES))
        self._weights = np.zeros((SIZES, _MEASURES))
        self._strange = np.zeros((len(WAYS), _MEASURES))
        self._days = np.zeros(_MEASURES)

    def within(self, table: Table, rows: Rows, groups: Column) -> Column:
        """The variance of single values of each row: its own, and below 50 calls that of its group too."""
        calls = table["calls"][rows].astype(np.float64)
        lent = np.clip(CALLS - calls, 0.0, CALLS)
        shared = (self._within + _SCATTER) / (self._weights + 1.0)
        size, measure = groups[rows // _MEASURES], rows % _MEASURES
        return np.asarray((table["within"][rows] * calls + shared[size, measure] * lent) / (calls + lent))

    def learn(self, rows: Rows, groups: Column, within: Column, number: Column) -> None:
        """Take a day of each row in: days count, not calls."""
        several = number >= 10
        place = (groups[rows // _MEASURES] * _MEASURES + rows % _MEASURES)[several]
        for total, of in ((self._within, within[several]), (self._weights, np.ones(len(place)))):
            total *= _KEPT
            total += np.bincount(place, of, total.size).reshape(total.shape)
        self._days += np.bincount(rows % _MEASURES, minlength=_MEASURES)

    def strength(self, way: str, measure: int, ratio: float) -> float:
        """Minus the decimal logarithm of the chance that a benign hour passes its bar so many times over."""
        chance = self.chance(way, measure, ratio) / 24.0
        return float(min(-np.log10(chance), 15.0))

    def chance(self, way: str, measure: int, ratio: float) -> float:
        """That of a benign day of a function."""
        strange = self._strange[WAYS.index(way), measure]
        often = (strange + 0.5) / (self._days[measure] + _USUAL_DAYS)
        return float(min(often * max(ratio, 1.0) ** -_TAIL, 1.0))

    def count(self, way: str, measure: int) -> None:
        """A day of a function held something strange."""
        self._strange[WAYS.index(way), measure] += 1.0

    def snapshot(self) -> State:
        """All of it."""
        return {"pools": np.concatenate([one.ravel() for one in self._arrays])}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        told = array(state, "pools", np.float64, sum(one.size for one in self._arrays))
        if not (np.isfinite(told) & (told >= 0)).all():
            raise BundleError("The state is damaged (pools hold what is no number).")
        for one in self._arrays:
            one[...] = told[: one.size].reshape(one.shape)
            told = told[one.size :]

    @property
    def _arrays(self) -> tuple[Column, ...]:
        return self._within, self._weights, self._strange, self._days
