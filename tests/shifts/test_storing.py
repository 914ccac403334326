"""Baselines as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coldtrail.shifts.baselines import ShiftBaselines
from coldtrail.shifts.learning import learn_baselines
from coldtrail.shifts.readings import readings_of
from coldtrail.shifts.storing import restored, state_of
from tests.shifts.lives import life, taught


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


def test_pauses_come_back_and_impossible_ones_are_refused() -> None:
    flows, _, pauses = taught(life(8))
    state = state_of(replace(learn_baselines(readings_of(flows)), pauses=pauses))
    assert restored(state).pauses == pauses
    with pytest.raises(ValueError, match="pauses"):
        restored({**state, "pause": np.zeros_like(state["pause"])})
    with pytest.raises(ValueError, match="pauses"):
        restored({**state, "pause_key": state["pause_key"] + 1000})


@pytest.mark.parametrize("name", ["calls_lengths", "gap_lengths", "group_own_points", "exponents", "hours"])
def test_arrays_that_do_not_fit_are_refused(baselines: ShiftBaselines, name: str) -> None:
    state = state_of(baselines)
    state[name] = state[name][..., :-1] if state[name].ndim > 1 else state[name][:-1]
    with pytest.raises((ValueError, KeyError)):
        restored(state)
