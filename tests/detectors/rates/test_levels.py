"""Limits by class, and how rare a score is."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.rates.levels import CHANNELS, SILENCE, SURGE, Levels, classes_of, kind_of
from coldtrail.errors import BundleError

CLASS = np.array([4])


def days(made: Levels, scores: np.ndarray, number: int = 4) -> None:
    """Function-days of one class with these largest scores."""
    maxima = np.zeros((CHANNELS, len(scores)), np.float32)
    maxima[SURGE] = scores
    made.end_day(maxima, np.ones((CHANNELS, len(scores)), np.bool_), np.full(len(scores), number))


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("timer", 1),
        ("AWS::Scheduler::Schedule nightly", 1),
        ("AWS::ApiGateway::Stage shop/prod", 2),
        ("AWS::SQS orders", 3),
        ("orchestration", 4),
        ("function Order", 4),
        ("AWS::S3 uploads", 5),
        ("something", 0),
        (None, 0),
    ],
)
def test_kinds_of_triggers(trigger: str | None, kind: int) -> None:
    assert kind_of(trigger) == kind


def test_a_class_is_a_kind_and_a_volume() -> None:
    kinds = np.array([0, 0, 0, 2], np.int8)
    assert classes_of(kinds, np.array([0.01, 0.5, 50.0, 50.0])).tolist() == [0, 1, 2, 8]


def test_a_fixed_limit_holds_until_enough_is_known() -> None:
    made = Levels(0.03)
    assert made.limits[SURGE] == pytest.approx(0.8, abs=0.005)
    days(made, np.full(300, 3.0))
    assert made.limits[SURGE, 4] == Levels(0.03).limits[SURGE, 4]


def test_then_as_many_days_alarm_as_may() -> None:
    random = np.random.default_rng(1)
    made, scores = Levels(0.03), random.exponential(0.4, 4_000)
    days(made, scores)
    limit = made.limits[SURGE, 4]
    assert 1.0 < limit < 4.0
    assert 0.02 <= (random.exponential(0.4, 100_000) >= limit).mean() <= 0.04


def test_no_more_than_half_as_many_again_alarm_where_bursts_have_no_scale() -> None:
    random = np.random.default_rng(1)
    made = Levels(0.03)
    days(made, 0.1 * random.pareto(1.0, 20_000))
    told = (0.1 * random.pareto(1.0, 100_000) >= made.limits[SURGE, 4]).mean()
    assert 0.03 < told <= 0.046


def test_days_of_attacks_set_no_limit() -> None:
    scores = np.random.default_rng(1).exponential(0.3, 4_000)
    usual, attacked = Levels(0.03), Levels(0.03)
    days(usual, scores)
    scores[:50] = 20.0
    days(attacked, scores)
    assert attacked.limits[SURGE, 4] == pytest.approx(usual.limits[SURGE, 4], rel=0.03)


def test_clocks_leave_their_part_to_others() -> None:
    scores = np.random.default_rng(1).exponential(0.3, 4_000)
    alone, beside = Levels(0.03), Levels(0.03)
    days(alone, scores)
    days(beside, scores)
    days(beside, np.zeros(4_000), 3)
    shares = [(scores >= one.limits[SURGE, 4]).mean() for one in (alone, beside)]
    assert shares[0] < 0.035 < 0.045 < shares[1] < 0.075


def test_what_surprised_in_the_first_weeks_is_forgotten() -> None:
    random = np.random.default_rng(1)
    made = Levels(0.03)
    for _ in range(10):
        days(made, random.exponential(0.5, 100))
    first = made.limits[SURGE, 4]
    for _ in range(40):
        days(made, random.exponential(0.25, 100))
    assert made.limits[SURGE, 4] < 0.7 * first
    assert (random.exponential(0.25, 100_000) >= made.limits[SURGE, 4]).mean() >= 0.015


def test_surges_get_what_the_others_leave() -> None:
    scores = np.random.default_rng(1).exponential(0.4, 4_000)
    limits = []
    for silences in (0.5, 1.5):
        made, maxima = Levels(0.03), np.zeros((CHANNELS, 4_000), np.float32)
        maxima[SURGE], maxima[SILENCE, :15] = scores, silences
        made.end_day(maxima, np.ones((CHANNELS, 4_000), np.bool_), np.full(4_000, 4))
        limits.append(made.limits[SURGE, 4])
    assert limits[0] < limits[1]


def test_no_noise_raises_a_limit_beyond_reach() -> None:
    made = Levels(0.03)
    days(made, np.full(4_000, 100.0))
    assert made.limits[SURGE, 4] == 4.0
    maxima = np.full((CHANNELS, 4_000), 100.0, np.float32)
    made.end_day(maxima, np.ones((CHANNELS, 4_000), np.bool_), np.full(4_000, 4))
    assert made.limits[SILENCE, 4] == 1.5


def test_a_smaller_budget_asks_for_more() -> None:
    limits = [float(Levels(budget).limits[SURGE, 0]) for budget in (0.1, 0.03, 0.01)]
    assert limits == pytest.approx([0.6, 0.8, 2.4], abs=0.02)


def test_strength_is_what_was_seen_of_the_class() -> None:
    made = Levels(0.03)
    (before,) = made.strengths(SURGE, CLASS, np.array([1.0]))
    assert before == pytest.approx(3.0, abs=0.05)
    days(made, np.full(1_000, 2.0))
    (after,) = made.strengths(SURGE, CLASS, np.array([1.0]))
    assert after == pytest.approx(1.5, abs=0.05)
    (other,) = made.strengths(SURGE, np.array([5]), np.array([1.0]))
    assert other == before
    some = made.strengths(SURGE, np.repeat(CLASS, 5), np.array([0.1, 0.5, 1.0, 4.0, 50.0]))
    assert (np.diff(some) > 0).all()


def test_what_is_learned_comes_back_and_damage_is_told() -> None:
    made, again = Levels(0.03), Levels(0.03)
    days(made, np.full(4_000, 0.7))
    again.restore(made.state())
    assert (again.limits == made.limits).all()
    for damage in (np.full(made.state()["days"].size, np.nan, np.float32), np.zeros(3, np.float32)):
        with pytest.raises(BundleError):
            again.restore({"days": damage})
