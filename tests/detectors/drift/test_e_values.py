"""E-values keep their promise: they are 1 on average while nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, isfinite, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.drift.e_values import (
    BURST_POWER,
    HIGHER_POWER,
    MORE_POWER,
    MOST_POINTS,
    grid_of,
    log_e_value_of_less,
    log_e_value_of_more,
    log_e_values_of_kinds,
    log_e_values_of_more,
    log_e_values_of_rare_paths,
    rank,
)

LogEValue = Callable[[Sequence[float], float, float], float]


@pytest.mark.parametrize("power", [HIGHER_POWER, 2.0, BURST_POWER])
@pytest.mark.parametrize("log_e_value", [log_e_value_of_more, log_e_value_of_less])
def test_an_e_value_is_worth_one_on_what_it_knows(log_e_value: LogEValue, power: float) -> None:
    values = np.random.default_rng(1).normal(size=200_000)
    grid = grid_of(values)
    factors = [exp(log_e_value(grid, one, power)) for one in values.tolist()[:40_000]]
    assert np.mean(factors) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("values", [[5.0] * 20, [1.0] * 10 + [2.0] * 10, [0.0] * 19 + [1.0]])
def test_an_e_value_is_worth_one_where_values_are_equal(values: list[float]) -> None:
    grid = grid_of(np.array(values))
    assert np.mean([exp(log_e_value_of_more(grid, one, HIGHER_POWER)) for one in values]) == pytest.approx(
        1.0
    )
    assert np.mean([exp(log_e_value_of_less(grid, one, BURST_POWER)) for one in values]) == pytest.approx(1.0)


def test_no_values_have_no_distribution() -> None:
    assert grid_of(np.zeros(0)) == grid_of(np.zeros(0), np.zeros(0)) == ()


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=20))
def test_e_values_on_kinds_are_worth_one(weights: list[float]) -> None:
    shares = {kind: weight / sum(weights) for kind, weight in enumerate(weights)}
    log_e_values = log_e_values_of_kinds(shares)
    assert sum(share * exp(log_e_values[kind]) for kind, share in shares.items()) == pytest.approx(1.0)
    rarest = min(shares, key=lambda kind: shares[kind])
    assert log_e_values[rarest] >= -1e-12


def test_e_values_on_rare_paths_are_worth_one_and_stop_where_rare_is_common() -> None:
    common, rare = log_e_values_of_rare_paths(0.01)
    assert 0.99 * exp(common) + 0.01 * exp(rare) == pytest.approx(1.0)
    assert rare == pytest.approx(log(5))
    assert log_e_values_of_rare_paths(0.3) == (0.0, 0.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.floats(-1e7, 1e7))
def test_a_rank_lies_between_nothing_and_all_and_never_falls(values: list[float], at: float) -> None:
    grid = grid_of(np.array(values))
    assert list(grid) == sorted(grid)
    assert len(grid) <= MOST_POINTS
    below, up_to = rank(grid, at)
    assert 0 <= below <= up_to <= 1
    assert below <= rank(grid, at + 1.0)[1]
    assert isfinite(log_e_value_of_more(grid, at, 2.0))
    assert isfinite(log_e_value_of_less(grid, at, BURST_POWER))


def test_values_that_it_holds_have_a_range_of_ranks() -> None:
    assert rank((5.0,) * 10, 5.0) == (0.0, 1.0)
    assert rank((1.0, 2.0, 2.0, 3.0), 2.0) == (0.25, 0.75)
    assert rank((1.0, 2.0), 1.5) == (0.5, 0.5)


def test_weights_draw_the_quantiles() -> None:
    grid = grid_of(np.array([1.0, 2.0]), np.array([1.0, 9.0]))
    assert grid == (2.0, 2.0)


@given(
    known=st.lists(st.integers(-60, 60)),
    asked=st.lists(st.integers(-70, 70)),
    power=st.sampled_from([HIGHER_POWER, MORE_POWER]),
    times=st.sampled_from([1, 40]),
)
def test_many_values_are_worth_to_the_last_bit_what_each_is(
    known: list[int], asked: list[int], power: float, times: int
) -> None:
    grid, values = grid_of(np.array(known) / 10), np.array(asked * times) / 10
    if not grid:
        values = values[:0]
    each = [log_e_value_of_more(grid, value, power) for value in values.tolist()]
    assert log_e_values_of_more(grid, values, power).tolist() == each
