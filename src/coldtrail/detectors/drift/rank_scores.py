"""How strange the ranks of times are among their step's own: normal scores, and for two-fold times others.

Where a cache answers some calls and not the others, a step has two usual times. Among all of them a fifth
more moves a rank little, since most of their spread lies between the two. Such times are ranked among those
of their own mode, as normal scores, and a slow one counts a little more than a quick one, so that a cache
that is lost is told as well (scores that suit the distribution: Hájek and Šidák, "Theory of Rank Tests",
1967). They are used where a rise of a fifth raises their mean far more, and a greater rise no less.
"""

from __future__ import annotations

from functools import cache, cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.drift.timed import A_UNIT, Values
from coldtrail.features.batch import Bools, Floats, Ints

POINTS = 65
"""Quantiles kept of each step's times."""
RANKS = 2 * POINTS + 1
"""Ranks are counted in halves: a value that equals a point lies in the middle of it."""
FEWEST = 3
"""Points of a mode."""
SLOWEST = -1.0
"""The least normal score within the slow mode, or what a rise has just moved there would tell against it."""
APART = 0.35
"""By how many of its standard deviations the mode as such counts."""
FAR_MORE = 1.4
"""Times that of normal scores, the gain from which others are used."""
FIFTH, GREATER = 1.2, (1.5, 2.0, 3.0, 5.0, 8.0)
"""Rises, as ratios, by which scores are chosen."""
LEAST_OF_GREATER = 0.4
"""Standard deviations by which a greater rise has to raise the mean."""
_SPAN = 1 << 16
_LARGEST = _SPAN // 2 - 1
_EXACT = 1e-6
"""Gains are compared to this, so that it does not matter in which order they were added."""
_inverse = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])


def _normal(place: Floats, points: int) -> Floats:
    """Normal scores of places among so many points."""
    scores: Floats = _inverse(np.clip(place, 0.25, points - 0.25) / points)
    return scores


def _of_modes(quick: int) -> Floats:
    """(rank,) scores where so many points are the quick mode; mean 0 and variance 1."""
    place, slow = np.arange(RANKS) / 2.0, POINTS - quick
    apart = APART * POINTS / (quick * slow) ** 0.5
    of_slow = np.maximum(_normal(place - quick, slow), SLOWEST) + apart
    scores = np.where(place <= quick, _normal(place, quick), of_slow)
    between = np.where(np.isin(np.arange(RANKS), (0, RANKS - 1)), 0.5, 1.0) * (np.arange(RANKS) % 2 == 0)
    mean = np.average(scores, weights=between)
    out: Floats = (scores - mean) / np.average((scores - mean) ** 2, weights=between) ** 0.5
    return out


@cache
def tables() -> Floats:
    """(table, rank) the scores that there are; the first are normal scores among all points."""
    modes = (_of_modes(quick) for quick in range(FEWEST, POINTS - FEWEST + 1))
    return np.stack([_normal(np.arange(RANKS) / 2.0, POINTS), *modes])


class RankScores:
    """The scores of times among the points of their steps."""

    def __init__(self, points: Values, plain: Bools) -> None:
        """`points` are (step, point), ascending; steps that are `plain` have normal scores."""
        self._points, self._plain = points, plain
        self._flat = (np.arange(len(points))[:, None] * _SPAN + points + _SPAN // 2).ravel()

    def of(self, row: NDArray[np.integer], value: NDArray[np.integer]) -> Floats:
        """(time,) the score of each time among the points of its row."""
        scores: Floats = tables().ravel().take(self._begins[row] + self._ranks(row, value))
        return scores

    @cached_property
    def _begins(self) -> Ints:
        """(step,) where its scores begin among all."""
        return self.table * RANKS

    def _ranks(self, row: NDArray[np.integer], value: NDArray[np.integer]) -> Ints:
        """(time,) twice the number of the row's points below each, and once of those that equal it."""
        key = row.astype(np.int64) * _SPAN + value + _SPAN // 2
        below = np.searchsorted(self._flat, key)
        up_to = below.copy()
        equal = np.flatnonzero(self._flat[np.minimum(below, len(self._flat) - 1)] == key)
        up_to[equal] = np.searchsorted(self._flat, key[equal], "right")
        ranks: Ints = below + up_to - 2 * POINTS * row.astype(np.int64)
        return ranks

    @cached_property
    def table(self) -> Ints:
        """(step,) which scores it has, by their place in `tables`."""
        out = np.zeros(len(self._points), np.int64)
        some = np.flatnonzero(~self._plain)
        gains = self._gains(some, FIFTH)
        unlike = gains.max(axis=1) > FAR_MORE * gains[:, 0]
        some, gains = some[unlike], gains[unlike]
        for ratio in GREATER:
            gains[self._gains(some, ratio) < LEAST_OF_GREATER] = -np.inf
        best = gains[:, 1:].argmax(axis=1) + 1
        enough = gains[np.arange(len(some)), best] > FAR_MORE * gains[:, 0]
        out[some] = np.where(enough, best, 0)
        return out

    def _gains(self, some: Ints, ratio: float) -> Floats:
        """(step, table) by how much the mean score of some steps' own points would rise, were all times so
        many times as long."""
        row, longer = np.repeat(some, POINTS), round(A_UNIT * float(np.log(ratio)))
        value = self._points[some].ravel().astype(np.int64)
        at, size = np.repeat(np.arange(len(some)), POINTS) * RANKS, len(some) * RANKS
        before = np.bincount(at + self._ranks(row, value), minlength=size)
        after = np.bincount(at + self._ranks(row, np.minimum(value + longer, _LARGEST)), minlength=size)
        moved = (after - before).reshape(-1, RANKS) @ tables().T / POINTS
        gains: Floats = np.rint(moved / _EXACT) * _EXACT
        return gains
