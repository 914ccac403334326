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

from coldtrail.features.batch import Floats

BLOCKS = (1, 5, 25)
LOWEST, HIGHEST = 0.15, 1.0
RUNS_TO_TRUST = 1000.0
"""Runs of a function's own at which its exponent counts as much as that of all functions together."""
SAFETY = 1.1
"""A threshold lies so many times as high as anything in the function's own history."""


def exponents(sequences: Sequence[Floats], measures: int) -> Floats:
    """(measure,) the exponents θ of sequences (run, measure) of log e-values, the least over all block
    lengths, between .15 and 1."""
    sums = [_block_sums(sequences, measures, length) for length in BLOCKS]
    roots = [_roots(one) for one in sums if one.shape[1]]
    least: Floats = np.min([np.full(measures, HIGHEST), *roots], axis=0)
    return least


def shrunk(own: float, runs: float, all_together: float) -> float:
    """An exponent between a function's own and that of all functions, by how much it has run."""
    part = runs / (runs + RUNS_TO_TRUST)
    return float(np.exp(part * log(own) + (1 - part) * log(all_together)))


def highest_statistic(factors: Floats) -> float:
    """The highest log statistic of a sequence of log e-values."""
    if not len(factors):
        return 0.0
    total = np.concatenate([[0.0], np.cumsum(factors)])
    return float((total - np.minimum.accumulate(total)).max())


def threshold(theta: float, highest: float, runs: float, measures: int) -> float:
    """The log statistic that is passed by chance about once in so many runs, in any of so many measures."""
    return max(log(max(runs, 2.0) * measures) / theta, SAFETY * highest)


def _block_sums(sequences: Sequence[Floats], measures: int, length: int) -> Floats:
    """(measure, block) sums of overlapping blocks."""
    totals = [
        np.concatenate([np.zeros((measures, 1)), np.cumsum(one.T, axis=1)], axis=1)
        for one in sequences
        if len(one) >= 4 * length
    ]
    sums = [total[:, length:] - total[:, :-length] for total in totals]
    return np.concatenate([np.zeros((measures, 0)), *sums], axis=1)


def _roots(sums: Floats) -> Floats:
    """(measure,) the exponent at which the mean of the exponentials of each row is 1."""
    out = np.full(len(sums), HIGHEST)
    rising = np.flatnonzero(sums.max(axis=1) > 0)
    rising = rising[_log_means(sums[rising], np.full(len(rising), HIGHEST)) > 0]
    sums = sums[rising]
    low, high = np.full(len(sums), LOWEST), np.full(len(sums), HIGHEST)
    for _ in range(30):
        middle = (low + high) / 2
        falls = _log_means(sums, middle) <= 0
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    out[rising] = low
    return out


def _log_means(sums: Floats, theta: Floats) -> Floats:
    """(row,) the logarithm of the mean of exp(theta * sum)."""
    if not len(sums):
        return np.zeros(0)
    top = sums.max(axis=1) * theta
    means: Floats = top + np.log(np.exp(sums * theta[:, None] - top[:, None]).mean(axis=1))
    return means
