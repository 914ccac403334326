"""E-values and CUSUM statistics as defined, one reading after another: what the arrays have to agree with."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from coldtrail.detectors.drift.baselines import (
    MOST_CALLERS,
    OTHER_PATHS,
    RARE,
    READY_RUNS,
    Baseline,
    ShiftBaselines,
)
from coldtrail.detectors.drift.change_points import COUNTED_ALWAYS, LEAST_S, Track
from coldtrail.detectors.drift.cusum import CERTAIN, MOST_KINDS, MOST_REFERENCES, NOWHERE, Cusum
from coldtrail.detectors.drift.e_values import (
    BURST_POWER,
    HIGHER_POWER,
    MORE_POWER,
    log_e_value_of_less,
    log_e_value_of_more,
)
from coldtrail.detectors.drift.effects import Seen, effect_of, kind_of, value_of
from coldtrail.detectors.drift.loads import STANDS_OUT
from coldtrail.detectors.drift.log_e_values import log_duration, log_gap
from coldtrail.detectors.drift.readings import CALLERS, PATHS, RATE, Reading
from coldtrail.detectors.drift.runs import Detection


def bets_on(baseline: Baseline, reading: Reading, gap: float | None) -> tuple[float, ...]:
    """(measure,) the log e-values of a reading."""
    gaps = baseline.gaps.get(reading.caller)
    rate = 0.0 if gap is None or gaps is None else log_e_value_of_less(gaps[1], gap, BURST_POWER)
    if not reading.complete:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, rate)
    path = baseline.path_log_e_values.get(reading.path)
    callers = baseline.caller_log_e_values
    return (
        *_times(baseline, reading),
        log_e_value_of_more(baseline.calls, reading.calls, MORE_POWER),
        baseline.error_log_e_values[reading.error],
        baseline.path_log_e_values[RARE] if path is None else path,
        baseline.rare_path_log_e_values[path is None],
        callers.get(reading.caller, callers[RARE]),
        rate,
    )


def _times(baseline: Baseline, reading: Reading) -> tuple[float, float]:
    group = baseline.groups.get(reading.path) or baseline.groups.get(OTHER_PATHS)
    if reading.cold or group is None:
        return 0.0, 0.0
    _, durations, own_times = group
    return (
        log_e_value_of_more(durations, log_duration(reading.duration), HIGHER_POWER),
        log_e_value_of_more(own_times, round(reading.own_time, 4), HIGHER_POWER),
    )


def found_one_by_one(
    baselines: ShiftBaselines, readings: Sequence[Reading], alarmed: Sequence[bool]
) -> list[Detection]:
    """What a watch finds in readings, whose flows lie in their order."""
    tracks: dict[int, Track] = {}
    found = []
    for place, (reading, told) in enumerate(zip(readings, alarmed, strict=True)):
        baseline = baselines.functions.get(reading.function)
        if baseline is None or baseline.runs < READY_RUNS:
            continue
        track = tracks.setdefault(reading.function, Track())
        factors = bets_on(baseline, reading, _gap(track, reading, baselines))
        for measure, factor in enumerate(factors):
            if not told or measure in COUNTED_ALWAYS:
                found += _grown(track, baselines, measure, reading, place, factor)
    return _told_once(found)


def _told_once(found: Sequence[Detection]) -> list[Detection]:
    """All but the rates that were told within a day, and were about as high."""
    last: dict[int, tuple[float, float]] = {}
    out = []
    for one in found:
        times = one.effect.after / one.effect.before
        when, high = last.get(one.function, (-inf, 0.0))
        if one.measure == RATE and one.found - when < 86_400.0 and times <= STANDS_OUT * high:
            last[one.function] = one.found, high
            continue
        if one.measure == RATE:
            last[one.function] = one.found, times
        out.append(one)
    return out


def _gap(track: Track, reading: Reading, baselines: ShiftBaselines) -> float | None:
    stride, _ = baselines.functions[reading.function].gaps.get(reading.caller, (1, ()))
    last = track.last.get(reading.caller)
    if last is not None and reading.start >= last and stride > 1:
        track.strides[reading.caller] = track.strides.get(reading.caller, 0) + 1
        if track.strides[reading.caller] < stride:
            return None
    track.strides[reading.caller] = 0
    if last is not None or len(track.last) < MOST_CALLERS:
        track.last[reading.caller] = reading.start
    if last is None or reading.start < last:
        return None
    return log_gap((reading.start - last) / stride, baselines.hours.at(reading.start))


def _grown(
    track: Track,
    baselines: ShiftBaselines,
    measure: int,
    reading: Reading,
    place: int,
    factor: float,
) -> list[Detection]:
    baseline = baselines.functions[reading.function]
    threshold = baseline.thresholds[measure]
    cusum = track.measures[measure]
    grown = cusum.statistic + factor
    if grown <= 0.0:
        track.measures[measure] = Cusum()
        return []
    cusum.statistic = min(grown, threshold)
    if not cusum.runs:
        cusum.since = cusum.certain_since = reading.start
    cusum.runs += 1
    if factor > 0:
        cusum.flows = [*cusum.flows, place][:MOST_REFERENCES]
        if factor > cusum.look_factor:
            cusum.look, cusum.look_factor = place, factor
    if grown < CERTAIN * threshold:
        cusum.certain_since, cusum.certain_runs = reading.start, 0
        return []
    _measure(cusum, baseline, measure, reading, factor)
    return _told(cusum, baselines, measure, reading) if grown > threshold and not cusum.told else []


def _measure(cusum: Cusum, baseline: Baseline, measure: int, reading: Reading, factor: float) -> None:
    if not cusum.certain_runs:
        cusum.value, cusum.kinds = 0.0, {}
    cusum.certain_runs += 1
    cusum.value += (value_of(baseline, measure, reading) - cusum.value) / cusum.certain_runs
    kind = kind_of(baseline, measure, reading)
    if measure in (PATHS, CALLERS) and (kind in cusum.kinds or len(cusum.kinds) < MOST_KINDS):
        total, number = cusum.kinds.get(kind, (0.0, 0))
        cusum.kinds[kind] = total + factor, number + 1


def _told(cusum: Cusum, baselines: ShiftBaselines, measure: int, reading: Reading) -> list[Detection]:
    seconds = max(reading.start - cusum.certain_since, LEAST_S) * baselines.hours.at(reading.start)
    seen = Seen(cusum.certain_runs, seconds, cusum.value, cusum.kinds)
    effect = effect_of(baselines.functions[reading.function], measure, seen)
    if effect is None or cusum.look == NOWHERE:
        return []
    cusum.told = True
    told = reading.function, measure, cusum.since, reading.start, cusum.runs, effect
    return [Detection(*told, cusum.look, tuple(cusum.flows))]
