"""Thresholds from what e-values did by themselves."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from coldtrail.detectors.drift.thresholds import (
    HIGHEST,
    LOWEST,
    exponents_of_each,
    highest_statistic,
    shrunk,
    threshold,
    typical,
)
from coldtrail.features.batch import Floats


def _fair(number: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The logs of e-values that are worth 1 each."""
    return np.log(2 * np.random.default_rng(seed).random(number))


def exponent(sequence: Floats) -> float:
    return exponents_of_each([sequence[:, None]], 1).item()


def test_measures_side_by_side_have_the_exponents_of_each_alone() -> None:
    columns = [_fair(3_000), np.repeat(_fair(600, 1), 5), _fair(3_000, 2) + 1.0, np.full(3_000, -0.1)]
    (together,) = exponents_of_each([np.stack(columns, axis=1)], len(columns))
    assert together.tolist() == [exponent(column) for column in columns]


def test_a_usual_function_is_none_of_the_few_that_run_in_clusters() -> None:
    each = [_fair(500, seed)[:, None] for seed in range(20)]
    fair = typical(exponents_of_each(each, 1)).item()
    clustered = [np.repeat(_fair(50, seed) + 0.5, 30)[:, None] for seed in range(3)]
    own = exponents_of_each([*each, *clustered], 1)
    assert own[20:].max() < 0.3
    assert typical(own).item() == pytest.approx(fair, abs=0.1)
    assert typical(np.zeros((0, 3))).tolist() == [HIGHEST] * 3


def test_exponents_of_many_sequences_are_those_of_each_by_halves() -> None:
    """Newton's steps only save looking: the halves are those that looking at each middle gives."""
    draw = np.random.default_rng(8)
    sequences = [
        draw.normal(draw.uniform(-0.6, 0.1), draw.uniform(0.1, 2.0), (int(draw.integers(1, 400)), 3))
        for _ in range(60)
    ]
    found = exponents_of_each(sequences, 3)
    for own, sequence in zip(found, sequences, strict=True):
        assert own.tolist() == exponents_of_each([sequence], 3)[0].tolist()
        assert own.tolist() == pytest.approx([by_halves(column) for column in sequence.T], abs=1e-12)
    assert len(np.unique(found)) > 40


def by_halves(values: Floats) -> float:
    least = HIGHEST
    for length in (1, 5, 25):
        if len(values) < 4 * length:
            continue
        sums = np.convolve(values, np.ones(length), "valid")

        def rises(theta: float, sums: Floats = sums) -> bool:
            top = sums.max() * theta
            return bool(top + np.log(np.exp(sums * theta - top).mean()) > 0)

        if sums.max() <= 0 or not rises(HIGHEST):
            continue
        low, high = LOWEST, HIGHEST
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (low, middle) if rises(middle) else (middle, high)
        least = min(least, low)
    return least


def test_independent_fair_e_values_have_an_exponent_near_one() -> None:
    assert exponent(_fair(20_000)) == pytest.approx(1.0, abs=0.08)


def test_e_values_that_come_in_lumps_have_a_lower_one() -> None:
    assert exponent(np.repeat(_fair(4_000), 5)) < 0.6


def test_e_values_that_grow_by_themselves_have_the_lowest() -> None:
    assert exponent(_fair(1_000) + 1.0) == pytest.approx(LOWEST)


def test_e_values_that_never_win_have_the_highest() -> None:
    assert exponent(np.full(100, -0.1)) == HIGHEST


def test_a_function_with_few_runs_leans_on_a_usual_one() -> None:
    assert shrunk(0.2, 10.0, 0.9) > 0.85
    assert shrunk(0.2, 100_000.0, 0.9) < 0.21


def test_the_highest_stake_starts_anew_from_zero() -> None:
    assert highest_statistic(np.array([-5.0, 1.0, 2.0, -1.0, 0.5, -9.0, 2.5])) == 3.0
    assert highest_statistic(np.zeros(0)) == 0.0


def test_a_threshold_follows_the_budget_and_lies_above_the_own_history() -> None:
    assert threshold(1.0, 0.0, 1000.0, 8) == pytest.approx(log(8000))
    assert threshold(0.5, 0.0, 1000.0, 8) == pytest.approx(2 * log(8000))
    assert threshold(1.0, 50.0, 1000.0, 8) > 50


def test_false_alarms_of_dependent_e_values_keep_the_budget() -> None:
    lumps = np.repeat(_fair(100_000, seed=1), 3)
    height = threshold(exponent(lumps[:60_000]), 0.0, 20_000.0, 1)
    statistic, crossed = 0.0, 0
    for factor in lumps[60_000:].tolist():
        statistic = max(statistic, 0.0) + factor
        if statistic > height:
            statistic, crossed = 0.0, crossed + 1
    assert crossed <= 240_000 / 20_000
