"""Points follow what was seen of a function and, where that is little, of all."""

from __future__ import annotations

from coldtrail.detectors.credentials.chances import close_hour, is_seldom, points, strength_of
from coldtrail.detectors.credentials.states import Pool


def test_more_history_without_it_is_more_points() -> None:
    some = [points(0, keys, 0, 200, 3.0) for keys in (0, 10, 100)]
    assert some == sorted(some)
    assert points(50, 100, 50, 200, 3.0) < 0.4
    assert points(0, 10_000, 0, 200, 3.0) == 3.0


def test_a_young_function_follows_the_others() -> None:
    assert points(0, 0, 0, 200, 3.0) > points(0, 0, 100, 200, 3.0)


def test_strength_is_held_down_by_benign_hours_that_were_as_strange() -> None:
    pool = Pool()
    young = strength_of(pool, 6.0)
    for _ in range(2_000):
        close_hour(pool, 0.0)
    assert young < strength_of(pool, 6.0) < 6.0
    assert is_seldom(pool, 6.0)
    calm = strength_of(pool, 6.0)
    for _ in range(200):
        close_hour(pool, 7.0)
    assert strength_of(pool, 6.0) < 2.0 < calm
    assert not is_seldom(pool, 6.0)
    assert strength_of(pool, 0.5) <= 0.5
