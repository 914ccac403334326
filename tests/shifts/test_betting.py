"""Bets keep their promise: a factor of 1 on average while nothing changes."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.shifts.betting import (
    BURST_POWER,
    HIGHER_POWER,
    MOST_POINTS,
    bet_on_rank,
    bets_on_drips,
    bets_on_kinds,
    grid_of,
    rank,
)


@pytest.mark.parametrize("power", [HIGHER_POWER, 2.0, BURST_POWER])
def test_a_bet_on_an_even_rank_is_worth_one(power: float) -> None:
    ranks = (np.arange(10_000) + 0.5) / 10_000
    assert np.mean([exp(bet_on_rank(one, power)) for one in ranks.tolist()]) == pytest.approx(1.0, abs=1e-3)


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=20))
def test_bets_on_kinds_are_worth_one(weights: list[float]) -> None:
    shares = {kind: weight / sum(weights) for kind, weight in enumerate(weights)}
    bets = bets_on_kinds(shares)
    assert sum(share * exp(bets[kind]) for kind, share in shares.items()) == pytest.approx(1.0)
    rarest = min(shares, key=lambda kind: shares[kind])
    assert bets[rarest] >= -1e-12


def test_bets_on_drips_are_worth_one_and_stop_where_rare_is_common() -> None:
    common, rare = bets_on_drips(0.01)
    assert 0.99 * exp(common) + 0.01 * exp(rare) == pytest.approx(1.0)
    assert rare == pytest.approx(log(5))
    assert bets_on_drips(0.3) == (0.0, 0.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.floats(-1e7, 1e7))
def test_a_rank_lies_strictly_between_nothing_and_all_and_never_falls(values: list[float], at: float) -> None:
    grid = grid_of(np.array(values))
    assert list(grid) == sorted(grid)
    assert len(grid) <= MOST_POINTS
    assert 0 < rank(grid, at) <= rank(grid, at + 1.0) < 1


def test_of_equal_values_half_count() -> None:
    assert rank((5.0,) * 10, 5.0) == 0.5
    assert rank((1.0, 2.0, 2.0, 3.0), 2.0) == 0.5


def test_weights_draw_the_quantiles() -> None:
    grid = grid_of(np.array([1.0, 2.0]), np.array([1.0, 9.0]))
    assert grid == (2.0, 2.0)
