"""The bets on one reading, in all measures."""

from __future__ import annotations

from math import log

from coldtrail.shifts.baselines import LEAST_SECONDS, OTHER_PATHS, RARE, Baseline
from coldtrail.shifts.betting import BURST_POWER, HIGHER_POWER, MORE_POWER, bet_on_less, bet_on_more
from coldtrail.shifts.readings import Reading

_LEAST_GAP_S = 1e-3


def log_gap(seconds: float, hour_factor: float) -> float:
    """The time since the run before, as if the hour were an average one; its logarithm."""
    return round(log(max(seconds, 0.0) * hour_factor + _LEAST_GAP_S), 1)


def log_duration(seconds: float) -> float:
    """The logarithm of a duration; times below a tenth of a millisecond count as that.

    Rounded, as all times here: what differs by a clock's noise alone has to be equal.
    """
    return round(log(max(seconds, LEAST_SECONDS)), 3)


def own_seconds(seconds: float) -> float:
    """A function's own time to a tenth of a millisecond."""
    return round(seconds, 4)


def bets(baseline: Baseline, reading: Reading, gap: float | None) -> tuple[float, ...]:
    """(measure,) the log factors of a reading; 0 where a measure says nothing of it.

    `gap` is what `log_gap` gives for the time since its caller's run before, None for a caller's first run
    and where the clock went back.
    """
    gaps = baseline.gaps.get(reading.caller)
    rate = 0.0 if gap is None or gaps is None else bet_on_less(gaps, gap, BURST_POWER)
    if not reading.complete:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, rate)
    path = baseline.path_bets.get(reading.path)
    callers = baseline.caller_bets
    return (
        *_times(baseline, reading),
        bet_on_more(baseline.calls, reading.calls, MORE_POWER),
        baseline.error_bets[reading.error],
        baseline.path_bets[RARE] if path is None else path,
        baseline.drip_bets[path is None],
        callers.get(reading.caller, callers[RARE]),
        rate,
    )


def _times(baseline: Baseline, reading: Reading) -> tuple[float, float]:
    groups = baseline.groups
    group = groups.get(reading.path) or groups.get(OTHER_PATHS)
    if reading.cold or group is None:
        return 0.0, 0.0
    _, durations, own_times = group
    return (
        bet_on_more(durations, log_duration(reading.duration), HIGHER_POWER),
        bet_on_more(own_times, own_seconds(reading.own_time), HIGHER_POWER),
    )
