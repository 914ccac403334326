"""Readings to how busy applications usually are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coldtrail.detectors.drift.baselines import Hours, Load
from coldtrail.detectors.drift.loads import LOG_TWICE
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.thresholds import exponents_of_each, highest_statistic, threshold
from coldtrail.features.batch import Floats, Ints

RUNS_OF_A_BIN = 8.0
LEAST_BIN_S, MOST_BIN_S = 60.0, 21_600.0
_A_FALSE_LOAD_DAYS = 300.0
_DAY_S = 86_400.0


def learn_loads(readings: Readings, applications: Ints, hours: Hours) -> Mapping[int, Load]:
    """How busy applications usually are, by readings of any order; `applications` are those of functions."""
    of = applications[readings.function]
    seconds = float(hours.seconds.sum())
    out: dict[int, Load] = {}
    if seconds <= 0.0:
        return out
    for application in np.unique(of).tolist():
        rows = np.flatnonzero(of == application)
        weight, start = readings.weight[rows], readings.start[rows]
        rate = float(weight.sum()) / seconds
        bin_s = min(max(RUNS_OF_A_BIN / rate, LEAST_BIN_S), MOST_BIN_S)
        out[application] = _load(start, weight, rate, bin_s, hours)
    return out


def _load(start: Floats, weight: Floats, rate: float, bin_s: float, hours: Hours) -> Load:
    """Bins without runs are not told from times when nobody was watching."""
    bins, at = np.unique((start / bin_s).astype(np.int64), return_inverse=True)
    came = np.bincount(at, weight)
    usual = rate * bin_s * hours.during(((bins + 0.5) * bin_s).astype(np.float64))
    spread = max(float(((came - usual) ** 2).mean() / usual.mean()), 1.0)
    steps = (came * LOG_TWICE - usual) / spread
    theta = float(exponents_of_each([steps[:, None]], 1)[0, 0])
    bins_a_false_load = _A_FALSE_LOAD_DAYS * _DAY_S / bin_s
    return Load(rate, bin_s, spread, threshold(theta, highest_statistic(steps), bins_a_false_load, 1))
