"""How large a shift is."""

from __future__ import annotations

import pytest

from coldtrail.detectors.drift.baselines import RARE, ShiftBaselines
from coldtrail.detectors.drift.effects import Effect, Seen, effect_of, kind_of, middle, value_of
from coldtrail.detectors.drift.readings import (
    CALLERS,
    CALLS,
    DURATION,
    ERRORS,
    OWN_TIME,
    PATHS,
    RARE_PATHS,
    RATE,
)
from tests.detectors.drift.histories import NEVER, USUAL, history, slower

HOUR_S = 3600.0


def _seen(value: float, runs: int = 50) -> Seen:
    return Seen(runs, HOUR_S, value, {})


def test_a_fifth_longer_is_told_and_a_twentieth_is_not(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    effect = effect_of(known, DURATION, _seen(0.182))
    assert effect is not None
    assert effect.after / effect.before == pytest.approx(1.2, abs=0.001)
    assert effect_of(known, DURATION, _seen(0.05)) is None


def test_own_time_counts_against_the_whole_run(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    assert effect_of(known, OWN_TIME, _seen(0.002)) is None
    effect = effect_of(known, OWN_TIME, _seen(0.02))
    assert effect is not None
    assert effect.after == pytest.approx(effect.before + 0.02)


def test_shares_and_numbers_must_rise(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    assert effect_of(known, ERRORS, _seen(0.03)) is None
    assert effect_of(known, ERRORS, _seen(0.2)) is not None
    assert effect_of(known, RARE_PATHS, _seen(0.0001)) is None
    assert effect_of(known, RARE_PATHS, _seen(0.05)) is not None
    assert effect_of(known, CALLS, _seen(5.2)) is None
    assert effect_of(known, CALLS, _seen(6.0)) == Effect(5.0, 6.0)


def test_a_rate_must_double(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    usual = round(known.a_day / 24)
    assert effect_of(known, RATE, _seen(0.0, usual)) is None
    effect = effect_of(known, RATE, _seen(0.0, 10 * usual))
    assert effect is not None
    assert effect.after == pytest.approx(10 * usual)


def test_the_kind_that_has_risen_is_named(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    effect = effect_of(known, CALLERS, Seen(50, HOUR_S, 0.0, {1: (-5.0, 30), 0: (9.0, 20)}))
    assert effect is not None
    assert (effect.kind, effect.after) == (0, 0.4)


def test_a_kind_that_only_stays_while_others_pause_is_no_shift(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    seconds = 50 / (0.02 * known.a_day) * 86_400
    seldom = next(path for path in known.path_log_e_values if path not in (RARE, USUAL))
    alone = Seen(50, seconds, 0.0, {seldom: (9.0, 50)})
    assert effect_of(known, PATHS, alone) is None
    assert effect_of(known, PATHS, alone._replace(seconds=seconds / 5)) is not None


def test_values_and_kinds_are_read_off_a_reading(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    reading = history(1, seed=3)[0]
    assert value_of(known, DURATION, slower(reading)) == pytest.approx(
        value_of(known, DURATION, reading) + 0.182, abs=0.001
    )
    assert value_of(known, DURATION, reading._replace(cold=True)) == 0.0
    assert value_of(known, CALLS, reading) == 5.0
    assert value_of(known, RARE_PATHS, reading._replace(path=NEVER)) == 1.0
    assert kind_of(known, PATHS, reading._replace(path=NEVER)) == RARE
    assert kind_of(known, CALLERS, reading) == 1


def test_the_middle_of_a_distribution() -> None:
    assert middle((1.0, 2.0, 9.0)) == 2.0
