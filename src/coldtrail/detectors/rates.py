"""How often a function shows something for the first time: its own record, and what is usual among functions.

That a function with n runs showed s firsts lately is a draw from Poisson(n r), and its rate r one from what is
usual among functions. That prior is not assumed: the weights of a grid of rates are those under which the
records of all functions are likeliest (Kiefer and Wolfowitz 1956), by expectation maximisation, one function
of a flat prior among them. Most functions never show anything new; a few do all the time; a mean over both
would take either for the other.

The rate falls as a history grows. For each power of two of runs there is a prior of its own, from what
functions with more runs had shown after as many (rarefaction, Hurlbert 1971).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Floats, Ints

GRID: Floats = np.geomspace(1e-6, 0.5, 24)
"""Rates, in firsts a run."""
LEVELS = 18
"""Powers of two of runs, from 8."""
ROUNDS = 200
"""Of expectation maximisation: after these, no weight that matters moves by a tenth."""
ALIKE = 1e-3
"""Firsts closer to each other than this are one record."""
_LOG_GRID: Floats = np.log(GRID)


def level_of(number: Floats) -> Ints:
    """(function,) the level of a history of so many runs."""
    levels: Ints = np.clip(np.log2(np.maximum(number, 8.0)) - 3.0, 0, LEVELS - 1).astype(np.int64)
    return levels


def runs_at(level: int) -> float:
    """The runs of a level."""
    return float(2.0 ** (level + 3))


def flat() -> Floats:
    """(level, rate) weights that know nothing."""
    return np.full((LEVELS, len(GRID)), 1.0 / len(GRID))


def learned(held: Floats, owner: Ints, number: Floats, known: Floats | None = None) -> Floats:
    """(level, rate) weights from what functions held.

    Args:
        held: (thing,) in how many of its function's runs.
        owner: (thing,) its function.
        number: (function,) runs.
        known: (thing,) in how many more runs what it is made of stood; None for all of them.
    """
    out = flat()
    share = held / number[owner]
    for level in range(LEVELS):
        after = runs_at(level)
        enough = np.flatnonzero(number >= after)
        if not len(enough):
            out[level] = out[level - 1] if level else out[level]
            continue
        firsts = after * share * np.exp(-share * after)
        if known is not None:
            firsts *= -np.expm1(-known / number[owner] * after)
        each = np.bincount(owner, firsts, len(number))[enough]
        records, functions = np.unique(np.round(each / ALIKE) * ALIKE, return_counts=True)
        out[level] = _weights(after, records, functions)
    return out


def _weights(number: float, firsts: Floats, functions: Ints) -> Floats:
    """(rate,) the weights under which records are likeliest, each of so many functions with as many runs."""
    likely = _likely(np.full(len(firsts), number), firsts)
    weights: Floats = np.full(len(GRID), 1.0 / len(GRID))
    start = weights
    for _ in range(ROUNDS):
        owed = likely * weights
        owed /= owed.sum(axis=1, keepdims=True)
        weights = (functions @ owed + start) / (functions.sum() + 1.0)
    return weights


def _likely(number: Floats, firsts: Floats) -> NDArray[np.float64]:
    """(function, rate) how likely each record is at each rate, but for a factor of each function."""
    log = firsts[:, None] * _LOG_GRID - number[:, None] * GRID
    likely: Floats = np.exp(log - log.max(axis=1, keepdims=True))
    return likely


def chance(weights: Floats, number: Floats, firsts: Floats) -> Floats:
    """(row,) the chance that the next run shows a first: the mean rate, given the records of functions.

    Args:
        weights: (row, rate) of the level of each record.
        number: (row,) runs.
        firsts: (row,) firsts that no later run confirmed.
    """
    owed = _likely(number, firsts) * weights
    mean: Floats = (owed * GRID).sum(axis=1) / owed.sum(axis=1)
    return mean
