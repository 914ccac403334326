"""What parts of histories teach many functions at once is what each would teach by itself."""

from __future__ import annotations

from random import Random

import numpy as np

from coldtrail.detectors.drift.baselines import (
    ALL_PATHS,
    LEAST_GROUP,
    MOST_CALLERS,
    MOST_GROUPS,
    MOST_PATHS,
    OTHER_PATHS,
    READY_RUNS,
    Baseline,
    Gaps,
    Group,
    Groups,
    Hours,
)
from coldtrail.detectors.drift.e_values import grid_of
from coldtrail.detectors.drift.log_e_values import log_durations, log_e_values, log_gaps, own_seconds
from coldtrail.detectors.drift.parts import LEAST_OTHERS, PARTS, Parts
from coldtrail.detectors.drift.readings import MEASURES, Reading, Readings
from coldtrail.detectors.drift.thinning import standing_for
from coldtrail.features.batch import Floats, Ints
from tests.detectors.drift.histories import columns, history

DAY_S = 86_400.0


def account(functions: int, seed: int) -> Readings:
    """Functions with few and many runs, paths and callers, in order; runs of different weights."""
    random = Random(seed)
    runs: list[Reading] = []
    for function in range(1, functions + 1):
        paths, callers = random.choice((1, 2, 12)), random.choice((1, 3))
        runs += [
            one._replace(
                function=function,
                path=101 + 2 * min(int(random.expovariate(0.5)), paths - 1),
                caller=random.randrange(callers) - 1,
                calls=random.choice((5, 5, 6)),
                complete=random.random() > 0.02,
                weight=random.choice((1.0, 0.7, 3.1)),
            )
            for one in history(random.choice((1, 30, 49, 50, 90, 600)), random.randrange(99))
        ]
    return columns(runs)


def test_all_functions_at_once_learn_what_each_learns_by_itself() -> None:
    readings = account(40, 7)
    hours = Hours(np.full(24, 3600.0), np.arange(24) + 5.0)
    parts = Parts(readings, hours)
    known, factors = parts.baselines(), parts.held_out()
    assert list(known) == list(range(1, 41))
    for function, found in known.items():
        mine = readings.take(np.flatnonzero(readings.function == function))
        alone = _baseline(mine, hours, _missing(mine))
        for name in ("runs", "groups", "calls", "errors", "paths", "callers", "gaps", "a_day"):
            assert getattr(found, name) == getattr(alone, name), (function, name)
        assert list(found.paths) == list(alone.paths)
        assert (function in factors) == (len(mine.start) >= READY_RUNS)
        if function in factors:
            assert np.array_equal(factors[function], _held_out_log_e_values(mine, hours)), function
    assert len({len(one.groups) for one in known.values()}) > 3


def test_no_runs_teach_nothing() -> None:
    nothing = Parts(account(1, 1).take(np.zeros(0, np.int64)), Hours())
    assert (nothing.baselines(), nothing.held_out()) == ({}, {})


Missing = dict[int, float]
"""By caller, for how many runs each of the history stands."""


def _baseline(mine: Readings, hours: Hours, missing: Missing) -> Baseline:
    whole = mine.take(np.flatnonzero(mine.complete))
    watched = max(float(hours.seconds.sum()), 1.0)
    return Baseline(
        float(whole.weight.sum()),
        _groups(whole),
        grid_of(whole.calls.astype(np.float64), whole.weight),
        float(whole.error @ whole.weight),
        _counts(whole.path, whole.weight, MOST_PATHS),
        _counts(whole.caller, whole.weight, MOST_CALLERS),
        _gap_grids(mine, hours, missing),
        float(mine.weight.sum()) / watched * DAY_S,
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


def _gap_grids(mine: Readings, hours: Hours, missing: Missing) -> dict[int, Gaps]:
    gaps = _gaps_of(mine, hours, missing)
    callers, numbers = np.unique(mine.caller[~np.isnan(gaps)], return_counts=True)
    kept = callers[(numbers >= LEAST_GROUP)][:MOST_CALLERS]
    return {int(one): (1, grid_of(gaps[(mine.caller == one) & ~np.isnan(gaps)])) for one in kept}


def _gaps_of(mine: Readings, hours: Hours, missing: Missing) -> Floats:
    order = np.argsort(mine.caller, kind="stable")
    caller, start = mine.caller[order], mine.start[order]
    seconds = np.full(len(order), np.nan)
    again = np.flatnonzero(caller[1:] == caller[:-1]) + 1
    each = np.array([missing[one] for one in caller[again].tolist()])
    seconds[order[again]] = (start[again] - start[again - 1]) / each
    return log_gaps(seconds, hours.during(mine.start))


def _missing(mine: Readings) -> Missing:
    return {
        caller: float(standing_for(mine.weight[mine.caller == caller]).mean())
        for caller in np.unique(mine.caller).tolist()
    }


def _held_out_log_e_values(mine: Readings, hours: Hours) -> Floats:
    number = len(mine.start)
    part = np.arange(number) * PARTS // number
    missing = _missing(mine)
    gaps = _gaps_of(mine, hours, missing)
    out = np.zeros((number, len(MEASURES)))
    for k in range(PARTS):
        rows = np.flatnonzero(part == k)
        taught = _baseline(mine.take(np.flatnonzero(part != k)), hours, missing)
        out[rows] = np.array(log_e_values(taught, mine.take(rows), gaps[rows])).T
    return out
