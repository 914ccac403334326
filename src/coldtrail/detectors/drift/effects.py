"""How large a shift is: what was usual before, and what has been since."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log
from statistics import fmean
from typing import NamedTuple

from msgspec import Struct

from coldtrail.detectors.drift.baselines import ALL_PATHS, OTHER_PATHS, RARE, Baseline, shares
from coldtrail.detectors.drift.log_e_values import log_duration
from coldtrail.detectors.drift.readings import (
    CALLERS,
    CALLS,
    DURATION,
    ERRORS,
    OWN_TIME,
    PATHS,
    RARE_PATHS,
    Reading,
)

LEAST_RATIO = 1.1
"""Of durations and of numbers of calls: a smaller rise is not told."""
LEAST_SHARE = 0.02
"""By which the share of failures, or of a path, must have risen."""
LEAST_RATE = 2.0
_MOST_LOG_RATIO = log(4.0)
"""How much one run may count."""
_DAY_S = 86_400.0


class Effect(Struct, frozen=True):
    """What was usual, and what has been since, in the measure's unit: seconds, calls, shares, runs an
    hour."""

    before: float
    after: float
    kind: int = RARE
    """Of paths and callers, the one whose share has risen."""


class Seen(NamedTuple):
    """What was seen since a statistic was half its threshold."""

    runs: int
    seconds: float
    """The time that the runs took to come, as if the hour were an average one; positive."""
    value: float
    """The mean of `value_of` the runs."""
    kinds: Mapping[int, tuple[float, int]]
    """Of paths or callers: the sum of log e-values and the number of runs of each."""


def kind_of(baseline: Baseline, measure: int, reading: Reading) -> int:
    """The path, or the caller, of a reading; `RARE` for those that are."""
    if measure == PATHS:
        return reading.path if reading.path in baseline.path_log_e_values else RARE
    return reading.caller if reading.caller in baseline.caller_log_e_values else RARE


def value_of(baseline: Baseline, measure: int, reading: Reading) -> float:
    """What a reading adds to the mean from which its measure's effect is told."""
    if measure in (DURATION, OWN_TIME):
        return 0.0 if reading.cold else _excess(baseline, measure, reading)
    if measure == CALLS:
        return float(reading.calls)
    if measure == ERRORS:
        return float(reading.error)
    return float(measure == RARE_PATHS and reading.path not in baseline.path_log_e_values)


def _excess(baseline: Baseline, measure: int, reading: Reading) -> float:
    """A duration's log ratio to the median, or the seconds by which the own time exceeds its median."""
    group = baseline.groups.get(reading.path) or baseline.groups.get(OTHER_PATHS)
    if group is None:
        return 0.0
    _, durations, own_times = group
    usual = middle(durations)
    if measure == DURATION:
        return max(-_MOST_LOG_RATIO, min(log_duration(reading.duration) - usual, _MOST_LOG_RATIO))
    return min(reading.own_time - middle(own_times), exp(usual + _MOST_LOG_RATIO))


def effect_of(baseline: Baseline, measure: int, seen: Seen) -> Effect | None:
    """The effect of what was seen; None where it is too small to be told."""
    if measure in (DURATION, OWN_TIME):
        return _of_times(baseline, measure, seen.value)
    if measure == CALLS:
        return _risen(fmean(baseline.calls), seen.value, LEAST_RATIO)
    if measure == ERRORS:
        return _risen_share(baseline.errors / max(baseline.runs, 1.0), seen.value)
    if measure == RARE_PATHS:
        return _risen(shares(baseline.paths, baseline.runs)[RARE], seen.value, LEAST_RATE)
    if measure in (PATHS, CALLERS):
        return _of_kinds(baseline, baseline.paths if measure == PATHS else baseline.callers, seen)
    return _risen(baseline.a_day / 24, 3600.0 * seen.runs / seen.seconds, LEAST_RATE)


def _of_times(baseline: Baseline, measure: int, mean: float) -> Effect | None:
    if ALL_PATHS not in baseline.groups:
        return None
    _, durations, own_times = baseline.groups[ALL_PATHS]
    usual = exp(middle(durations))
    if measure == DURATION:
        return _risen(usual, usual * exp(mean), LEAST_RATIO)
    own = middle(own_times)
    return Effect(own, own + mean) if mean >= (LEAST_RATIO - 1) * usual else None


def usual_duration(baseline: Baseline) -> float:
    """The median of the warm runs in seconds, 0 where there are none."""
    return exp(middle(baseline.groups[ALL_PATHS][1])) if ALL_PATHS in baseline.groups else 0.0


def _of_kinds(baseline: Baseline, counts: Mapping[int, float], seen: Seen) -> Effect | None:
    """The kind whose share has risen, and not only because the others have stayed away."""
    known = shares(counts, baseline.runs)
    kind = max(seen.kinds, key=lambda one: (seen.kinds[one][0], one), default=RARE)
    before, number = known.get(kind, 0.0), seen.kinds.get(kind, (0.0, 0))[1]
    effect = _risen_share(before, number / seen.runs)
    usual = before * baseline.a_day * seen.seconds / _DAY_S
    return None if effect is None or number < LEAST_RATE * usual else Effect(before, effect.after, kind)


def _risen(before: float, after: float, least: float) -> Effect | None:
    return Effect(before, after) if after >= least * before else None


def _risen_share(before: float, after: float) -> Effect | None:
    return Effect(before, after) if after >= before + LEAST_SHARE else None


def middle(grid: tuple[float, ...]) -> float:
    """The median of a distribution."""
    return grid[len(grid) // 2]
