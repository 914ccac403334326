"""How often functions show something first: their own record, and what is usual among functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors import meeting_rates as rates
from coldtrail.features.batch import Floats

RUNS = 1_000.0


def of(weights: Floats, number: float, firsts: float) -> float:
    """The chance of a first after so many runs with so many firsts."""
    numbers = np.array([number])
    return float(rates.chance(weights[rates.level_of(numbers)], numbers, np.array([firsts]))[0])


@pytest.fixture(scope="module")
def weights() -> Floats:
    """Of 40 functions with a thousand runs each: all hold ten things in each run; one meets a new thing in
    one run of twenty, too."""
    held = np.concatenate([np.full(400, RUNS), np.ones(50)])
    owner = np.concatenate([np.repeat(np.arange(40), 10), np.zeros(50, np.int64)])
    return rates.learned(held, owner, np.full(40, RUNS))


def test_most_functions_never_meet_anything_new_and_one_that_always_does_excuses_none(
    weights: Floats,
) -> None:
    quiet, lively = of(weights, RUNS, 0.0), of(weights, RUNS, 50.0)
    assert quiet < 0.05 / 40 / 10, "a mean over all functions would say 1 in 800"
    assert lively == pytest.approx(0.05, rel=0.3)


def test_a_short_record_leans_on_what_is_usual_at_that_length(weights: Floats) -> None:
    """Twenty runs alone prove no less than 1 in 20; those of other functions prove more."""
    assert of(weights, 20.0, 0.0) < 0.02
    assert of(rates.flat(), 20.0, 0.0) > of(weights, 20.0, 0.0)


@given(number=st.floats(1, 1e6), more=st.floats(0, 1e6), firsts=st.floats(0, 100))
def test_more_runs_never_make_a_first_likelier_and_more_firsts_never_less(
    number: float, more: float, firsts: float
) -> None:
    prior = rates.flat()
    assert of(prior, number + more, firsts) <= of(prior, number, firsts) * (1 + 1e-9)
    assert of(prior, number, firsts + 1.0) >= of(prior, number, firsts) * (1 - 1e-9)
    assert 0.0 < of(prior, number, firsts) <= rates.GRID[-1]


def test_what_stands_on_things_that_come_seldom_can_only_be_first_where_these_are() -> None:
    """A thing made of a step that 20 of a thousand runs take is seldom first after 16 runs."""
    held, owner, number = np.ones(5), np.zeros(5, np.int64), np.array([RUNS])
    often = rates.learned(held, owner, number)
    seldom = rates.learned(held, owner, number, known=np.full(5, 20.0))
    assert of(seldom, 16.0, 0.0) < of(often, 16.0, 0.0)


def test_where_nothing_was_learned_nothing_is_known() -> None:
    none = rates.learned(np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    assert (none == rates.flat()).all()
