"""Shares of a history that score at least as high."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.verdicts.tails import Tail, lean, proven, quantile

NOTHING = np.zeros(1)


def tail(*scores: float, kept: int = 100) -> Tail:
    return Tail.of(np.array(scores), np.ones(len(scores)), kept)


@pytest.mark.parametrize("kept", [3, 100])
def test_what_scored_at_least_as_high_is_counted(kept: int) -> None:
    found = tail(1.0, 2.0, 2.0, 5.0, float("nan"), kept=kept)
    assert found.number == 4.0, "what has no score is no run"
    assert found.reached(np.array([5.0, 5.1])).tolist() == [1.0, 0.0]
    assert found.reached(np.array([1.0])).tolist() == [4.0]


def test_no_history_reaches_nothing() -> None:
    assert tail().reached(np.array([0.0])).tolist() == [0.0]


def test_few_runs_lean_on_the_wider_share_and_many_do_not() -> None:
    few, many = (lean(tail(*[0.0] * n), np.ones(1), np.ones(1), NOTHING, 10.0) for n in (10, 990))
    assert few == pytest.approx([0.5])
    assert many == pytest.approx([0.01])


def test_once_is_an_accident_and_twice_is_a_record() -> None:
    once, twice = (proven(tail(*[0.0] * 8, *[9.0] * n), np.array([9.0]), NOTHING) for n in (1, 2))
    assert once == [0.0]
    assert twice == pytest.approx([2 / 11])


def test_the_quantile_counts_flows_by_their_weight() -> None:
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([1.0, 97.0, 1.0])
    assert quantile(values, weight, 0.9) == 1.0
    assert quantile(values, weight, 0.985) == 3.0
    assert quantile(values, weight, 1.0) == 3.0, "more than there are"
