"""Silences of timers and of busy functions, and of no others."""

from __future__ import annotations

from random import Random

import pytest

from tests.detectors.rates.told import DAY, HOUR, alone, windows


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
