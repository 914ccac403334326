"""Readings to baselines, and the exponents of their e-values from parts of the history not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from coldtrail.detectors.drift.baselines import Baseline, Hours, ShiftBaselines
from coldtrail.detectors.drift.parts import Parts
from coldtrail.detectors.drift.readings import MEASURES, Readings
from coldtrail.detectors.drift.step_times import HOURS
from coldtrail.detectors.drift.thresholds import exponents_of_each, highest_statistic, shrunk, typical
from coldtrail.features.batch import Floats

_MOST_GAP_S = 3600.0
"""Beyond so long without any run nobody was watching."""
_RUNS_AT_ONCE = 16_384
"""Runs of whole functions that are learned from at once, so that what is made on the way stays small."""


def learn_baselines(readings: Readings, hours: Hours | None = None) -> ShiftBaselines:
    """What readings of any order teach; `hours` where it is known how busy each hour of the day is."""
    readings = readings.take(np.argsort(readings.start, kind="stable"))
    hours = _hours(readings.start, readings.weight) if hours is None else hours
    known, factors = _learned(readings.take(np.argsort(readings.function, kind="stable")), hours)
    usual = typical(exponents_of_each(list(factors.values()), len(MEASURES)))
    return ShiftBaselines(_with_exponents(known, factors, usual), hours, usual)


def _learned(readings: Readings, hours: Hours) -> tuple[dict[int, Baseline], dict[int, Floats]]:
    """The baselines of functions, and the log e-values of their runs by what the rest of them taught."""
    known: dict[int, Baseline] = {}
    factors: dict[int, Floats] = {}
    _, starts = np.unique(readings.function, return_index=True)
    blocks = np.unique(starts // _RUNS_AT_ONCE, return_index=True)[1]
    for rows in np.split(np.arange(len(readings.start)), starts[blocks][1:]):
        if len(rows):
            parts = Parts(readings.take(rows), hours)
            known |= parts.baselines()
            factors |= parts.evenly(parts.held_out())
    return known, factors


def learn_one(readings: Readings, function: int, together: Floats) -> Baseline:
    """What readings of any order teach of one function, with exponents shrunk towards those of all."""
    return learn_some(readings, [function], together)[function]


def learn_some(readings: Readings, functions: Sequence[int], together: Floats) -> dict[int, Baseline]:
    """What readings of any order teach of some functions, with exponents shrunk towards those of all."""
    readings = readings.take(np.argsort(readings.start, kind="stable"))
    hours = _hours(readings.start, readings.weight)
    chosen = np.flatnonzero(np.isin(readings.function, functions))
    readings = readings.take(chosen[np.argsort(readings.function[chosen], kind="stable")])
    known, factors = _learned(readings, hours)
    return _with_exponents(known, factors, together)


def hours_of(readings: Readings) -> Hours:
    """How busy each hour of the day is, by readings of any order."""
    order = np.argsort(readings.start, kind="stable")
    return _hours(readings.start[order], readings.weight[order])


def _hours(start: Floats, weight: Floats) -> Hours:
    hour = (start // 3600).astype(np.int64) % HOURS
    gaps = np.diff(start, prepend=start[:1])
    watched = np.where(gaps <= _MOST_GAP_S, gaps, 0.0)
    seconds = np.bincount(hour, watched, HOURS)
    return Hours(seconds.astype(np.float64), np.bincount(hour, weight, HOURS).astype(np.float64))


def _with_exponents(
    known: Mapping[int, Baseline], factors: Mapping[int, Floats], together: Floats
) -> dict[int, Baseline]:
    """Baselines of functions with their exponents, shrunk towards those of all, and their highest statistics;
    with those of all where there are no log e-values."""
    out = {function: replace(baseline, exponents=together) for function, baseline in known.items()}
    each = exponents_of_each(list(factors.values()), len(MEASURES)).tolist()
    for (function, values), own in zip(factors.items(), each, strict=True):
        pairs = zip(own, together.tolist(), strict=True)
        leaning = np.array([shrunk(one, known[function].runs, all_) for one, all_ in pairs])
        highest = np.array([highest_statistic(column) for column in values.T])
        out[function] = replace(known[function], exponents=leaning, highest=highest)
    return out
