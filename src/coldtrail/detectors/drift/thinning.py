"""Histories in which each run stands for several, as sequences in which all stand for equally many.

A history keeps whatever is rare whole, and of what is common a sample that says for how many runs each
stands. How high a CUSUM statistic may rise is read off a sequence of runs: were all that are kept taken for
the sequence, what is rare would come far too often in it, and no threshold would be low enough to be passed.
"""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import mix

SAMPLED = 1.5
"""Runs that stand for more are a sample: what age has left of a weight is less than one."""


def standing_for(weight: Floats) -> Floats:
    """(run,) the runs that each of a history stands for, whatever weight age has left it."""
    number: Floats = np.where(weight > SAMPLED, weight, 1.0)
    return number


def evenly(group: Ints, start: Floats, weight: Floats) -> Bools:
    """(run,) which runs to take, of each group at random, for all that are taken to stand for as many.

    They are drawn by their start, so that the same are drawn however often.
    """
    number = standing_for(weight)
    most = np.ones(int(group.max(initial=0)) + 1)
    np.maximum.at(most, group, number)
    even = mix(np.full(len(start), 29, np.uint64), start.view(np.int64)).astype(np.float64) / 2.0**64
    taken: Bools = even < number / most[group]
    return taken
