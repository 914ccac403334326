"""The log e-values of one reading."""

from __future__ import annotations

from math import exp, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.log_e_values import (
    log_duration,
    log_durations,
    log_e_values,
    log_gap,
    log_gaps,
    own_seconds,
)
from coldtrail.detectors.drift.readings import (
    CALLERS,
    DURATION,
    ERRORS,
    MEASURES,
    OWN_TIME,
    PATHS,
    RARE_PATHS,
    RATE,
    Reading,
)
from tests.detectors.drift.histories import NEVER, columns, history, slower

TIMES = st.floats(0.0, 1e9)
USUAL = history(1, seed=3)[0]


def _log_e_values(baselines: ShiftBaselines, reading: Reading, gap: float = nan) -> list[float]:
    """The log e-values of one run, by measure."""
    return [one for (one,) in log_e_values(baselines.functions[1], columns([reading]), np.array([gap]))]


def test_each_measure_has_its_e_value(baselines: ShiftBaselines) -> None:
    assert len(_log_e_values(baselines, USUAL, log_gap(20.0, 1.0))) == len(MEASURES)


def test_what_is_more_than_usual_wins(baselines: ShiftBaselines) -> None:
    slow = _log_e_values(baselines, slower(slower(USUAL)))
    assert min(slow[DURATION], slow[OWN_TIME]) > 0
    strange = _log_e_values(baselines, USUAL._replace(error=True, path=NEVER, caller=9))
    assert min(strange[i] for i in (ERRORS, PATHS, RARE_PATHS, CALLERS)) > 0
    assert strange[RATE] == 0.0
    often, seldom = (_log_e_values(baselines, USUAL, log_gap(gap, 1.0))[RATE] for gap in (0.1, 60.0))
    assert often > 1.0 > seldom


def test_cold_runs_say_nothing_of_durations_and_open_ones_nothing_but_the_rate(
    baselines: ShiftBaselines,
) -> None:
    cold = _log_e_values(baselines, USUAL._replace(cold=True))
    assert (cold[DURATION], cold[OWN_TIME]) == (0.0, 0.0)
    still_open = _log_e_values(baselines, USUAL._replace(complete=False), log_gap(1.0, 1.0))
    assert set(still_open[:RATE]) == {0.0}
    assert still_open[RATE] > 0


@given(st.lists(st.one_of(TIMES, st.integers(0, 30_000).map(lambda n: exp(n / 1000 - 9.0005))), min_size=1))
def test_times_in_arrays_are_rounded_as_they_are_one_by_one(seconds: list[float]) -> None:
    some = np.array(seconds)
    assert log_durations(some).tolist() == [log_duration(one) for one in seconds]
    assert own_seconds(some).tolist() == [round(one, 4) for one in seconds]
    factors = np.linspace(0.5, 3.0, len(some))
    pairs = zip(seconds, factors.tolist(), strict=True)
    assert log_gaps(some, factors).tolist() == [log_gap(*pair) for pair in pairs]


@given(st.integers(-(10**9), 10**9))
def test_times_between_two_numbers_are_rounded_as_they_are_one_by_one(number: int) -> None:
    half = (number + 0.5) / 10_000
    around = [half, np.nextafter(half, -np.inf), np.nextafter(half, np.inf)]
    assert own_seconds(np.array(around)).tolist() == [round(float(one), 4) for one in around]


@pytest.mark.parametrize("seconds", [0.0, -3.0, 1e12])
def test_times_of_any_kind_have_a_logarithm(seconds: float) -> None:
    assert -10 < log_duration(seconds) < 30
    assert -10 < log_gap(seconds, 1.0) < 30
