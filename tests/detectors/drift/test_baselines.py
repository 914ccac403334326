"""What one function taught, as shares and thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.baselines import HOURS, RARE, Hours, ShiftBaselines, at_most, shares


def test_what_was_seen_once_stands_for_what_is_still_to_come() -> None:
    found = shares({11: 97.0, 12: 1.0, 13: 2.0}, 100.0)
    assert 12 not in found
    assert found[RARE] == pytest.approx((1 + 2 + 0.5) / 101)
    assert sum(found.values()) == pytest.approx(1.0)


def test_shares_without_any_runs_are_all_rare() -> None:
    assert set(shares({}, 0.0)) == {RARE}


def test_a_share_may_be_larger_the_fewer_runs_tell_of_it() -> None:
    assert at_most(0.03, 100.0) == pytest.approx(0.0725, abs=1e-4)
    assert at_most(0.03, 10_000.0) == pytest.approx(0.0329, abs=1e-4)
    assert at_most(0.0, 0.0) < 1


def test_a_busy_function_has_to_wait_longer_for_a_false_shift(baselines: ShiftBaselines) -> None:
    known = baselines.functions[1]
    assert known.runs_a_false_shift == pytest.approx(max(50_000, 30 * known.a_day))
    assert min(known.thresholds) > 10


def test_hours_that_were_watched_have_their_own_rate_and_others_may_be_as_busy_and_more() -> None:
    seconds, runs = np.zeros(HOURS), np.zeros(HOURS)
    seconds[[8, 9]] = 3600.0
    runs[[8, 9]] = 30.0, 90.0
    hours = Hours(seconds, runs)
    assert hours.at(8 * 3600) < 1 < hours.at(9 * 3600 + 5)
    busiest = hours.at(9 * 3600)
    assert hours.at(20 * 3600) == pytest.approx(2 * busiest)
    assert hours.at(10 * 3600) == hours.at(7 * 3600) == pytest.approx(4 / 3 * busiest)
    assert hours.at(11 * 3600) == pytest.approx(5 / 3 * busiest)


def test_hours_without_any_history_say_nothing() -> None:
    assert Hours().at(-7.0) == 2.0
