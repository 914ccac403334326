from __future__ import annotations

import pytest

from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.features import COUNTRY, FEATURES, MANNER, NETWORK, TOOL, WHO, Sighting, Told
from coldtrail.records.identity import FunctionKey

PAY = FunctionKey("1", "r", "shop", "pay")


def sighting(at: float, ref: str = "e1", principal: str = "p") -> Sighting:
    return Sighting(at, (None,) * FEATURES, ref, principal, "k")


def test_each_feature_counts_once_by_its_strangest_value() -> None:
    one = Episode.beginning(0.0)
    one.add(WHO, 1, Told("role", "a"), 2.0)
    one.add(NETWORK, 2, Told("network", "n"), 1.0)
    one.add(NETWORK, 3, Told("network", "m"), 0.4)
    one.add(COUNTRY, 4, Told("country", "FR"), 2.0)
    assert one.place == 2.25
    assert one.score == 4.25
    assert one.aspects == 2
    one.more = 0.5
    assert one.score == 4.75


def test_who_looks_around_is_stranger_than_a_new_task() -> None:
    task, looks = Episode.beginning(0.0), Episode.beginning(0.0)
    for number in range(4):
        task.add(MANNER, number, Told("operation", f"S3:Get{number}"), 0.5, unheard_of=True)
        looks.add(MANNER, number, Told("operation", f"S{number}:Get"), 0.5, unheard_of=True)
    assert task.manner == pytest.approx(0.5 + 0.3 * 3 + 0.3 * 4)
    assert looks.manner == pytest.approx(task.manner + 0.9)
    for number in range(99):
        looks.add(MANNER, 100 + number, Told("operation", f"T{number}:Get"), 0.5, unheard_of=True)
    assert looks.manner == 4.5
    assert len(looks.values) <= 32


def test_scores_are_not_added_up_over_more_than_a_day_but_what_was_told_stays_told() -> None:
    one = Episode.beginning(0.0)
    one.go_on(sighting(0.0), ())
    one.add(TOOL, 1, Told("user_agent", "curl"), 3.0)
    one.is_told(True)
    for hour in range(1, 30):
        one.go_on(sighting(hour * 3_600.0), ())
    assert one.score == 0.0
    assert one.is_alone
    assert not one.is_over(29 * 3_600.0 + 86_400.0)
    assert one.is_over(29 * 3_600.0 + 86_401.0)
    assert one.is_over(-86_400.0 * 9)


def test_what_lasts_is_told_once_and_again_when_it_grows_much() -> None:
    one = Episode.beginning(0.0)
    one.add(TOOL, 1, Told("user_agent", "curl"), 3.0)
    told = []
    for number in range(1, 200):
        one.go_on(sighting(float(number)), ())
        if one.is_news(alone=number >= 3):
            one.is_told(number >= 3)
            told.append(number)
    assert told == [1, 3, 100]


def test_another_attacker_is_told_though_the_first_goes_on() -> None:
    one = Episode.beginning(0.0)
    one.add(NETWORK, 1, Told("network", "n"), 3.0)
    one.go_on(sighting(0.0), ())
    one.is_told(True)
    assert not one.is_news(True)
    one.go_on(sighting(86_400.0), ())
    one.go_on(sighting(86_401.0), ())
    one.add(NETWORK, 1, Told("network", "n"), 3.0)
    assert not one.is_news(True)
    one.go_on(sighting(2 * 86_400.0), ())
    one.go_on(sighting(2 * 86_400.0 + 2), ())
    one.add(NETWORK, 2, Told("network", "m"), 3.0)
    assert one.is_news(True)


def test_what_is_kept_of_it_is_bounded() -> None:
    one = Episode.beginning(0.0)
    for number in range(100):
        one.go_on(sighting(float(number), f"e{number}", f"p{number}"), (PAY, None))
    assert one.count == 100
    assert (len(one.refs), len(one.principals), one.access_keys) == (20, 20, ["k"])
    assert one.functions == [tuple(PAY)]


def test_it_has_ended_only_where_an_earlier_day_says_so_as_well() -> None:
    day = 86_400.0
    one = Episode.beginning(10.5 * day)
    assert one.has_ended(13.5 * day, 12)
    assert one.has_ended(43.5 * day, 12)
    # What was told must not be told again within a quiet day.
    assert not one.has_ended(11.5 * day, 11)
    assert not one.has_ended(12.5 * day, 11)


@pytest.mark.parametrize(
    ("at", "before"), [(40_000, 10), (10.6, 40_000), (40_100, 40_000), (39_999, 40_000), (1, 1)]
)
def test_time_that_leaps_ends_nothing(at: float, before: int) -> None:
    assert not Episode.beginning(10.5 * 86_400).has_ended(at * 86_400, before)
