from __future__ import annotations

import pytest

from coldtrail.detectors.callers.features import HOUR, NETWORK, Kind
from coldtrail.detectors.callers.profile import Keys, Profile, Seen, hour_key

KIND = Kind(24, 0.03, 3.0)


def month(profile: Profile, keys: list[int], days: int = 30) -> Profile:
    for day in range(days):
        profile.begin(day, day * 24)
        for key in keys:
            profile.learn(NETWORK, key, day, day * 24, KIND.most)
    return profile


def test_what_was_first_seen_a_day_ago_is_familiar() -> None:
    profile = month(Profile(), [7], days=1)
    assert [profile.is_familiar(NETWORK, 7, hour) for hour in (0, 23, 24)] == [False, False, True]
    assert not profile.is_familiar(NETWORK, 8, 1_000)


def test_what_was_called_strange_is_familiar_after_a_week_and_three_days() -> None:
    assert not Seen(0, 9, days=2, strange=True).is_familiar(1_000)
    assert not Seen(0, 9, days=9, strange=True).is_familiar(167)
    assert Seen(0, 9, days=3, strange=True).is_familiar(168)


def test_an_hour_is_familiar_beside_a_familiar_one() -> None:
    profile = Profile()
    profile.learn(HOUR, 23, 0, 0, 48)
    assert [profile.is_familiar(HOUR, key, 99) for key in (22, 23, 0, 1, 24, 47)] == [
        *(True, True, True),
        *(False, False, False),
    ]


def test_hours_of_working_days_and_of_the_weekend_are_apart() -> None:
    # 1 January 1970 was a Thursday.
    assert [hour_key(day * 86_400 + 3_600.0) for day in range(5)] == [1, 1, 25, 25, 1]


def test_more_days_make_something_new_stranger() -> None:
    scores = [
        month(Profile(), [7], days).score(NETWORK, KIND, 0.01, days, days * 24) for days in (1, 3, 10, 30)
    ]
    assert scores == sorted(scores)
    assert scores[0] < 0.5
    assert scores[-1] > 2.3


def test_who_often_shows_something_new_surprises_nobody() -> None:
    restless = Profile()
    for day in range(30):
        restless.begin(day, day * 24)
        restless.learn(NETWORK, 1_000 + day, day, day * 24, KIND.most)
    settled = month(Profile(), [1, 2])
    assert restless.score(NETWORK, KIND, 0.01, 30, 720) < 0.5
    assert settled.score(NETWORK, KIND, 0.01, 30, 720) > 2.3


def test_a_flood_counts_as_one_day_and_pushes_out_nothing_that_is_known() -> None:
    profile = month(Profile(), [1, 2])
    before = profile.score(NETWORK, KIND, 0.01, 32, 32 * 24)
    for key in range(100_000, 101_000):
        profile.learn(NETWORK, key, 30, 30 * 24, KIND.most)
    assert len(profile.known[NETWORK]) == KIND.most
    assert {1, 2} <= profile.known[NETWORK].keys()
    after = profile.score(NETWORK, KIND, 0.01, 32, 32 * 24)
    assert before - 1.1 < after < before


def test_who_shows_more_than_is_kept_is_known_to_show_something_new_every_day() -> None:
    profile = Profile()
    for day in range(30):
        profile.begin(day, day * 24)
        for number in range(100):
            profile.learn(NETWORK, 1_000 * day + number, day, day * 24, KIND.most)
    assert profile.score(NETWORK, KIND, 0.01, 30, 30 * 24) < 0.5


def test_time_that_leaps_ahead_and_back_costs_nothing() -> None:
    profile = month(Profile(), [1])
    profile.begin(50_000, 50_000 * 24)
    profile.learn(NETWORK, 9, 50_000, 50_000 * 24, KIND.most)
    profile.begin(31, 31 * 24)
    profile.learn(NETWORK, 9, 31, 31 * 24, KIND.most)
    assert profile.is_familiar(NETWORK, 1, 32 * 24)
    assert profile.is_familiar(NETWORK, 9, 33 * 24)
    assert profile.score(NETWORK, KIND, 0.01, 33, 33 * 24) > 1.0


def test_calls_of_the_busiest_hour_are_slowly_forgotten() -> None:
    profile = Profile()
    for _ in range(40):
        profile.begin(0, 0)
    profile.begin(0, 1)
    assert profile.peak == 40.0
    for hour in range(2, 100):
        profile.begin(hour // 24, hour)
    assert 30.0 < profile.peak < 40.0


def test_numbers_stand_for_values_the_same_each_time() -> None:
    keys = Keys()
    assert keys["network", "a"] == Keys()["network", "a"]
    assert len({keys["network", "a"], keys["address", "a"], keys["network", "b"]}) == 3
    assert 0 <= keys["network", "a"] < 2**64


@pytest.mark.parametrize("number", [50_010])
def test_numbers_that_are_remembered_are_bounded(number: int) -> None:
    keys = Keys()
    for one in range(number):
        keys["network", str(one)]
    assert len(keys) <= 50_000


def test_what_is_forgotten_for_something_new_is_told() -> None:
    profile = month(Profile(), [1, 2])
    told = [profile.learn(NETWORK, key, 30, 720, 3) for key in (1, 3, 3, 4)]
    assert told == [None, None, None, 3]
