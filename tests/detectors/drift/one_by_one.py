"""Bets and stakes as they are defined, one reading after another: what the arrays have to agree with."""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.detectors.drift.baselines import (
    MOST_CALLERS,
    OTHER_PATHS,
    RARE,
    READY_RUNS,
    Baseline,
    ShiftBaselines,
)
from coldtrail.detectors.drift.betting import BURST_POWER, HIGHER_POWER, MORE_POWER, bet_on_less, bet_on_more
from coldtrail.detectors.drift.effects import Seen, effect_of, kind_of, value_of
from coldtrail.detectors.drift.readings import CALLERS, PATHS, Reading
from coldtrail.detectors.drift.runs import Detection
from coldtrail.detectors.drift.stakes import CERTAIN, MOST_KINDS, MOST_REFERENCES, NOWHERE, Stake
from coldtrail.detectors.drift.staking import log_duration, log_gap
from coldtrail.detectors.drift.watch import COUNTED_ALWAYS, LEAST_S, Track


def bets_on(baseline: Baseline, reading: Reading, gap: float | None) -> tuple[float, ...]:
    """(measure,) the log factors of a reading."""
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
    group = baseline.groups.get(reading.path) or baseline.groups.get(OTHER_PATHS)
    if reading.cold or group is None:
        return 0.0, 0.0
    _, durations, own_times = group
    return (
        bet_on_more(durations, log_duration(reading.duration), HIGHER_POWER),
        bet_on_more(own_times, round(reading.own_time, 4), HIGHER_POWER),
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
    return found


def _gap(track: Track, reading: Reading, baselines: ShiftBaselines) -> float | None:
    last = track.last.get(reading.caller)
    if last is not None or len(track.last) < MOST_CALLERS:
        track.last[reading.caller] = reading.start
    if last is None or reading.start < last:
        return None
    return log_gap(reading.start - last, baselines.hours.at(reading.start))


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
    stake = track.measures[measure]
    grown = stake.stake + factor
    if grown <= 0.0:
        track.measures[measure] = Stake()
        return []
    stake.stake = min(grown, threshold)
    if not stake.runs:
        stake.since = stake.certain_since = reading.start
    stake.runs += 1
    if factor > 0:
        stake.flows = [*stake.flows, place][:MOST_REFERENCES]
        if factor > stake.look_factor:
            stake.look, stake.look_factor = place, factor
    if grown < CERTAIN * threshold:
        stake.certain_since, stake.certain_runs = reading.start, 0
        return []
    _measure(stake, baseline, measure, reading, factor)
    return _told(stake, baselines, measure, reading) if grown > threshold and not stake.told else []


def _measure(stake: Stake, baseline: Baseline, measure: int, reading: Reading, factor: float) -> None:
    if not stake.certain_runs:
        stake.value, stake.kinds = 0.0, {}
    stake.certain_runs += 1
    stake.value += (value_of(baseline, measure, reading) - stake.value) / stake.certain_runs
    kind = kind_of(baseline, measure, reading)
    if measure in (PATHS, CALLERS) and (kind in stake.kinds or len(stake.kinds) < MOST_KINDS):
        total, number = stake.kinds.get(kind, (0.0, 0))
        stake.kinds[kind] = total + factor, number + 1


def _told(stake: Stake, baselines: ShiftBaselines, measure: int, reading: Reading) -> list[Detection]:
    seconds = max(reading.start - stake.certain_since, LEAST_S) * baselines.hours.at(reading.start)
    seen = Seen(stake.certain_runs, seconds, stake.value, stake.kinds)
    effect = effect_of(baselines.functions[reading.function], measure, seen)
    if effect is None or stake.look == NOWHERE:
        return []
    stake.told = True
    told = reading.function, measure, stake.since, reading.start, stake.runs, effect
    return [Detection(*told, stake.look, tuple(stake.flows))]
