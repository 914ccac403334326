"""What is expected of a function, and how strange more than that is."""

from __future__ import annotations

from random import Random

import numpy as np

from coldtrail.detectors.rates import surges
from coldtrail.detectors.rates.counts import Counts
from coldtrail.detectors.rates.surges import FEW, HANDFUL
from tests.detectors.rates.test_counts import ONE, walked

ALL = np.array([1.0])


def score(made: Counts, share: float = 1.0) -> float:
    """The largest, at the minute that `made` ends with."""
    shares = np.array([share])
    return float(surges.scores(made, ONE, surges.usual(made, ONE, shares), shares).max())


def lasts(made: Counts, minute: int) -> bool:
    """Whether enough is more than usual to be told alone."""
    return bool(surges.firm(made, ONE, surges.usual(made, ONE, ALL), minute).any())


def clock(minutes: int, every: int, calls: float = 1.0) -> list[float]:
    return [calls if not minute % every else 0.0 for minute in range(minutes)]


def chance(minutes: int, a_minute: float, seed: int = 1) -> list[float]:
    random = Random(seed)
    return [float(sum(random.random() < a_minute / 10 for _ in range(10))) for _ in range(minutes)]


def test_the_expectation_is_of_what_came_before_the_window() -> None:
    made = walked([2.0] * 300 + [100.0])
    usual = surges.usual(made, ONE, ALL)
    assert usual.mean[0, 0] == (600.0 + 0.5) / (300 + 30)
    assert usual.mean[1, 0] == 5 * (296 * 2.0 + 0.5) / (296 + 30)
    assert (usual.variance >= usual.mean).all()


def test_a_surge_is_strange_and_chance_is_not() -> None:
    usual = chance(400, 2.0)
    assert score(walked(usual)) < 1.0
    assert score(walked([*usual, *[40.0] * 5])) > 1.0


def test_a_few_runs_of_what_seldom_runs_are_no_surge() -> None:
    seldom = clock(6_000, 720)
    assert score(walked([*seldom, 1.0, *[0.0] * 9, FEW - 2.0])) == 0.0
    assert score(walked([*seldom, 1.0, *[0.0] * 9, FEW - 1.0])) > 1.0


def test_what_a_clock_drives_is_known_better_than_chance() -> None:
    driven, drifting = clock(400, 1, 6.0), chance(400, 6.0)
    assert score(walked([*driven, *[16.0] * 5])) > 1.5 * score(walked([*drifting, *[16.0] * 5]))


def test_a_burst_that_comes_often_is_not_strange() -> None:
    bursts = clock(421, 20, 40.0)
    assert score(walked(bursts)) < 1.0
    assert score(walked([*bursts[:-1], 300.0])) > 1.0


def test_who_is_hardly_known_is_judged_by_many_calls_alone() -> None:
    assert score(walked([*clock(200, 10), 45.0])) == 0.0
    assert score(walked([*[0.0] * 300, 45.0])) == 0.0
    assert score(walked([*[0.0] * 300, 55.0])) == 1.0
    assert score(walked([*[0.0] * 100, 55.0])) == 0.0


def test_a_tenth_that_is_traced_surprises_less() -> None:
    made = walked([*chance(400, 2.0), *[20.0] * 5])
    assert 0.0 < score(made, share=0.1) < score(made)


def test_candidates_are_those_that_could_be_strange() -> None:
    usual = chance(400, 2.0)
    assert not len(surges.candidates(walked([*usual, 2.0]), ONE))
    assert len(surges.candidates(walked([*usual, 12.0]), ONE))


def test_a_burst_of_two_minutes_lasts_for_what_a_clock_drives_alone() -> None:
    usual, burst = chance(400, 4.0), [0.0] * 30
    for called, expected in ((usual, [False, False, True]), (clock(400, 1, 4.0), [True, True, True])):
        found = [lasts(walked([*called, *burst[:-number], *[90.0] * number]), 429) for number in (1, 2, 3)]
        assert found == expected
    rare = walked([*clock(400, 37), *burst[:-1], 30.0])
    assert lasts(rare, 429)


def test_a_handful_stands_alone_for_what_a_clock_drives_alone() -> None:
    seldom = [0.0] * 2_400
    for minute in (100, 170, 900, 1_640, 1_655, 2_130):
        seldom[minute] = 1.0
    for runs, expected in ((HANDFUL, False), (HANDFUL + 1.0, True)):
        made = walked([*seldom, runs])
        assert score(made) > 1.0
        assert lasts(made, 2_400) == expected
    assert lasts(walked([*clock(400, 1), HANDFUL - 2.0]), 400)


def test_a_cluster_a_little_larger_than_the_largest_does_not_stand_alone() -> None:
    seldom = chance(1_000, 0.03)
    once = [*seldom, 6.0, *chance(2_000, 0.03, 2)]
    assert not lasts(walked([*once, 6.0 + HANDFUL - 1.0]), 3_001)
    assert lasts(walked([*once, 6.0 + HANDFUL]), 3_001)


def test_what_was_as_large_before_is_not_strange() -> None:
    once = [*chance(200, 0.5), 90.0, *chance(3_000, 0.5)]
    assert score(walked([*once, 89.0])) < 1.0 < score(walked([*once, 200.0]))
