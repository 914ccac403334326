"""Samples of histories that stand for equally many runs each."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.thinning import evenly


def test_runs_that_stand_for_themselves_are_all_taken_however_old() -> None:
    weight = np.linspace(0.3, 1.0, 500)
    assert evenly(np.zeros(500, np.int64), np.arange(500) / 7.0, weight).all()


def test_what_is_rare_is_taken_as_often_as_it_comes() -> None:
    start = np.arange(6_000) / 7.0
    rare = np.arange(6_000) % 3 == 0
    weight = np.where(rare, 1.0, 10.0)
    taken = evenly(np.zeros(6_000, np.int64), start, weight)
    assert taken[~rare].all()
    assert taken[rare].mean() == pytest.approx(0.1, abs=0.03)


def test_each_function_is_taken_by_its_own_weights() -> None:
    function = np.repeat([1, 2], 1_000)
    weight = np.where(function == 1, 50.0, 1.0)
    assert evenly(function, np.arange(2_000) / 7.0, weight).all()
