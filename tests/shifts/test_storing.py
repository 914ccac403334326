"""Baselines as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.shifts.baselines import ShiftBaselines
from coldtrail.shifts.storing import restored, state_of


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


@pytest.mark.parametrize("name", ["calls_lengths", "gap_lengths", "group_own_points", "exponents", "hours"])
def test_arrays_that_do_not_fit_are_refused(baselines: ShiftBaselines, name: str) -> None:
    state = state_of(baselines)
    state[name] = state[name][..., :-1] if state[name].ndim > 1 else state[name][:-1]
    with pytest.raises((ValueError, KeyError)):
        restored(state)
