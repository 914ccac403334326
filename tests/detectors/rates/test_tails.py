"""The tail of a negative binomial beside what is summed term by term."""

from __future__ import annotations

from math import exp, lgamma, log, log10

import numpy as np
import pytest

from coldtrail.detectors.rates.tails import MOST, surprise


def exact(count: int, mean: float, variance: float) -> float:
    """Minus the decimal logarithm of the chance of at least so many."""
    shape = mean * mean / (variance - mean)
    missed = mean / (mean + shape)

    def chance(number: int) -> float:
        return exp(
            lgamma(number + shape) - lgamma(shape) - lgamma(number + 1)
            + shape * log(1 - missed) + number * log(missed)
        )  # fmt: skip

    return -log10(sum(chance(number) for number in range(count, count + 3_000)))


@pytest.mark.parametrize(
    ("count", "mean", "variance"), [(5, 0.2, 0.3), (30, 6.0, 9.0), (100, 40.0, 200.0), (3, 0.01, 0.5)]
)
def test_it_is_nearly_exact_and_never_more(count: int, mean: float, variance: float) -> None:
    (told,) = surprise(np.array([float(count)]), np.array([mean]), np.array([variance]))
    assert exact(count, mean, variance) - 0.9 <= told <= exact(count, mean, variance) + 1e-6


def test_what_varies_no_more_than_chance_is_a_poisson_count() -> None:
    (told,) = surprise(np.array([20.0]), np.array([4.0]), np.array([1.0]))
    chance = sum(exp(-4.0 + number * log(4.0) - lgamma(number + 1)) for number in range(20, 100))
    assert told == pytest.approx(-log10(chance), abs=0.2)


def test_the_mean_and_less_are_no_surprise_and_nothing_is_infinite() -> None:
    told = surprise(np.array([3.0, 0.0, 1e9]), np.array([3.0, 2.0, 1.0]), np.array([4.0, 4.0, 1.5]))
    assert told.tolist() == [0.0, 0.0, MOST]


def test_fractions_and_large_counts_are_told_smoothly() -> None:
    told = surprise(np.linspace(1_000.0, 2_000.0, 50), np.full(50, 900.0), np.full(50, 9_000.0))
    assert (np.diff(told) > 0).all()
