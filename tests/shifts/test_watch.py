"""Readings one by one to shifts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.errors import BundleError
from coldtrail.shifts.baselines import ShiftBaselines
from coldtrail.shifts.learning import learn_baselines
from coldtrail.shifts.readings import CALLERS, DRIPS, DURATION, OWN_TIME, RATE, Reading
from coldtrail.shifts.watch import MOST_REFERENCES, ShiftWatch
from tests.shifts.histories import NEVER, START, changed, columns, followed, history, slower


def _measures(baselines: ShiftBaselines, runs: list[Reading]) -> list[int]:
    return [found.measure for found in followed(ShiftWatch(baselines), runs)]


@pytest.mark.parametrize("seed", range(2, 7))
def test_a_history_like_the_learned_one_has_no_shifts(baselines: ShiftBaselines, seed: int) -> None:
    assert _measures(baselines, history(2000, seed)) == []


def test_a_fifth_longer_is_found_and_told_once(baselines: ShiftBaselines) -> None:
    found = followed(ShiftWatch(baselines), changed(history(1000, seed=2), 300, slower))
    assert sorted(one.measure for one in found) == [DURATION, OWN_TIME]
    by_measure = {one.measure: one for one in found}
    own = by_measure[OWN_TIME]
    assert int(own.look[0].split("-")[1]) >= 300
    assert own.effect.after == pytest.approx(0.022, rel=0.3)
    assert by_measure[DURATION].effect.after / by_measure[DURATION].effect.before > 1.1
    assert all(len(one.references) <= MOST_REFERENCES for one in found)


def test_it_is_told_again_after_it_was_over(baselines: ShiftBaselines) -> None:
    runs = changed(history(300, seed=2), 150, slower)
    runs += changed(history(800, seed=3, start=runs[-1].start), 400, slower)
    assert _measures(baselines, runs).count(OWN_TIME) == 2


def test_one_in_two_hundred_is_found_where_none_was(baselines: ShiftBaselines) -> None:
    def drip(one: Reading) -> Reading:
        return one._replace(path=NEVER) if next(places) % 60 == 0 else one

    places = iter(range(10_000))
    taught = learn_baselines(columns(history(3000, seed=1)))
    assert _measures(taught, changed(history(4000, seed=2), 0, drip)) == [DRIPS]


def test_a_burst_and_a_caller_never_met_are_found(baselines: ShiftBaselines) -> None:
    usual = history(200, seed=2)
    burst = history(60, seed=3, start=usual[-1].start + 30, every_s=0.5)
    assert _measures(baselines, usual + burst) == [RATE]
    strangers = [one._replace(caller=7) for one in history(20, seed=3, start=usual[-1].start)]
    assert _measures(baselines, usual + strangers) == [CALLERS]


def test_what_alarmed_by_itself_is_not_told_twice(baselines: ShiftBaselines) -> None:
    watch = ShiftWatch(baselines)
    runs = changed(history(600, seed=2), 100, slower)
    assert [found for one in runs for found in watch.add(one, ("f", "t"), alarmed=True)] == []


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


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500))
def test_a_memory_kept_and_given_back_changes_nothing(cut: int) -> None:
    taught = learn_baselines(columns(history(300)))
    runs = changed(history(500, seed=2), 200, slower)
    whole = followed(ShiftWatch(taught), runs)
    first = ShiftWatch(taught)
    early = followed(first, runs[:cut])
    second = ShiftWatch(taught).restore(first.snapshot())
    late = followed(second, runs[cut:])
    assert [(one.measure, one.found, one.effect) for one in early + late] == [
        (one.measure, one.found, one.effect) for one in whole
    ]


@pytest.mark.parametrize("memory", [b"", b"[]", b'{"1": {"measures": []}}', b'{"1": 5}'])
def test_a_damaged_memory_is_refused(baselines: ShiftBaselines, memory: bytes) -> None:
    with pytest.raises(BundleError):
        ShiftWatch(baselines).restore(memory)
