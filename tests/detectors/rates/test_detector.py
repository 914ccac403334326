"""Surges are told soon and once, whoever counts; what cannot be judged is said."""

from __future__ import annotations

from math import inf
from random import Random

import msgspec
import pytest

from coldtrail.records.traits import Quantity
from tests.detectors.rates.told import BEGIN, DAY, HOUR, alone, detector, key, signals, window, windows


def busy(minutes: int, a_minute: int = 10) -> list[float]:
    random = Random(2)
    return [float(random.randint(a_minute - 3, a_minute + 3)) for _ in range(minutes)]


def test_a_busy_function_that_surges_is_told_within_the_minute() -> None:
    (told,) = alone(windows({"one": [*busy(5 * HOUR), *[200.0] * 30]}))
    assert told.finding.kind == "surge"
    assert told.at == 60.0 * (BEGIN + 5 * HOUR + 1)
    assert told.since == told.at - 60.0
    assert told.strength > 2.9
    assert isinstance(told.finding.seen, Quantity)
    assert told.finding.seen.value == 200.0


def test_a_surge_that_lasts_is_told_once_and_again_when_tenfold() -> None:
    usual = busy(5 * HOUR)
    assert len(alone(windows({"one": [*usual, *[200.0] * 120]}))) == 1
    assert len(alone(windows({"one": [*usual, *[200.0] * 30, *[2_500.0] * 30]}))) == 2


def test_a_surge_teaches_little_so_that_it_is_told_again_another_day() -> None:
    day = [*busy(DAY - 60), *[200.0] * 30, *busy(30)]
    assert len(alone(windows({"one": [*day, *busy(DAY), *day]}))) == 2


def test_nothing_is_told_of_usual_days() -> None:
    assert alone(windows({"one": busy(2 * DAY), "two": [1.0, 0.0, 0.0, 0.0, 0.0] * (2 * DAY // 5)})) == []


def test_the_functions_that_are_not_ready_say_what_they_need() -> None:
    made = detector()
    made.see(list(windows({"one": busy(HOUR)})), inf)
    assert made.not_ready() == {key("one"): "It is watched for 1.0 of the 4 hours that are needed."}
    made = detector()
    made.see(list(windows({"one": busy(5 * HOUR), "two": [1.0] + [0.0] * (5 * HOUR - 1)})), inf)
    assert made.not_ready() == {key("two"): "It ran in 1 of the 5 minutes that are needed."}


def test_a_function_is_not_judged_before_it_is_ready() -> None:
    assert alone(windows({"one": [*busy(3 * HOUR), *[400.0] * 20]})) == []


@pytest.mark.parametrize("at", [inf, -inf, float("nan"), -60.0])
def test_a_time_that_is_none_is_left_out(at: float) -> None:
    made = detector()
    assert made.see([msgspec.structs.replace(window("one", 0, 1.0), at=at)], inf) == []
    assert made.not_ready() == {}


def test_a_smaller_budget_tells_less() -> None:
    random, seen = Random(4), list(windows({"one": [*busy(5 * HOUR), *[38.0] * 30]}))
    assert random.random() < 1.0
    many = [one for one in detector(alarms_a_function_day=0.5).see(seen, inf) if one.alone]
    few = [one for one in detector(alarms_a_function_day=0.001).see(seen, inf) if one.alone]
    assert len(many) > len(few)


def test_weak_signs_are_few() -> None:
    random = Random(9)
    counts = [float(round(random.paretovariate(1.5)) - 1) for _ in range(4 * DAY)]
    assert len(signals(windows({"one": counts}))) <= 12
