"""Whether functions run far more often than usual.

The count of a window is held against a negative binomial with the expectation W(S + .5)/(T + 30) of the S
invocations in the T minutes before. Its variance is that of the blocks of this length so far, shrunk towards
what is usual of functions that have little history; and no window varies less, relative to its mean, than
longer ones do. A score is the surprise over that of the largest window so far, or over 5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.rates.counts import HELD, LENGTHS, SCALES, Columns, Counts, Flags
from coldtrail.detectors.rates.tails import Floats, surprise

FLOOR = 5.0
READY_MINUTES = 240.0
READY_ACTIVE = 5
"""Minutes in which a function ran."""
FEW = 5.0
"""Fewer runs within a window are no surge, however seldom a function runs."""
HANDFUL = 10.0
"""So many more than in the largest window must come to stand alone, unless a clock drives the function:
visits come in clusters, whose tail is not known from the few that a function has had."""
_CLUSTER = 20.0
"""Of a larger window the score says enough."""
MANY = 50.0
"""Calls within five minutes that are told of a function that hardly ever ran."""
_FIVE = SCALES.index(5)
_HALF_HOUR = SCALES.index(30)
_OF_USUAL = 0.5
"""Of the minutes in which a function usually runs within half an hour, those that must be more than usual,
up to so many."""
_MOST_NEEDED = 3
_RAISED = 2.0
_DRIVEN = 0.5
"""Irregularity up to which a clock seems to drive a function."""
_PRIOR_BLOCKS = 3.0
_PRIOR_DISPERSION = 1.5
_DRIFT = 0.5
"""Squared coefficient of variation of a rate over the day, where nothing is known."""
_LEAST_DRIFT = 0.1
"""As much of it a clock has that drives a function: it may be set anew."""


class Usual(NamedTuple):
    """What is expected of the windows that end now, by scale and function."""

    mean: Floats
    variance: Floats
    level: Floats
    """Of the windows so far, as the sums of squares of blocks around their mean, and how many are free."""
    squares: Floats
    free: Floats


def candidates(counts: Counts, columns: Columns) -> Columns:
    """The functions that may run strangely often: the others ran no more than a Poisson process with their
    rate does once in a few hundred windows."""
    sums = counts.sums[:, columns]
    invocations, minutes = counts.before(columns)
    mean = LENGTHS * (invocations + 0.5) / (minutes + 30.0)
    return columns[(sums > mean + 2.7 * np.sqrt(mean) + 0.5).any(axis=0)]


def usual(counts: Counts, columns: Columns, share: Floats) -> Usual:
    """What is expected; `share` is the part of the invocations that was counted to tell of all."""
    mean, level = _levels(counts, columns)
    squares, free = _dispersed(counts, columns)
    poisson = level / share
    drift = _DRIFT * _irregularity(squares / poisson, free)
    prior = _PRIOR_DISPERSION * poisson + drift * level * level
    variance = (squares + _PRIOR_BLOCKS * prior) / (free + _PRIOR_BLOCKS)
    extra = np.maximum(variance - poisson, 0.0) / (level * level)
    long = np.maximum(variance - _PRIOR_DISPERSION * poisson, 0.0) / (level * level)
    extra[2] = np.maximum(extra[2], long[3])
    extra[:2] = np.maximum(extra[:2], np.maximum(long[2], long[3]))
    return Usual(mean, mean / share + extra * mean * mean, level, squares, free)


def firm(counts: Counts, columns: Columns, usually: Usual, minute: int) -> Flags:
    """By scale and function, whether a window may be told alone: enough of the last half hour must be more
    than usual, since functions that run often have bursts of a minute or two by themselves, and the window
    must hold a handful of runs more than the largest. Of what a clock drives neither is asked for."""
    level, squares, free = usually.level, usually.squares, usually.free
    ran = counts.active_before(columns)[_HALF_HOUR] / np.maximum(counts.minutes[0, columns], 1.0)
    needed = np.minimum(np.floor(_OF_USUAL * SCALES[_HALF_HOUR] * ran), _MOST_NEEDED)
    held = counts.held[[(minute - ago) % HELD for ago in range(SCALES[_HALF_HOUR])]][:, columns]
    raised = (held > _RAISED * level[0] + 1.0).sum(axis=0)
    is_driven = _irregularity(squares / level, free) < _DRIVEN
    enough = HANDFUL + np.minimum(counts.largest(columns), _CLUSTER)
    found: Flags = is_driven | ((raised >= needed) & (counts.sums[:, columns] >= enough))
    return found


def _levels(counts: Counts, columns: Columns) -> tuple[Floats, Floats]:
    """By scale, what is expected, and what is usual of windows so far."""
    invocations, minutes = counts.before(columns)
    runs = LENGTHS * (invocations + 0.5)
    return runs / (minutes + 30.0), runs / (minutes + 1.0)


def _dispersed(counts: Counts, columns: Columns) -> tuple[Floats, Floats]:
    """By scale, the sum of squares of blocks around their mean, and how many of these are free."""
    blocks = counts.blocks[:, columns].astype(np.float64)
    sums = counts.block_sums[:, columns]
    squares = counts.block_squares[:, columns] - sums * sums / np.maximum(blocks, 1.0)
    return np.maximum(squares, 0.0), np.maximum(blocks - 1.0, 0.0)


def _irregularity(dispersed: Floats, free: Floats) -> Floats:
    """How little a clock seems to drive functions: the least dispersion over scales up to half an hour, from
    `_LEAST_DRIFT` for a clock to 1 for chance."""
    prior = _PRIOR_BLOCKS * _PRIOR_DISPERSION
    least: Floats = ((dispersed[:3] + prior) / (free[:3] + _PRIOR_BLOCKS)).min(axis=0)
    return np.clip(least, _LEAST_DRIFT, 1.0)


def scores(counts: Counts, columns: Columns, usually: Usual, share: Floats) -> Floats:
    """By scale and function: above 1 for what was never as surprising; 0 where a function is not ready."""
    mean, variance = usually.mean * share, np.maximum(usually.variance * share * share, usually.mean * share)
    both = np.stack([counts.sums[:, columns], counts.largest(columns).astype(np.float64)])
    told, largest = surprise(both * share, mean, variance)
    ready = counts.active_before(columns) >= READY_ACTIVE
    ready &= counts.minutes[0, columns] >= READY_MINUTES
    is_some = counts.sums[:, columns] >= FEW
    found: Floats = np.where(ready & is_some, told / np.maximum(FLOOR, largest), 0.0)
    many = _many(counts, columns) & ~ready.any(axis=0)
    found[_FIVE] = np.where(many, 1.0, found[_FIVE])
    return found


def _many(counts: Counts, columns: Columns) -> Flags:
    """Functions that are known for long, hardly ever ran and now run often."""
    five = counts.sums[_FIVE, columns]
    known = counts.minutes[0, columns] >= READY_MINUTES
    many: Flags = known & (five >= MANY) & (five > 2.0 * counts.largest(columns)[_FIVE])
    return many
