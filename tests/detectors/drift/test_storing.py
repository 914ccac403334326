"""Baselines as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.storing import ARRAYS, State, restored, state_of
from coldtrail.features.arrays import check
from tests.detectors.drift.lives import life, taught
from tests.forgeries import forgeries

KNOWN = {"functions": 9, "steps": 99, "triggers": 9}


def test_what_was_stored_comes_back(baselines: ShiftBaselines) -> None:
    state = state_of(baselines)
    again = restored(state)
    assert again.functions[1].groups == baselines.functions[1].groups
    assert again.functions[1].gaps == baselines.functions[1].gaps
    assert again.functions[1].thresholds == baselines.functions[1].thresholds
    assert again.hours.factors == baselines.hours.factors
    for name, array in state_of(again).items():
        assert np.array_equal(array, state[name]), name


def test_nothing_learned_is_stored_too() -> None:
    assert restored(state_of(ShiftBaselines())).functions == {}


def test_absences_come_back_and_impossible_ones_are_refused() -> None:
    flows, _, limits = taught(life(8))
    state = state_of(replace(learn_baselines(readings_of(flows)), absence_limits=limits))
    assert restored(state).absence_limits == limits
    with pytest.raises(ValueError, match="pauses"):
        restored({**state, "pause": np.zeros_like(state["pause"])})
    with pytest.raises(ValueError, match="pauses"):
        restored({**state, "pause_key": state["pause_key"] + 1000})


def checked(state: State) -> ShiftBaselines:
    check(state, ARRAYS, KNOWN)
    return restored(state)


@pytest.mark.parametrize("name", ["calls_lengths", "gap_lengths", "group_own_points", "exponents", "hours"])
def test_arrays_that_do_not_fit_are_refused(baselines: ShiftBaselines, name: str) -> None:
    state = state_of(baselines)
    state[name] = state[name][..., :-1] if state[name].ndim > 1 else state[name][:-1]
    with pytest.raises(ValueError, match=name.rpartition("_")[0] or name):
        checked(state)


def test_what_is_stored_is_as_declared(baselines: ShiftBaselines) -> None:
    for known in (baselines, ShiftBaselines()):
        state = state_of(known)
        check(state, ARRAYS, KNOWN)
        assert {array.name for array in ARRAYS} == set(state)


def test_a_forged_array_is_refused_or_followed_by() -> None:
    flows, words, limits = taught(life(8))
    readings = readings_of(flows)
    state = state_of(replace(learn_baselines(readings), absence_limits=limits))
    known = {name: len(getattr(words, name)) for name in KNOWN}
    refused = 0
    for array in state:
        for _, forged in forgeries(state[array]):
            try:
                check(state | {array: forged}, ARRAYS, known)
                again = restored(state | {array: forged})
            except ValueError:
                refused += 1
                continue
            ChangePoints(again).add(readings, np.arange(len(readings.start)))
    assert refused > len(state)
