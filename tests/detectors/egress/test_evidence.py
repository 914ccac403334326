"""Days as evidence: tails as thick as history is short, and sums that alarm as seldom as they say."""

from __future__ import annotations

from random import Random

import pytest

from coldtrail.detectors.egress import evidence


@pytest.mark.parametrize(
    ("t", "degrees", "chance"),
    [
        (0.0, 4, 0.5),
        (2.132, 4, 0.05),
        (4.604, 4, 0.005),
        (1.812, 10, 0.05),
        (2.015, 5, 0.05),
        (3.169, 10, 0.005),
    ],
)
def test_tails_are_those_of_the_tables(t: float, degrees: int, chance: float) -> None:
    assert evidence.t_tail(t, degrees) == pytest.approx(chance, rel=2e-3)
    assert evidence.t_tail(-t, degrees) == pytest.approx(1.0 - chance, rel=2e-3)


def test_one_degree_is_cauchys() -> None:
    assert evidence.t_tail(1.0, 1) == pytest.approx(0.25)


def test_e_values_are_one_on_average() -> None:
    steps = 200_000
    mean = sum(evidence.e_value((number + 0.5) / steps) for number in range(steps)) / steps
    assert 0.95 < mean <= 1.0


def test_a_short_history_proves_less() -> None:
    few, many = ([8.0, 8.1] * number for number in (3, 10))
    assert evidence.p_value(few, 9.0, 0.01) > 10 * evidence.p_value(many, 9.0, 0.01)
    assert evidence.p_value(many, 9.0, 1.0) > evidence.p_value(many, 9.0, 0.01)
    assert evidence.p_value(many, 9.0, 0.01, doubt=0.16) > 0.001


def test_usual_days_pass_a_thousand_less_than_once_in_a_thousand_days() -> None:
    random, passed, days = Random(5), 0, 40_000
    held, past = 1.0, list[float]()
    for _ in range(days):
        now = random.gauss(8.0, 0.3)
        if len(past) >= 14:
            held = evidence.added(held, evidence.e_value(evidence.p_value(past[-14:], now, 0.09)))
            passed += held >= 1_000.0
            held = 1.0 if held >= 1_000.0 else held
        past.append(now)
    assert passed <= days / 1_000


def test_a_little_more_each_day_adds_up_and_calm_days_forget_it() -> None:
    p, held = 0.02, 1.0
    for _ in range(6):
        held = evidence.added(held, evidence.e_value(p))
    assert held > 1_000.0
    for _ in range(4):
        held = evidence.added(held, evidence.e_value(0.5), is_calm=True)
    assert held < 2.0
    assert evidence.added(1e6, 1e6) == 1e6


def test_what_days_spread_by() -> None:
    assert evidence.variance_of([1.0, 3.0]) == 2.0
