"""How high the CUSUM statistic may rise by chance: thresholds from a budget of false shifts.

E-values of runs that depend on each other, or by distributions that are only estimated, are not 1 on average.
The exponent that holds instead is the Cramér-Lundberg one: the θ at which the mean of exp(θ · sum of a block
of log e-values) is 1, taken over blocks of several lengths of what the function did itself, each part of its
history judged by what the other parts taught (Asmussen and Albrecher, "Ruin Probabilities", 2010, chapter
XIII). The chance that the log statistic ever passes h falls as exp(-θ h).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from coldtrail.features.batch import Bools, Floats, Ints

BLOCKS = (1, 5, 25)
LOWEST, HIGHEST = 0.15, 1.0
RUNS_TO_TRUST = 1000.0
"""Runs of a function's own at which its exponent counts as much as that of a usual function."""
SAFETY = 1.1
"""A threshold lies so many times as high as anything in the function's own history."""
_HALVES, _STEPS = 30, 12
_NEAR = 2e-9
"""A little more than what so many halves leave open."""
_SUMS_AT_ONCE = 1 << 16


def typical(each: Floats) -> Floats:
    """(measure,) the exponents of a usual one of several sequences, whose own are (sequence, measure).

    It is their median. Of all sequences taken as one the exponent is that of the most clustered: a function
    that a timer starts many times at once would raise the thresholds of all that are known from few runs.
    """
    return np.median(each, axis=0) if len(each) else np.full(each.shape[1], HIGHEST)


def exponents_of_each(sequences: Sequence[Floats], measures: int) -> Floats:
    """(sequence, measure) the exponents of each sequence by itself."""
    least = np.full((len(sequences), measures), HIGHEST)
    for length in BLOCKS:
        long = [at for at, one in enumerate(sequences) if len(one) >= 4 * length]
        rows = [row for one in _block_sums([sequences[at] for at in long], length) for row in one]
        least[long] = np.minimum(least[long], _roots(rows).reshape(-1, measures))
    return least


def shrunk(own: float, runs: float, usual: float) -> float:
    """An exponent between a function's own and that of a usual function, by how much it has run."""
    part = runs / (runs + RUNS_TO_TRUST)
    return float(np.exp(part * log(own) + (1 - part) * log(usual)))


def highest_statistic(factors: Floats) -> float:
    """The highest log statistic of a sequence of log e-values."""
    if not len(factors):
        return 0.0
    total = np.concatenate([[0.0], np.cumsum(factors)])
    return float((total - np.minimum.accumulate(total)).max())


def threshold(theta: float, highest: float, runs: float, measures: int) -> float:
    """The log statistic that is passed by chance about once in so many runs, in any of so many measures."""
    return max(log(max(runs, 2.0) * measures) / theta, SAFETY * highest)


def _block_sums(sequences: Sequence[Floats], length: int) -> list[Floats]:
    """(measure, block) of each sequence that is long enough, sums of overlapping blocks."""
    totals = (
        np.concatenate([np.zeros((one.shape[1], 1)), np.cumsum(one.T, axis=1)], axis=1)
        for one in sequences
        if len(one) >= 4 * length
    )
    return [total[:, length:] - total[:, :-length] for total in totals]


def _roots(rows: Sequence[Floats]) -> Floats:
    """(row,) the exponent at which the mean of the exponentials of each row is 1."""
    out = np.full(len(rows), HIGHEST)
    rising = np.array([at for at, row in enumerate(rows) if row.max(initial=0.0) > 0.0], np.int64)
    sizes = np.array([len(rows[at]) for at in rising.tolist()], np.int64)
    order = np.argsort(sizes, kind="stable")
    rising, sizes = rising[order], sizes[order]
    first = 0
    while first < len(rising):
        last = first + 1
        while last < len(rising) and (last + 1 - first) * sizes[last] <= _SUMS_AT_ONCE:
            last += 1
        block = rising[first:last]
        out[block] = _Means([rows[at] for at in block.tolist()]).roots()
        first = last
    return out


class _Means:
    """The logarithm of the mean of exp(theta * sum) of several rows of sums, as it depends on theta."""

    def __init__(self, rows: Sequence[Floats]) -> None:
        self._sizes = np.array([len(row) for row in rows], np.float64)
        self._sums = np.full((len(rows), max(len(row) for row in rows)), -np.inf)
        for filled, row in zip(self._sums, rows, strict=True):
            filled[: len(row)] = row
        self._top = self._sums.max(axis=1)

    def _powers(self, theta: Floats, some: Ints) -> Floats:
        powers: Floats = np.exp(self._sums[some] * theta[:, None] - (self._top[some] * theta)[:, None])
        return powers

    def at(self, theta: Floats, some: Ints) -> Floats:
        """(row,) of some rows, at a theta each."""
        means: Floats = self._top[some] * theta
        means += np.log(self._powers(theta, some).sum(axis=1) / self._sizes[some])
        return means

    def roots(self) -> Floats:
        """(row,) where the logarithm is 0, by halves; the highest where it is never above.

        It is convex and 0 at 0. Newton's steps from the right never pass the root, and tell nearly all halves
        without looking.
        """
        every = np.arange(len(self._sums))
        out = np.full(len(every), HIGHEST)
        every = every[self.at(np.full(len(every), HIGHEST), every) > 0]
        known, near = self._bracketed(every)
        low, high = np.full(len(every), LOWEST), np.full(len(every), HIGHEST)
        for _ in range(_HALVES):
            middle = (low + high) / 2
            falls = middle <= near - _NEAR
            unsure = np.flatnonzero(~known | (np.abs(middle - near) < _NEAR))
            falls[unsure] = self.at(middle[unsure], every[unsure]) <= 0
            low, high = np.where(falls, middle, low), np.where(falls, high, middle)
        out[every] = low
        return out

    def _bracketed(self, some: Ints) -> tuple[Bools, Floats]:
        """(row,) whether a root lies within `_NEAR` of what Newton's steps come to, or far below the lowest.

        Beside it what they come to."""
        theta = np.full(len(some), HIGHEST)
        for _ in range(_STEPS):
            powers = self._powers(theta, some)
            total = powers.sum(axis=1)
            value = self._top[some] * theta + np.log(total / self._sizes[some])
            finite = np.where(np.isneginf(self._sums[some]), 0.0, self._sums[some])
            later = np.maximum(theta - value / ((powers * finite).sum(axis=1) / total), LOWEST / 2)
            moved, theta = np.abs(later - theta), later
            if (moved < _NEAR / 100).all():
                break
        below = (theta == LOWEST / 2) | (self.at(theta - _NEAR, some) <= 0)
        return below & (self.at(theta + _NEAR, some) > 0), theta
