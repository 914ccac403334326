from __future__ import annotations

from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.habits import Habits


def test_names_made_to_flood_push_out_nobody_who_came_back() -> None:
    habits = Habits()
    for day in range(2):
        habits.made(1).profile.begin(day, day * 24)
    habits.made(1)
    for key in range(10, 100_010):
        habits.made(key).profile.begin(2, 48)
    assert habits.get(1) is not None
    assert len(habits.passing) + len(habits.staying) <= 1_024 + 1
    assert habits.get(10) is None
    assert habits.get(100_009) is not None


def test_of_those_who_came_back_the_longest_unseen_is_forgotten() -> None:
    habits = Habits()
    for key in range(3_100):
        for day in range(2):
            habits.made(key).profile.begin(day, day * 24)
        habits.made(key)
    assert len(habits.staying) == 3_072
    assert habits.get(0) is None
    assert habits.get(3_099) is not None


def test_accounts_and_networks_are_bounded() -> None:
    habits = Habits()
    for key in range(5_000):
        habits.account(key)
        habits.network(key, None, 1)
    assert len(habits.accounts) <= 1_024
    assert len(habits.networks) <= 2_048


def test_a_network_is_shared_by_three_and_outlasts_a_flood() -> None:
    habits = Habits()
    shared = [habits.network(7, key, 1).is_shared for key in (1, 2, 2, None, 3)]
    assert shared == [False, False, False, False, True]
    for key in range(100, 3_000):
        habits.network(key, None, 1)
    assert habits.networks[7].is_shared
    habits.networks[7].is_strange = True
    assert not habits.network(7, 4, 1).is_shared


def test_who_is_active_round_the_clock_is_a_service() -> None:
    habit = Habits().made(1)
    assert habit.kind == "human"
    habit.hours = 2**21 - 1
    assert habit.kind == "service"


def test_what_has_ended_is_dropped_and_what_lasts_is_kept() -> None:
    habit = Habits().made(1)
    habit.episodes = {1: Episode.beginning(10.5 * 86_400), 2: Episode.beginning(12.9 * 86_400)}
    habit.drop_ended(13.1 * 86_400, 12)
    assert [*habit.episodes] == [2]
