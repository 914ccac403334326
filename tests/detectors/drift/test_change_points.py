"""Readings to shifts."""

from __future__ import annotations

import itertools
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.cusum import MOST_REFERENCES
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import (
    CALLERS,
    DURATION,
    MEASURES,
    OWN_TIME,
    RARE_PATHS,
    RATE,
    Reading,
)
from coldtrail.detectors.drift.runs import Detection
from coldtrail.errors import BundleError
from coldtrail.records.stage import packed
from tests.detectors.drift.histories import NEVER, START, changed, columns, followed, history, lying, slower
from tests.detectors.drift.one_by_one import found_one_by_one


def _measures(baselines: ShiftBaselines, runs: list[Reading]) -> list[int]:
    return [found.measure for found in followed(ChangePoints(baselines), runs)]


@pytest.mark.parametrize("seed", range(2, 7))
def test_a_history_like_the_learned_one_has_no_shifts(baselines: ShiftBaselines, seed: int) -> None:
    assert _measures(baselines, history(2000, seed)) == []


def test_a_fifth_longer_is_found_and_told_once(baselines: ShiftBaselines) -> None:
    found = followed(ChangePoints(baselines), changed(history(1000, seed=2), 300, slower))
    assert sorted(one.measure for one in found) == [DURATION, OWN_TIME]
    by_measure = {one.measure: one for one in found}
    own = by_measure[OWN_TIME]
    assert own.look >= 300
    assert own.effect.after == pytest.approx(0.022, rel=0.3)
    assert by_measure[DURATION].effect.after / by_measure[DURATION].effect.before > 1.1
    assert all(len(one.places) <= MOST_REFERENCES for one in found)


def test_it_is_told_again_after_it_was_over(baselines: ShiftBaselines) -> None:
    runs = changed(history(300, seed=2), 150, slower)
    runs += changed(history(800, seed=3, start=runs[-1].start), 400, slower)
    assert _measures(baselines, runs).count(OWN_TIME) == 2


@pytest.mark.parametrize(("learned", "judged", "every"), [(3_000, 4_000, 60), (20_000, 20_000, 1_000)])
def test_a_rare_path_is_found_where_none_was(learned: int, judged: int, every: int) -> None:
    def rare_path(one: Reading) -> Reading:
        return one._replace(path=NEVER) if next(places) % every == 0 else one

    places = itertools.count()
    taught = learn_baselines(columns(history(learned, seed=1)))
    assert _measures(taught, changed(history(judged, seed=2), 0, rare_path)) == [RARE_PATHS]


def test_a_burst_and_a_caller_never_met_are_found(baselines: ShiftBaselines) -> None:
    usual = history(200, seed=2)
    burst = history(60, seed=3, start=usual[-1].start + 30, every_s=0.5)
    assert _measures(baselines, usual + burst) == [RATE]
    strangers = [one._replace(caller=7) for one in history(20, seed=3, start=usual[-1].start)]
    assert _measures(baselines, usual + strangers) == [CALLERS]


@pytest.mark.parametrize(("runs", "told"), [(2_000, []), (6_000, [RATE])])
def test_where_runs_come_many_a_second_a_rush_of_some_seconds_is_no_rate(runs: int, told: list[int]) -> None:
    """Five times as many, for 40 s and for two minutes."""
    taught = learn_baselines(columns(history(6_000, seed=1, every_s=0.1)))
    usual = history(600, seed=2, every_s=0.1)
    rush = history(runs, seed=3, start=usual[-1].start, every_s=0.02)
    calm = history(600, seed=4, start=rush[-1].start, every_s=0.1)
    assert _measures(taught, usual + rush + calm) == told


def test_what_alarmed_by_itself_is_not_told_twice(baselines: ShiftBaselines) -> None:
    change_points = ChangePoints(baselines)
    runs = changed(history(600, seed=2), 100, slower)
    assert change_points.add(columns(runs), lying(len(runs)), np.ones(len(runs), np.bool_)) == []


def test_functions_hardly_or_never_learned_are_not_followed(baselines: ShiftBaselines) -> None:
    strange = [one._replace(function=3) for one in changed(history(200), 0, slower)]
    assert _measures(baselines, strange) == []
    hardly = learn_baselines(columns(history(20)))
    assert _measures(hardly, changed(history(200), 0, slower)) == []


