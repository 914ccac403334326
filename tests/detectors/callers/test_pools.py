from __future__ import annotations

import pytest

from coldtrail.detectors.callers.features import NETWORK, OF_PRINCIPAL
from coldtrail.detectors.callers.pools import Pool

KIND = OF_PRINCIPAL[NETWORK]


def of_days(days: int) -> Pool:
    pool = Pool()
    for _ in range(days):
        pool.add_day(20)
    return pool


def test_a_strength_is_the_share_of_hours_that_held_as_much() -> None:
    pool = of_days(1_000)
    for score in (1.0, 1.0, 3.0):
        pool.reach(0.0, score)
    assert pool.strength(0.9) == pytest.approx(3.9, abs=0.05)
    assert pool.strength(3.0) == pytest.approx(4.38, abs=0.01)
    assert pool.strength(9.0) == pytest.approx(4.38, abs=0.01)
    assert Pool().strength(9.0) < 2.0


def test_what_goes_on_counts_once_at_its_highest() -> None:
    pool = of_days(100)
    pool.reach(0.0, 1.0)
    pool.reach(1.0, 2.1)
    assert pool.reached[:10] == [1.0] * 9 + [0.0]


def test_what_is_told_as_an_attack_hardly_counts_as_benign() -> None:
    pool = of_days(100)
    for _ in range(4):
        pool.reach(0.0, 7.0)
        pool.forget(7.0)
    assert pool.reached[20] == 1.0
    assert not pool.is_usual(7.0)


def test_what_comes_too_often_is_usual() -> None:
    pool = of_days(100)
    for _ in range(3):
        pool.reach(0.0, 7.0)
    assert not pool.is_usual(7.0)
    pool.reach(0.0, 7.0)
    assert pool.is_usual(7.0)
    assert not pool.is_usual(8.0)


def test_how_often_something_new_comes_is_measured_on_the_mature() -> None:
    pool = Pool()
    assert pool.usual(NETWORK, KIND) == pytest.approx(KIND.new_a_day)
    for _ in range(300):
        pool.add_day(20)
        pool.add_day(5)
        pool.add_news(NETWORK, 5)
    assert pool.usual(NETWORK, KIND) == pytest.approx(30 * KIND.new_a_day / 330)
    for _ in range(30):
        pool.add_news(NETWORK, 20)
    assert pool.usual(NETWORK, KIND) == pytest.approx(0.094, abs=0.001)


def test_the_past_counts_less_in_the_end() -> None:
    pool = of_days(50_001)
    assert pool.days < 30_000
