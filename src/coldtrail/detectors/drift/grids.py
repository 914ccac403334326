"""The distributions of many groups of values at once, and the e-values of values by them."""

from __future__ import annotations

from math import log

import numpy as np

from coldtrail.detectors.drift.e_values import MOST_POINTS
from coldtrail.features.batch import Bools, Floats, Ints

_SHARES = [(np.arange(points) + 0.5) / max(points, 1) for points in range(MOST_POINTS + 1)]


class Grids:
    """What `grid_of` gives for each of several groups of values, numbered from 0."""

    def __init__(self, group: Ints, values: Floats, weights: Floats | None, groups: int) -> None:
        order = np.argsort(values, kind="stable")
        order = order[np.argsort(group[order], kind="stable")]
        values, mass = values[order], None if weights is None else weights[order]
        lengths = np.bincount(group, minlength=groups)
        ends = np.cumsum(lengths)
        chosen = []
        for first, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True):
            chosen.append(_chosen(first, end, mass))
        self._points = values[np.concatenate([np.zeros(0, np.int64), *chosen])]
        self._lengths = np.array([len(one) for one in chosen], np.int64)
        self._first = np.cumsum(self._lengths) - self._lengths

    def __getitem__(self, group: int) -> tuple[float, ...]:
        first = int(self._first[group])
        return tuple(self._points[first : first + int(self._lengths[group])].tolist())

    def log_e_values_of_more(self, group: Ints, value: Floats, power: float) -> Floats:
        """(row,) what `log_e_value_of_more` gives for each value by the distribution of its group.

        It is 0 where the group (-1 stands for none) has no values."""
        known, below, up_to = self._ranks(group, value)
        out = np.zeros(len(group))
        out[known] = _log_e_values(below, up_to, power)
        return out

    def log_e_values_of_less(self, group: Ints, value: Floats, power: float) -> Floats:
        """(row,) the same by `log_e_value_of_less`."""
        known, below, up_to = self._ranks(group, value)
        out = np.zeros(len(group))
        out[known] = _log_e_values(1 - up_to, 1 - below, power)
        return out

    def _ranks(self, group: Ints, value: Floats) -> tuple[Ints, Floats, Floats]:
        """The rows whose group has values, and for each of them what `rank` gives."""
        known = np.flatnonzero(group >= 0)
        known = known[self._lengths[group[known]] > 0]
        group, value = group[known], value[known]
        first, points = self._first[group], self._lengths[group]
        low = self._bisected(first, points, value, np.zeros(len(known), np.bool_)) - first
        high = self._bisected(first, points, value, np.ones(len(known), np.bool_)) - first
        share = np.where(low == 0, 0.25 / points, 1 - 0.25 / points)
        between = np.flatnonzero((low > 0) & (low < points) & (high == low))
        at = first[between] + low[between]
        left, right = self._points[at - 1], self._points[at]
        within = low[between] - 0.5 + (value[between] - left) / (right - left)
        share[between] = within / points[between]
        tied = high > low
        return known, np.where(tied, low / points, share), np.where(tied, high / points, share)

    def _bisected(self, first: Ints, points: Ints, value: Floats, right: Bools) -> Ints:
        """(row,) where each value stands among the points of its group: before its equals, or after them."""
        low, high = first.copy(), first + points
        while len(some := np.flatnonzero(low < high)):
            middle = (low[some] + high[some]) // 2
            point = self._points[middle]
            later = (point < value[some]) | (right[some] & (point == value[some]))
            low[some], high[some] = (
                np.where(later, middle + 1, low[some]),
                np.where(later, high[some], middle),
            )
        return low


def _chosen(first: int, end: int, mass: Floats | None) -> Ints:
    """The places of a group's quantiles among all values, which are sorted by group and value."""
    number = end - first
    if number == 0 or (mass is None and number <= MOST_POINTS):
        return np.arange(first, end)
    reached = np.cumsum(np.ones(number) if mass is None else mass[first:end])
    wanted = _SHARES[min(MOST_POINTS, number)] * reached[-1]
    places: Ints = first + np.searchsorted(reached, wanted)
    return places


def _log_e_values(low: Floats, high: Floats, power: float) -> Floats:
    """As `e_values` has it, bit for bit: numpy's logarithms and powers may differ in the last one."""
    same = low == high
    out = np.empty(len(low))
    out[same] = log(power) + (power - 1) * _logs(low[same])
    low, high = low[~same], high[~same]
    areas = np.array([one**power for one in high.tolist()]) - np.array([one**power for one in low.tolist()])
    out[~same] = _logs(areas / (high - low))
    return out


def _logs(values: Floats) -> Floats:
    return np.array(list(map(log, values.tolist())), np.float64)
