"""Baselines brought up to date."""

from __future__ import annotations

import pytest

from coldtrail.detectors.drift.baselines import RARE, ShiftBaselines, shares
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.changing import accepted
from tests.detectors.drift.histories import NEVER, Change, changed, followed, history, slower


@pytest.mark.parametrize(
    "change",
    [
        slower,
        lambda one: one._replace(duration=1.3 * one.duration),
        lambda one: one._replace(calls=8),
        lambda one: one._replace(error=int(one.start) % 2 == 0),
        lambda one: one._replace(path=NEVER if int(one.start) % 3 == 0 else one.path),
        lambda one: one._replace(caller=5 if int(one.start) % 2 == 0 else one.caller),
    ],
)
def test_what_a_person_accepts_is_not_told_again(baselines: ShiftBaselines, change: Change) -> None:
    runs = changed(history(400, seed=2), 100, change)
    found = followed(ChangePoints(baselines), runs)
    assert found
    taught = baselines
    for one in found:
        taught = accepted(taught, one.function, one.measure, one.effect)
    assert followed(ChangePoints(taught), changed(history(400, seed=7), 0, change)) == []


def test_a_rate_that_a_person_accepts_is_not_told_again(baselines: ShiftBaselines) -> None:
    found = followed(ChangePoints(baselines), history(400, seed=2, every_s=2.0))
    assert found
    taught = accepted(baselines, 1, found[0].measure, found[0].effect)
    assert followed(ChangePoints(taught), history(400, seed=9, every_s=2.0)) == []


def test_accepting_leaves_other_functions_and_measures_alone(baselines: ShiftBaselines) -> None:
    (first, *_) = followed(ChangePoints(baselines), changed(history(300, seed=2), 0, slower))
    assert accepted(baselines, 99, first.measure, first.effect) is baselines
    taught = accepted(baselines, 1, first.measure, first.effect)
    assert taught.functions[1].errors == baselines.functions[1].errors
    assert shares(taught.functions[1].paths, 800)[RARE] == shares(baselines.functions[1].paths, 800)[RARE]
