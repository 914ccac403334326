"""Readings to baselines, and the exponents of their e-values from parts of the history not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coldtrail.detectors.drift.baselines import (
    ALL_PATHS,
    HOURS,
    LEAST_GROUP,
    MOST_CALLERS,
    MOST_GROUPS,
    MOST_PATHS,
    OTHER_PATHS,
    READY_RUNS,
    Baseline,
    Group,
    Groups,
    Hours,
    ShiftBaselines,
)
from coldtrail.detectors.drift.e_values import grid_of
from coldtrail.detectors.drift.log_e_values import log_durations, log_e_values, log_gaps, own_seconds
from coldtrail.detectors.drift.readings import MEASURES, Readings
from coldtrail.detectors.drift.thresholds import exponents, highest_statistic, shrunk
from coldtrail.features.batch import Floats, Ints

LEAST_OTHERS = 20
"""Runs of the paths without a distribution of their own, for them to have one together."""
PARTS = 5
"""Parts of a function's history, one after the other: each is judged by what the others taught."""
_MOST_GAP_S = 3600.0
"""Beyond so long without any run nobody was watching."""
_DAY_S = 86_400.0


def learn_baselines(readings: Readings, hours: Hours | None = None) -> ShiftBaselines:
    """What readings of any order teach; `hours` where it is known how busy each hour of the day is."""
    readings = readings.take(np.argsort(readings.start, kind="stable"))
    hours = _hours(readings.start, readings.weight) if hours is None else hours
    known: dict[int, Baseline] = {}
    factors: dict[int, Floats] = {}
    order = np.argsort(readings.function, kind="stable")
    numbers, starts = np.unique(readings.function[order], return_index=True)
    for function, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=False):
        mine = readings.take(rows)
        known[function] = _baseline(mine, hours)
        if len(rows) >= READY_RUNS:
            factors[function] = _held_out_log_e_values(mine, hours)
    together = exponents(list(factors.values()), len(MEASURES))
    functions = {
        function: _with_exponents(baseline, factors.get(function), together)
        for function, baseline in known.items()
    }
    return ShiftBaselines(functions, hours, together)


def learn_one(readings: Readings, function: int, together: Floats) -> Baseline:
    """What readings of any order teach of one function, with exponents shrunk towards those of all."""
    return learn_some(readings, [function], together)[function]


def learn_some(readings: Readings, functions: Sequence[int], together: Floats) -> dict[int, Baseline]:
    """What readings of any order teach of some functions, with exponents shrunk towards those of all."""
    readings = readings.take(np.argsort(readings.start, kind="stable"))
    hours = _hours(readings.start, readings.weight)
    chosen = np.flatnonzero(np.isin(readings.function, functions))
    readings = readings.take(chosen[np.argsort(readings.function[chosen], kind="stable")])
    numbers, starts = np.unique(readings.function, return_index=True)
    parts = np.split(np.arange(len(chosen)), starts[1:])
    return {
        function: _with_shrunk_exponents(readings.take(rows), hours, together)
        for function, rows in zip(numbers.tolist(), parts, strict=False)
    }


def _with_shrunk_exponents(mine: Readings, hours: Hours, together: Floats) -> Baseline:
    factors = _held_out_log_e_values(mine, hours) if len(mine.start) >= READY_RUNS else None
    return _with_exponents(_baseline(mine, hours), factors, together)


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


def _baseline(mine: Readings, hours: Hours) -> Baseline:
    whole = mine.take(np.flatnonzero(mine.complete))
    watched = max(float(hours.seconds.sum()), 1.0)
    return Baseline(
        float(whole.weight.sum()),
        _groups(whole),
        grid_of(whole.calls.astype(np.float64), whole.weight),
        float(whole.error @ whole.weight),
        _counts(whole.path, whole.weight, MOST_PATHS),
        _counts(whole.caller, whole.weight, MOST_CALLERS),
        _gap_grids(mine, hours),
        float(mine.weight.sum()) / watched * _DAY_S,
    )


def _groups(whole: Readings) -> Groups:
    warm = whole.take(np.flatnonzero(whole.cold == 0))
    out: Groups = {}
    if not len(warm.start):
        return out
    out[ALL_PATHS] = _group(warm)
    paths, of, numbers = np.unique(warm.path, return_inverse=True, return_counts=True)
    often = [i for i in np.argsort(-numbers, kind="stable")[:MOST_GROUPS] if numbers[i] >= LEAST_GROUP]
    for i in often:
        out[int(paths[i])] = _group(warm.take(np.flatnonzero(of == i)))
    others = np.flatnonzero(~np.isin(of, often))
    if len(others) >= LEAST_OTHERS:
        out[OTHER_PATHS] = _group(warm.take(others))
    return out


def _group(warm: Readings) -> Group:
    durations, own_times = log_durations(warm.duration), own_seconds(warm.own_time)
    return float(warm.weight.sum()), grid_of(durations, warm.weight), grid_of(own_times, warm.weight)


def _counts(kinds: Ints, weights: Floats, most: int) -> dict[int, float]:
    found, of = np.unique(kinds, return_inverse=True)
    numbers = np.bincount(of, weights, len(found))
    kept = np.argsort(-numbers, kind="stable")[:most]
    return {int(found[i]): float(numbers[i]) for i in kept}


def _gap_grids(mine: Readings, hours: Hours) -> dict[int, tuple[float, ...]]:
    gaps = gaps_of(mine, hours)
    callers, numbers = np.unique(mine.caller[~np.isnan(gaps)], return_counts=True)
    kept = callers[(numbers >= LEAST_GROUP)][:MOST_CALLERS]
    return {int(one): grid_of(gaps[(mine.caller == one) & ~np.isnan(gaps)]) for one in kept}


def gaps_of(mine: Readings, hours: Hours) -> Floats:
    """(run,) what `log_gap` gives for the time since the same caller's run before, NaN for its first one.

    Where a run stands for several, so many came in that time.
    """
    order = np.argsort(mine.caller, kind="stable")
    caller, start = mine.caller[order], mine.start[order]
    seconds = np.full(len(order), np.nan)
    again = np.flatnonzero(caller[1:] == caller[:-1]) + 1
    seconds[order[again]] = start[again] - start[again - 1]
    return log_gaps(seconds, hours.during(mine.start) / np.maximum(mine.weight, 1.0))


def _held_out_log_e_values(mine: Readings, hours: Hours) -> Floats:
    """(run, measure) the log e-values of each run, by what the other parts of the history taught."""
    number = len(mine.start)
    part = np.arange(number) * PARTS // number
    gaps = gaps_of(mine, hours)
    out = np.zeros((number, len(MEASURES)))
    for k in range(PARTS):
        rows = np.flatnonzero(part == k)
        taught = _baseline(mine.take(np.flatnonzero(part != k)), hours)
        out[rows] = np.array(log_e_values(taught, mine.take(rows), gaps[rows])).T
    return out


def _with_exponents(baseline: Baseline, factors: Floats | None, together: Floats) -> Baseline:
    if factors is None:
        return replace(baseline, exponents=together)
    pairs = zip(exponents([factors], len(MEASURES)).tolist(), together.tolist(), strict=True)
    own = np.array([shrunk(one, baseline.runs, all_) for one, all_ in pairs])
    highest = np.array([highest_statistic(column) for column in factors.T])
    return replace(baseline, exponents=own, highest=highest)
