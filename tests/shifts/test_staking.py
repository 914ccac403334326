"""The bets on one reading."""

from __future__ import annotations

import pytest

from coldtrail.shifts.baselines import ShiftBaselines
from coldtrail.shifts.readings import CALLERS, DRIPS, DURATION, ERRORS, MEASURES, OWN_TIME, PATHS, RATE
from coldtrail.shifts.staking import bets, log_duration, log_gap
from tests.shifts.histories import NEVER, history, slower

USUAL = history(1, seed=3)[0]


def test_each_measure_has_its_bet(baselines: ShiftBaselines) -> None:
    assert len(bets(baselines.functions[1], USUAL, log_gap(20.0, 1.0))) == len(MEASURES)


def test_what_is_more_than_usual_wins(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    slow = bets(known, slower(slower(USUAL)), None)
    assert min(slow[DURATION], slow[OWN_TIME]) > 0
    won = bets(known, USUAL._replace(error=True, path=NEVER, caller=9), None)
    assert min(won[i] for i in (ERRORS, PATHS, DRIPS, CALLERS)) > 0
    assert won[RATE] == 0.0
    assert bets(known, USUAL, log_gap(0.1, 1.0))[RATE] > 1.0 > bets(known, USUAL, log_gap(60.0, 1.0))[RATE]


def test_cold_runs_say_nothing_of_durations_and_open_ones_nothing_but_the_rate(
    baselines: ShiftBaselines,
) -> None:
    known = baselines.functions[1]
    cold = bets(known, USUAL._replace(cold=True), None)
    assert (cold[DURATION], cold[OWN_TIME]) == (0.0, 0.0)
    still_open = bets(known, USUAL._replace(complete=False), log_gap(1.0, 1.0))
    assert set(still_open[:RATE]) == {0.0}
    assert still_open[RATE] > 0


@pytest.mark.parametrize("seconds", [0.0, -3.0, 1e12])
def test_times_of_any_kind_have_a_logarithm(seconds: float) -> None:
    assert -10 < log_duration(seconds) < 30
    assert -10 < log_gap(seconds, 1.0) < 30
