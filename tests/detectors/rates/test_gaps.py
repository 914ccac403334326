"""Silences of timers and of busy functions, and of no others."""

from __future__ import annotations

from random import Random

import pytest

from tests.detectors.rates.told import DAY, HOUR, REGION, alone, signals, windows


def silences(counts: list[float], **fields: object) -> list[float]:
    """Lengths in minutes of the silences that are told of one function among others."""
    seen = windows({"other": [1.0] * len(counts), "one": counts}, **fields)
    return [
        one.finding.seen.value / 60.0
        for one in alone(seen)
        if one.finding.kind == "silence" and one.finding.subject.function_name == "one"
    ]


def clock(minutes: int, every: int) -> list[float]:
    return [1.0 if not minute % every else 0.0 for minute in range(minutes)]


@pytest.mark.parametrize(("every", "after"), [(1, 10), (5, 15), (15, 28)])
def test_a_clock_that_stops_is_told(every: int, after: int) -> None:
    (gap,) = silences(clock(5 * HOUR, every) + [0.0] * 40)
    assert gap == after


def test_an_outage_of_minutes_is_none_of_a_function() -> None:
    assert silences(clock(5 * HOUR, 1) + [0.0] * 7 + clock(60, 1)) == []


def test_a_silence_is_told_once_until_it_is_ten_times_as_long() -> None:
    assert silences(clock(5 * HOUR, 1) + [0.0] * 120) == [10.0, 100.0]


def test_one_that_comes_back_within_a_day_is_not_told_again() -> None:
    day = clock(5 * HOUR, 1) + [0.0] * 15
    assert len(silences(day + clock(5 * HOUR, 1) + [0.0] * 15)) == 1
    assert len(silences(day + clock(25 * HOUR, 1) + [0.0] * 30 + [1.0])) == 2


def test_what_people_call_may_pause() -> None:
    random = Random(3)
    called = [float(random.random() < 0.2) for _ in range(6 * HOUR)]
    assert silences(called + [0.0] * 120) == []


def two_clocks(minutes: int) -> list[float]:
    """One by the hour, and one every 55 minutes beside it."""
    return [1.0 if not minute % 60 or minute % 55 == 4 else 0.0 for minute in range(minutes)]


def test_two_clocks_together_are_known_by_the_hour() -> None:
    for hours in (6, 48):
        (gap,) = silences(two_clocks(hours * HOUR) + [0.0] * 110)
        assert 70 < gap <= 90
    assert silences(two_clocks(6 * HOUR) + [0.0] * 120, trigger="AWS::SQS orders") == []


def test_chance_comes_an_hour_later_too_and_is_no_clock() -> None:
    for seed in range(8):
        random = Random(seed)
        called = [float(random.random() < 0.03 + 0.02 * (seed % 3)) for _ in range(12 * HOUR)]
        assert silences(called + [0.0] * 240) == []


def test_a_burst_is_no_clock() -> None:
    assert silences([0.0] * 2 * HOUR + [1.0] * 10 + [0.0] * 6 * HOUR) == []


def test_a_trigger_that_is_no_clock_needs_a_busy_function_for_days() -> None:
    few = clock(5 * HOUR, 5) + [0.0] * 60
    assert silences(few, trigger="AWS::SQS orders") == []
    assert silences(few, trigger="timer") != []
    busy = [4.0] * (3 * DAY + HOUR) + [0.0] * 60
    assert silences(busy, trigger="AWS::SQS orders") == [10.0]


def test_a_whole_account_of_which_nothing_comes_is_not_silent() -> None:
    seen = [*windows({"one": clock(5 * HOUR, 1)}), *windows({"one": [1.0]}, first=9 * HOUR)]
    assert [one for one in alone(seen) if one.finding.kind == "silence"] == []


def regions(home: list[float], there: list[float]) -> list[tuple[str, bool]]:
    """The silences of one function at home and in another region, and whether each stands alone."""
    seen = [
        *windows({"other": [1.0] * len(home), "one": home}),
        *windows({"one": there}, region="eu-central-1"),
    ]
    told = [one for one in signals(seen) if one.finding.kind == "silence"]
    return list(dict.fromkeys((one.finding.subject.region, one.alone) for one in told))


def test_a_clock_that_moves_to_another_region_and_back_is_told_weakly() -> None:
    before, away = 26 * HOUR, 5 * HOUR
    home = clock(before, 2) + [0.0] * away + clock(HOUR, 2)
    there = [0.0] * before + clock(away, 2) + [0.0] * HOUR
    assert regions(home, there) == [(REGION, False), ("eu-central-1", False)]


def test_a_clock_that_stops_in_one_of_its_regions_is_told() -> None:
    home = clock(26 * HOUR, 2) + [0.0] * HOUR
    assert regions(home, clock(27 * HOUR, 2)) == [(REGION, True)]


def test_a_clock_that_stops_in_both_is_told() -> None:
    before = 26 * HOUR
    home = clock(before, 2) + [0.0] * 2 * HOUR
    there = [0.0] * (before - 30) + clock(20, 2) + [0.0] * (2 * HOUR + 10)
    assert regions(home, there) == [(REGION, True)]
