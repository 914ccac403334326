"""How long it takes until a caller starts a function again, by histories that may be a sample.

Where each run was learned, it is the time from run to run. Of a sample only how many runs came in some time
is known, and where many runs come in a second, a few people at once are a burst of them: there it is the time
in which a stride of many runs came, and bursts within it are no faster rate.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.drift.baselines import Hours
from coldtrail.detectors.drift.log_e_values import log_gaps
from coldtrail.detectors.drift.thinning import standing_for
from coldtrail.features.batch import Floats, Ints

RUNS_OF_A_STRIDE = 16
"""Runs of a sample that a stride takes, each of which stands for several."""
MANY_MISSING = 4.0
"""Runs that each of a sample stands for, on average, beyond which too little is known of each gap. Up to
there, gaps are those of the sample as many times as short: so it is where runs come independently."""
STRIDE_S = 5.0
"""Seconds that a stride takes, about, where runs come so often."""
_NEAR = 1e-6


def sampling_of(function: Ints, caller: Ints, weight: Floats, watched_s: float) -> tuple[Floats, Ints]:
    """(run,) how many runs each of the run's function and caller stands for on average, and of how many runs
    a stride is: 1 where gaps from run to run are known, and long enough."""
    order = np.lexsort((caller, function))
    of = np.cumsum(_begins(function[order], caller[order])) - 1
    total, number = np.bincount(of, standing_for(weight)[order]), np.bincount(of)
    mean = total / np.maximum(number, 1)
    often = np.floor(STRIDE_S * total / max(watched_s, STRIDE_S))
    of_sample = np.where(mean > MANY_MISSING, np.ceil(RUNS_OF_A_STRIDE * mean), 1.0)
    stride = np.maximum(of_sample, often).astype(np.int64)
    means, strides = np.empty(len(order)), np.empty(len(order), np.int64)
    means[order], strides[order] = mean[of], stride[of]
    return means, strides


def gaps_of(
    teacher: Ints, caller: Ints, start: Floats, weight: Floats, sampling: tuple[Floats, Ints], hours: Hours
) -> Floats:
    """(run,) what `log_gap` gives for the time since the same caller's run a stride before, among those of a
    teacher.

    It is NaN where no stride ends. `sampling` is what `sampling_of` gives.
    """
    order = np.lexsort((caller, teacher))
    mean, stride = (one[order] for one in sampling)
    begins, begun = _begins(teacher[order], caller[order]), start[order]
    first = np.flatnonzero(begins)
    number = np.where(stride > 1, standing_for(weight)[order], 1.0)
    number[first] = 0.0
    came = np.cumsum(number)
    strides = (came - np.repeat(came[first], np.diff(np.append(first, len(order))))) / stride
    whole = np.floor(strides + _NEAR)
    ends = np.flatnonzero(begins | (whole > np.append(0.0, whole[:-1])))
    again = np.flatnonzero(~begins[ends])
    later, before = ends[again], ends[again - 1]
    each = np.where(stride[later] > 1, stride[later], mean[later])
    passed = (whole[later] - whole[before]) * each
    seconds = np.full(len(order), np.nan)
    seconds[order[later]] = (begun[later] - begun[before]) / passed
    return log_gaps(seconds, hours.during(start))


def _begins(*keys: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(row,) whether a row is the first with its keys, where rows with the same keys are neighbours."""
    new = np.zeros(len(keys[0]), np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new
