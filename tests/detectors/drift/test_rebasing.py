"""Functions known anew since a shift that a person has accepted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import Reading
from coldtrail.detectors.drift.rebasing import Change, rebased
from coldtrail.detectors.drift.runs import Detection
from tests.detectors.drift.histories import changed, columns, followed, history, slower

DAY_S = 86_400.0


def more_calls(reading: Reading) -> Reading:
    return reading._replace(calls=8)


def much_slower(reading: Reading) -> Reading:
    return slower(slower(reading))


def later(runs: int, seed: int, days: int) -> list[Reading]:
    one = history(1)[0]
    return history(runs, seed, start=one.start + days * DAY_S)


def change_of(found: Sequence[Detection]) -> Change:
    return min(one.since for one in found), {one.measure: one.effect for one in found}


def known_after(past: Sequence[Reading], *changes: Change) -> ShiftBaselines:
    readings = columns(past)
    return rebased(learn_baselines(readings), readings, {1: changes})


@pytest.mark.parametrize("runs", [150, 600])
def test_what_is_accepted_is_told_no_more_but_what_goes_beyond_is(runs: int) -> None:
    past, slow = history(800), changed(later(runs, 2, 1), 50, slower)
    found = followed(ChangePoints(learn_baselines(columns(past))), slow)
    assert found
    known = known_after([*past, *slow], change_of(found))
    assert followed(ChangePoints(known), slow) == []
    assert followed(ChangePoints(known), changed(later(400, 7, 2), 0, slower)) == []
    assert followed(ChangePoints(known), later(400, 8, 2)) == []
    beyond = followed(ChangePoints(known), changed(later(600, 9, 2), 0, much_slower))
    assert beyond
    assert followed(ChangePoints(known), changed(later(600, 9, 2), 0, more_calls))


def test_a_second_change_goes_on_from_the_first() -> None:
    past, slow = history(800), changed(later(150, 2, 1), 0, slower)
    first = change_of(followed(ChangePoints(learn_baselines(columns(past))), slow))
    known = known_after([*past, *slow], first)
    slower_still = changed(later(200, 3, 2), 0, much_slower)
    second = change_of(followed(ChangePoints(known), slower_still))
    known = known_after([*past, *slow, *slower_still], second, first)
    assert followed(ChangePoints(known), changed(later(300, 4, 3), 0, much_slower)) == []


def test_other_functions_and_those_never_learned_stay_as_they_are(baselines: ShiftBaselines) -> None:
    change: Change = (0.0, {2: Effect(5.0, 8.0)})
    known = rebased(baselines, columns(history(800)), {7: [change]})
    assert known.functions == baselines.functions


def test_with_too_few_runs_before_all_runs_count() -> None:
    past = history(60)
    known = known_after(past, (past[20].start, {2: Effect(5.0, 8.0)}))
    assert known.functions[1].runs == 60
    assert set(known.functions[1].calls) == {5.0}
