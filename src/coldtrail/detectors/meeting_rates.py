"""How often a function shows something for the first time: its own record, and what is usual among functions.

That a function with n runs showed s firsts lately is a draw from Poisson(n r), and its rate r one from what
is usual among functions. That prior is not assumed: the weights of a grid of rates are those under which the
records of all functions are likeliest (Kiefer and Wolfowitz 1956), by expectation maximisation, one function
of a flat prior among them. Most functions never show anything new; a few do all the time; a mean over both
would take either for the other.

The rate falls as a history grows. For each power of two of runs there is a prior of its own, from what
functions with more runs had shown after as many (rarefaction, Hurlbert 1971).
"""

from __future__ import annotations

from collections.abc import Sequence

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
    share = held / number[owner]
    records = []
    for level in range(int(level_of(np.max(number, initial=0.0, keepdims=True))[0]) + 1):
        after = runs_at(level)
        enough = np.flatnonzero(number >= after)
        if not len(enough):
            break
        firsts = after * share * np.exp(-share * after)
        if known is not None:
            firsts *= -np.expm1(-known / number[owner] * after)
        each = np.bincount(owner, firsts, len(number))[enough]
        records.append((np.full(len(enough), after), np.round(each / ALIKE) * ALIKE))
    if not records:
        return flat()
    found = likeliest(records)
    return found[np.minimum(np.arange(LEVELS), len(found) - 1)]


def likeliest(records: Sequence[tuple[Floats, Floats]]) -> Floats:
    """(set, rate) the weights under which the records of each set are likeliest.

    Args:
        records: of each set the runs of its functions, and their firsts.
    """
    sets = [np.unique(np.column_stack(one), axis=0, return_counts=True) for one in records]
    longest = max(len(each) for _, each in sets)
    likely = np.ones((len(sets), longest, len(GRID)))
    functions = np.zeros((len(sets), 1, longest))
    for at, (record, each) in enumerate(sets):
        likely[at, : len(each)] = _likely(*record.T)
        functions[at, 0, : len(each)] = each
    every = functions.sum(axis=2, keepdims=True)
    start = np.full((len(sets), 1, len(GRID)), 1.0 / len(GRID))
    weights = start
    for _ in range(ROUNDS):
        owed = functions / (weights @ likely.swapaxes(1, 2))
        weights = (weights * (owed @ likely) + start) / (every + 1.0)
    return weights[:, 0]


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
