"""A change of load is told once, of the application; a flood of one function is told as its own."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.load_learning import learn_loads
from coldtrail.detectors.drift.loads import Loads
from coldtrail.detectors.drift.readings import LOAD, RATE, Reading
from coldtrail.detectors.drift.runs import Detection
from coldtrail.errors import BundleError
from coldtrail.features.batch import Ints
from coldtrail.records.stage import packed
from tests.detectors.drift.histories import START, USUAL, columns, lying

DAY_S = 86_400.0
APPLICATIONS: Ints = np.array([0, *(1,) * 6, 2])
LATER = START + 20 * DAY_S


def busy(days: float, seed: int, start: float, times: dict[int, float] | float = 1.0) -> list[Reading]:
    """Six functions of one application, twenty runs an hour each by day and a few at night, and one of
    another; some of them so many times as busy."""
    out = []
    for function in range(1, 8):
        random = Random(100 * seed + function)
        more = times.get(function, 1.0) if isinstance(times, dict) else times if function < 7 else 1.0
        at = start
        while (at := at + random.expovariate(more * 20.0 / 3600.0)) < start + days * DAY_S:
            if random.random() < (1.0 if 8 <= at % DAY_S / 3600.0 < 20 else 0.3):
                out.append(Reading(function, at, False, True, False, 0.1, 0.01, 5, USUAL, 1, 1.0))
    return sorted(out, key=lambda one: one.start)


@cache
def taught() -> ShiftBaselines:
    history = columns(busy(10, 1, START))
    known = learn_baselines(history)
    return ShiftBaselines(
        known.functions, known.hours, known.exponents, loads=learn_loads(history, APPLICATIONS, known.hours)
    )


def told(readings: list[Reading], batch: int = 100_000) -> list[Detection]:
    change_points, found = ChangePoints(taught(), APPLICATIONS), []
    for first in range(0, len(readings), batch):
        some = columns(readings[first : first + batch])
        found += change_points.add(some, lying(len(some.start), first))
    return found


def test_an_ordinary_fortnight_changes_no_load() -> None:
    assert told(busy(14, 2, LATER)) == []


@pytest.mark.parametrize("times", [2.0, 2.5, 3.0])
def test_days_with_more_people_are_told_once_as_one_load(times: float) -> None:
    found = told(busy(3, 4, LATER, times))
    assert [one.measure for one in found] == [LOAD]
    effect = found[0].effect
    assert effect.after / effect.before == pytest.approx(times, rel=0.4)
    assert found[0].found - LATER < DAY_S


def test_a_flood_of_one_function_is_its_own_on_any_day() -> None:
    for load in (1.0, 2.5):
        flood = dict.fromkeys(range(1, 7), load) | {3: 12.0 * load}
        found = told(busy(1, 4, LATER + 0.4 * DAY_S, flood))
        assert 3 in {one.function for one in found if one.measure == RATE}
        assert {one.function for one in found if one.measure == RATE} <= {3}
        assert len([one for one in found if one.measure == LOAD]) <= 1


def test_a_load_is_told_again_after_it_was_over_for_long() -> None:
    days = busy(2, 5, LATER, 2.5) + busy(5, 6, LATER + 2 * DAY_S) + busy(2, 7, LATER + 7 * DAY_S, 2.5)
    assert [one.measure for one in told(days)] == [LOAD, LOAD]


@pytest.mark.parametrize("batch", [1, 50, 777])
def test_however_runs_are_cut_the_same_is_told(batch: int) -> None:
    readings = busy(1.5, 8, LATER, 2.5)
    whole = told(readings)
    assert whole
    assert told(readings, batch) == whole


def test_a_snapshot_and_its_restoring_change_nothing() -> None:
    readings = busy(1, 9, LATER, 2.5)
    for cut in (10, 300, 900):
        first, second = ChangePoints(taught(), APPLICATIONS), ChangePoints(taught(), APPLICATIONS)
        early = first.add(columns(readings[:cut]), lying(cut))
        second.restore(first.snapshot())
        late = second.add(columns(readings[cut:]), lying(len(readings) - cut, cut))
        assert [one[:6] for one in early + late] == [one[:6] for one in told(readings)]


def test_a_day_in_which_nobody_watched_is_no_calm_one() -> None:
    """What comes after it is compared with what is usual, not with the gap."""
    assert told(busy(2, 10, LATER) + busy(2, 11, LATER + 6 * DAY_S)) == []


def test_clocks_that_go_back_count_for_nothing() -> None:
    readings = [
        one._replace(start=one.start - 7_200.0 * (at % 50 == 0)) for at, one in enumerate(busy(2, 12, LATER))
    ]
    assert told(readings) == []


@pytest.mark.parametrize("busy_ones", [None, {7: {}}, {1: {"first": "a"}}])
def test_a_damaged_state_is_refused(busy_ones: object) -> None:
    loads = Loads(taught(), APPLICATIONS)
    state = {**loads.snapshot(), "busy": packed(busy_ones)}
    with pytest.raises(BundleError):
        loads.restore(state)
    with pytest.raises(BundleError):
        loads.restore({**loads.snapshot(), "key": np.array([5 << 40]), "number": np.ones(1)})


def test_a_function_that_is_most_of_its_application_is_told_once_a_day() -> None:
    """The others run by the clock: nothing but the function tells of the load."""
    days = dict.fromkeys(range(1, 7), 0.05) | {3: 1.0}
    history = columns(busy(10, 1, START, days))
    known = learn_baselines(history)
    loads = learn_loads(history, APPLICATIONS, known.hours)
    lonely = ShiftBaselines(known.functions, known.hours, known.exponents, loads=loads)
    told_of = []
    for seed in range(13, 17):
        readings = columns(busy(2, seed, LATER, days | {3: 2.5}))
        found = ChangePoints(lonely, APPLICATIONS).add(readings, lying(len(readings.start)))
        told_of += [one.function for one in found if one.measure in (LOAD, RATE)]
    assert set(told_of) == {3}
    assert 4 <= len(told_of) <= 8, "once in each of the two days"
