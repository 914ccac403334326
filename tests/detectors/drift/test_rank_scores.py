"""Scores of ranks: normal ones, and for times of two modes those within either."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from coldtrail.detectors.drift.rank_scores import (
    FAR_MORE,
    FEWEST,
    GREATER,
    LEAST_OF_GREATER,
    POINTS,
    RANKS,
    RankScores,
    tables,
)
from coldtrail.features.batch import Bools, Ints

EVERY: Bools = np.array([False])


def times(share: float, ratio: float, sigma: float = 0.3, number: int = 4_000, seed: int = 1) -> Ints:
    """Log times in thousandths, of which a share is so many times as long."""
    random = np.random.default_rng(seed)
    logs = random.normal(0.0, sigma, number) + np.where(random.random(number) < share, log(ratio), 0.0)
    return np.sort(np.rint(1000 * logs).astype(np.int64))


def points_of(values: Ints) -> Ints:
    """(1, point) their quantiles."""
    return values[((np.arange(POINTS) + 0.5) / POINTS * len(values)).astype(np.int64)][None, :]


def mean_at(scores: RankScores, values: Ints, ratio: float) -> float:
    """The mean score of times that are so many times as long."""
    row = np.zeros(len(values), np.int64)
    return float(scores.of(row, values + round(1000 * log(ratio))).mean())


def test_all_tables_are_standardised() -> None:
    weight = np.where(np.isin(np.arange(RANKS), (0, RANKS - 1)), 0.5, 1.0) * (np.arange(RANKS) % 2 == 0)
    mean = np.average(tables(), axis=1, weights=weight)
    square = np.average((tables() - mean[:, None]) ** 2, axis=1, weights=weight)
    assert mean == pytest.approx(0.0, abs=1e-9)
    assert square == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_times_of_one_mode_have_normal_scores(seed: int) -> None:
    assert RankScores(points_of(times(0.0, 1.0, 0.5, seed=seed)), EVERY).table.tolist() == [0]


@pytest.mark.parametrize(("share", "ratio"), [(0.2, 10.0), (0.5, 8.0), (0.35, 15.0)])
def test_of_two_modes_a_fifth_more_shows_far_better(share: float, ratio: float) -> None:
    values = times(share, ratio)
    scores = RankScores(points_of(values), EVERY)
    normal = RankScores(points_of(values), ~EVERY)
    assert normal.table.tolist() == [0]
    assert mean_at(scores, values, 1.0) == pytest.approx(0.0, abs=0.05)
    assert mean_at(scores, values, 1.2) > FAR_MORE * mean_at(normal, values, 1.2)


@pytest.mark.parametrize("ratio", [*GREATER, 12.0, 20.0, 50.0])
def test_a_greater_rise_of_two_modes_is_seen_as_well(ratio: float) -> None:
    """Though it moves what was quick in among what was slow."""
    for share, apart in ((0.2, 10.0), (0.5, 8.0), (0.35, 15.0)):
        values = times(share, apart)
        assert mean_at(RankScores(points_of(values), EVERY), values, ratio) > LEAST_OF_GREATER - 0.05


@pytest.mark.parametrize("seed", [1, 3, 5, 6])
def test_scores_that_would_hide_a_greater_rise_are_not_taken(seed: int) -> None:
    """Of 80 times, 16 of them slow, many a rank within a mode is chance."""
    points = points_of(times(0.2, 15.0, 0.3, 80, seed))
    scores = RankScores(points, EVERY)
    for ratio in GREATER:
        rise = mean_at(scores, points[0], ratio) - mean_at(scores, points[0], 1.0)
        assert rise >= LEAST_OF_GREATER - 0.01


def test_what_has_just_become_slow_tells_little_against_a_rise() -> None:
    for quick, scores in enumerate(tables()[1:], FEWEST):
        slow = scores[2 * quick + 1 :]
        assert slow.min() > np.median(slow) - 1.3


def test_a_cache_that_is_lost_is_seen() -> None:
    values = times(0.2, 10.0)
    scores = RankScores(points_of(values), EVERY)
    slow = values[values > 1_200]
    assert mean_at(scores, slow, 1.0) > LEAST_OF_GREATER


def test_each_step_is_chosen_for_by_itself() -> None:
    each = [points_of(times(share, 10.0, seed=at)) for at, share in enumerate((0.0, 0.2, 0.5, 0.0))]
    alone = [RankScores(one, EVERY).table.item() for one in each]
    together = RankScores(np.concatenate(each), np.zeros(4, np.bool_))
    assert together.table.tolist() == alone
    assert (together.table > 0).tolist() == [False, True, True, False]
    assert RankScores(each[0][:0], np.zeros(0, np.bool_)).table.tolist() == []
