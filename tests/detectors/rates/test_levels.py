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
    days(made, np.full(300, 3.0))
    assert made.limits[SURGE, 4] == 1.0


def test_then_as_many_days_alarm_as_may() -> None:
    random = np.random.default_rng(1)
    made, scores = Levels(0.03), random.exponential(0.6, 4_000)
    days(made, scores)
    limit = made.limits[SURGE, 4]
    assert 1.0 < limit < 4.0
    assert 0.015 <= (random.exponential(0.6, 100_000) >= limit).mean() <= 0.035
    assert made.limits[SURGE, 5] == limit


def test_surges_get_what_the_others_leave() -> None:
    scores = np.random.default_rng(1).exponential(0.6, 4_000)
    limits = []
    for silences in (0.5, 5.0):
        made, maxima = Levels(0.03), np.zeros((CHANNELS, 4_000), np.float32)
        maxima[SURGE], maxima[SILENCE, :30] = scores, silences
        made.end_day(maxima, np.ones((CHANNELS, 4_000), np.bool_), np.full(4_000, 4))
        limits.append(made.limits[SURGE, 4])
    assert limits[0] < limits[1]


def test_no_noise_raises_a_limit_beyond_reach() -> None:
    made = Levels(0.03)
    days(made, np.full(4_000, 100.0))
    assert made.limits[SURGE, 4] == 4.0


def test_a_smaller_budget_asks_for_more() -> None:
    assert Levels(0.1).limits[SURGE, 0] < 1.0 < Levels(0.01).limits[SURGE, 0] == 3.0


def test_strength_is_what_was_seen_of_the_class() -> None:
    made = Levels(0.03)
    (before,) = made.strengths(SURGE, CLASS, np.array([1.0]))
    assert before == pytest.approx(2.9, abs=0.05)
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
