"""The log e-values of readings, in all measures."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import partial
from math import log

import numpy as np

from coldtrail.detectors.drift.baselines import OTHER_PATHS, RARE, Baseline
from coldtrail.detectors.drift.e_values import (
    BURST_POWER,
    HIGHER_POWER,
    MORE_POWER,
    log_e_value_of_less,
    log_e_value_of_more,
    log_e_values_of_more,
)
from coldtrail.detectors.drift.readings import (
    CALLERS,
    CALLS,
    DURATION,
    ERRORS,
    MEASURES,
    OWN_TIME,
    PATHS,
    RATE,
    Readings,
)
from coldtrail.detectors.drift.timed import LEAST_SECONDS
from coldtrail.features.batch import Floats

_LEAST_GAP_S = 1e-3
_NEAR_A_TIE = 1e-9


def log_gap(seconds: float, hour_factor: float) -> float:
    """The time since the run before, as if the hour were an average one; its logarithm."""
    return round(log(max(seconds, 0.0) * hour_factor + _LEAST_GAP_S), 1)


def log_gaps(seconds: Floats, hour_factors: Floats) -> Floats:
    """(run,) `log_gap` of each; NaN for NaN."""
    logs = np.log(np.maximum(seconds, 0.0) * hour_factors + _LEAST_GAP_S)
    return _rounded(logs, 1, lambda i: log_gap(float(seconds[i]), float(hour_factors[i])))


def log_duration(seconds: float) -> float:
    """The logarithm of a duration; times below a tenth of a millisecond count as that.

    Rounded, as all times here: what differs by a clock's noise alone has to be equal.
    """
    return round(log(max(seconds, LEAST_SECONDS)), 3)


def log_durations(seconds: Floats) -> Floats:
    """(run,) `log_duration` of each."""
    return _rounded(np.log(np.maximum(seconds, LEAST_SECONDS)), 3, lambda i: log_duration(float(seconds[i])))


def own_seconds(seconds: Floats) -> Floats:
    """(run,) a function's own times to a tenth of a millisecond."""
    return _rounded(seconds, 4, lambda i: round(float(seconds[i]), 4))


def _rounded(values: Floats, places: int, exactly: Callable[[int], float]) -> Floats:
    """The values, rounded; `exactly` gives the one at a place, where the last bits decide to which side."""
    scaled = values * 10.0**places
    whole = np.rint(scaled)
    out = whole / 10.0**places
    tied = np.abs(np.abs(scaled - whole) - 0.5) <= _NEAR_A_TIE * (1.0 + np.abs(scaled))
    for i in np.flatnonzero(tied).tolist():
        out[i] = exactly(i)
    return out


class _Worked(dict[float, float]):
    """The log e-values of values, each worked out once."""

    def __init__(
        self,
        log_e_value: Callable[[Sequence[float], float, float], float],
        grid: Sequence[float],
        power: float,
    ):
        super().__init__()
        self._log_e_value = partial(log_e_value, grid)
        self._power = power

    def __missing__(self, value: float) -> float:
        factor = self[value] = self._log_e_value(value, self._power)
        return factor


def log_e_values(
    baseline: Baseline, readings: Readings, gaps: Floats, some: Container[int] = range(len(MEASURES))
) -> list[Floats]:
    """(measure, run) the log e-values of readings in some measures; 0 where a measure says nothing of one.

    `gaps` is what `log_gaps` gives for the time since the same caller's run before, NaN for a caller's first
    run, within a stride, and where the clock went back.
    """
    nothing = np.zeros(len(readings.start))
    return [
        log_e_values_in(measure, baseline, readings, gaps) if measure in some else nothing
        for measure in range(len(MEASURES))
    ]


def log_e_values_in(measure: int, baseline: Baseline, readings: Readings, gaps: Floats) -> Floats:
    """(run,) the same in one measure."""
    if measure == RATE:
        return np.array(_rates(baseline, readings, gaps), np.float64)
    if not baseline.runs:
        # No complete run was learned, as where the audit log alone tells of a function.
        return np.zeros(len(readings.start))
    if measure in (DURATION, OWN_TIME):
        factors = _times(measure, baseline, readings)
    elif measure == CALLS:
        calls = _Worked(log_e_value_of_more, baseline.calls, MORE_POWER)
        factors = np.array([calls[number] for number in readings.calls.tolist()], np.float64)
    elif measure == ERRORS:
        factors = np.array(baseline.error_log_e_values)[readings.error.astype(np.int64)]
    elif measure == CALLERS:
        callers = baseline.caller_log_e_values
        told = [callers.get(caller, callers[RARE]) for caller in readings.caller.tolist()]
        factors = np.array(told, np.float64)
    else:
        factors = np.array(_paths(measure, baseline, readings), np.float64)
    factors[readings.complete == 0] = 0.0
    return factors


def _paths(measure: int, baseline: Baseline, readings: Readings) -> list[float]:
    known, paths = baseline.path_log_e_values, readings.path.tolist()
    if measure == PATHS:
        return [known.get(path, known[RARE]) for path in paths]
    common, rare = baseline.rare_path_log_e_values
    return [common if path in known else rare for path in paths]


def _times(measure: int, baseline: Baseline, readings: Readings) -> Floats:
    grids = {path: grids[measure] for path, (_, *grids) in baseline.groups.items()}
    times = log_durations(readings.duration) if measure == DURATION else own_seconds(readings.own_time)
    path = np.where(np.isin(readings.path, list(grids)), readings.path, OTHER_PATHS)
    warm, factors = readings.cold == 0, np.zeros(len(path))
    for group, grid in grids.items():
        rows = np.flatnonzero(warm & (path == group))
        if len(rows):
            factors[rows] = log_e_values_of_more(grid, times[rows], HIGHER_POWER)
    return factors


def _rates(baseline: Baseline, readings: Readings, gaps: Floats) -> list[float]:
    callers = {
        caller: _Worked(log_e_value_of_less, grid, BURST_POWER) for caller, (_, grid) in baseline.gaps.items()
    }
    out = []
    for caller, gap in zip(readings.caller.tolist(), gaps.tolist(), strict=True):
        worked = callers.get(caller)
        out.append(0.0 if worked is None or gap != gap else worked[gap])
    return out