def test_a_clock_that_jumps_and_durations_of_nothing_raise_no_shift(baselines: ShiftBaselines) -> None:
    runs = history(300, seed=2)
    year_s = 86_400 * 365
    jumps = [one._replace(start=one.start + year_s * (100 < i < 200)) for i, one in enumerate(runs)]
    assert _measures(baselines, jumps) == []
    nothing = [one._replace(duration=0.0, own_time=0.0, start=START) for one in runs]
    assert set(_measures(baselines, nothing)) <= {RATE}


def _two_functions(seed: int) -> list[Reading]:
    """Runs of two functions that shift one after the other, with much that is seldom among them."""
    random = Random(seed)

    def strange(one: Reading) -> Reading:
        longer = slower(one) if random.random() < 0.5 else one
        caller = random.choice((1, 1, 2, random.randrange(3, 90)))
        back = 60.0 if random.random() < 0.02 else 0.0
        failed = one.error or random.random() < 0.2
        return longer._replace(
            caller=caller,
            start=one.start - back,
            complete=random.random() < 0.95,
            error=failed,
            path=random.choice((one.path, one.path, one.path, NEVER)),
            calls=random.choice((5, 5, 6)),
        )

    every_s = random.choice((4.0, 20.0))
    some = changed(history(400, seed, every_s=every_s), random.randrange(400), strange)
    others = [one._replace(function=2) for one in changed(history(300, seed + 1), 100, slower)]
    return sorted(some + others, key=lambda one: round(one.start, -2))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 700), max_size=6), st.sampled_from((0.0, 0.1)))
def test_readings_cut_in_any_way_show_what_they_show_one_by_one(
    seed: int, cuts: list[int], alarms: float
) -> None:
    taught = _two_taught()
    readings = _two_functions(seed)
    random = Random(seed)
    alarmed = [random.random() < alarms for _ in readings]
    change_points = ChangePoints(taught)
    found = []
    for first, end in itertools.pairwise(sorted([0, *cuts, len(readings)])):
        found += change_points.add(
            columns(readings[first:end]), lying(end - first, first), np.array(alarmed[first:end], np.bool_)
        )
    assert found == found_at_once(taught, readings, alarmed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChangePoints, "_further", lambda *_: iter(()))
        assert found_at_once(taught, readings, alarmed) == found_one_by_one(taught, readings, alarmed)


def found_at_once(taught: ShiftBaselines, readings: list[Reading], alarmed: list[bool]) -> list[Detection]:
    """The shifts of readings that come all together."""
    number = len(readings)
    return ChangePoints(taught).add(columns(readings), lying(number), np.array(alarmed, np.bool_))


@cache
def _two_taught() -> ShiftBaselines:
    some = history(600, seed=1)
    return learn_baselines(columns(some + [one._replace(function=2) for one in some]))


def test_what_is_cut_in_any_way_holds_shifts_of_every_measure() -> None:
    seen = {
        one.measure
        for seed in range(12)
        for one in followed(ChangePoints(_two_taught()), _two_functions(seed))
    }
    assert seen == set(range(len(MEASURES)))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500))
def test_a_snapshot_and_its_restoring_change_nothing(cut: int) -> None:
    taught = learn_baselines(columns(history(300)))
    runs = changed(history(500, seed=2), 200, slower)
    whole = followed(ChangePoints(taught), runs)
    first = ChangePoints(taught)
    early = followed(first, runs[:cut])
    second = ChangePoints(taught)
    second.restore(first.snapshot())
    late = followed(second, runs[cut:])
    assert [(one.measure, one.found, one.effect) for one in early + late] == [
        (one.measure, one.found, one.effect) for one in whole
    ]


@pytest.mark.parametrize("tracks", [None, [], {1: {"measures": []}}, {1: 5}])
def test_a_damaged_state_is_refused(baselines: ShiftBaselines, tracks: object) -> None:
    with pytest.raises(BundleError):
        ChangePoints(baselines).restore({"tracks": packed(tracks)})
