"""The order of a walk: clocks that jump, minutes that repeat, traits that are taken."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.rates.levels import KINDS
from coldtrail.detectors.rates.walking import Walking
from coldtrail.errors import BundleError
from coldtrail.records.encounter import Encounter
from tests.detectors.rates.told import BEGIN, DAY, key, window


def step(walk: Walking, minute: int, *seen: Encounter) -> list[int]:
    ran = walk.step(BEGIN + minute, seen)
    walk.end(BEGIN + minute, ran)
    return ran.tolist()


def test_what_is_dated_before_the_last_minute_counts_nowhere() -> None:
    walk = Walking(0.03)
    assert step(walk, 5, window("one", 5, 2.0)) == [0]
    assert step(walk, 4, window("one", 4, 9.0)) == []
    assert walk.counts.sums[3, 0] == 2.0


def test_what_is_given_late_counts_nowhere() -> None:
    walk = Walking(0.03)
    step(walk, 5, window("one", 5, 2.0))
    assert step(walk, 9, window("one", 3, 9.0)) == []
    assert walk.minute == BEGIN + 5
    assert step(walk, 9, window("one", 3, 9.0), window("one", 9, 1.0)) == [0]
    assert walk.counts.sums[3, 0] == 3.0


def test_a_clock_that_jumps_for_years_ends_the_minutes_and_is_quick() -> None:
    walk = Walking(0.03)
    step(walk, 0, window("one", 0, 2.0))
    step(walk, 4_000 * DAY, window("one", 4_000 * DAY, 3.0))
    assert walk.counts.sums[:, 0].tolist() == [3.0] * 4
    assert walk.counts.minutes[0, 0] < 2.0
    assert walk.minute == BEGIN + 4_000 * DAY


def test_several_windows_of_a_function_add_up_and_long_ones_are_spread() -> None:
    walk = Walking(0.03)
    step(walk, 9, window("one", 9, 2.0), window("one", 9, 1.0), window("one", 5, 10.0, period_s=300.0))
    assert walk.counts.sums[:, 0].tolist() == [5.0, 13.0, 13.0, 13.0]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -3.0, 1e30])
def test_what_is_no_count_is_left_out(number: float) -> None:
    walk = Walking(0.03)
    assert step(walk, 0, window("one", 0, number)) == []
    assert walk.counts.sums[3, 0] == 0.0


def test_triggers_shares_and_callers_are_taken() -> None:
    walk = Walking(0.03)
    step(walk, 0, window("first", 0, 2.0))
    told = {"trigger": "function first", "traced": 3, "callers": (("first", 2), ("one", 1))}
    step(walk, 1, window("one", 1, 30.0, source="flows", sampling_rate=0.1, **told))
    assert KINDS[walk.functions.kind[0, 1]] == "flow"
    assert walk.functions.share[0, 1] == np.float32(0.1)
    assert (walk.callers.main(1), walk.callers.traced[0, 1], walk.callers.runs[0, 1]) == (0, 3.0, 2.0)
    step(walk, 2, window("one", 2, 30.0))
    step(walk, 3, window("one", 3, 30.0, source="flows"))
    assert walk.functions.share[0, 1] == 1.0


def test_more_functions_than_are_kept_let_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.detectors.rates.functions.MOST_FUNCTIONS", 3)
    walk = Walking(0.03)
    for minute in range(50):
        step(walk, minute, window(f"name-{minute}", minute, 1.0))
    assert len(walk) == 3
    assert set(walk.functions.columns) == {key(f"name-{minute}") for minute in (47, 48, 49)}
    assert walk.counts.sums[3, :3].tolist() == [1.0] * 3


def test_a_minute_out_of_range_and_a_caller_that_is_not_known_are_damage() -> None:
    walk = Walking(0.03)
    step(walk, 0, window("one", 0, 1.0))
    for name, array in (
        ("minute", np.array([2**60])),
        ("callers/caller", np.array([5, -1, -1], np.int32)),
    ):
        with pytest.raises(BundleError):
            Walking(0.03).restore(walk.snapshot() | {name: array})


def test_all_that_is_kept_is_finite() -> None:
    walk = Walking(0.03)
    step(walk, 0, window("one", 0, 1.0))
    for name, array in walk.snapshot().items():
        assert not np.issubdtype(array.dtype, np.floating) or np.isfinite(array).all(), name


def test_a_snapshot_stays_as_it_was_while_the_walk_goes_on() -> None:
    walk = Walking(0.03)
    step(walk, 0, window("one", 0, 2.0), window("two", 0, 1.0))
    kept = walk.snapshot()
    before = {name: one.copy() for name, one in kept.items()}
    step(walk, 7, window("one", 7, 40.0), window("two", 7, 3.0))
    assert all(np.array_equal(one, before[name]) for name, one in kept.items())
