"""The walk: hours and days end by the time of the data alone, and what cannot be judged is told."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources import ResourceDetector
from coldtrail.errors import BundleError
from coldtrail.records.encounter import Encounter
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import Change
from tests.detectors.resources.streams import BEGIN, DAY_S, KEY, from_day, kinds, reports, told


def test_stops_between_and_pauses_change_nothing() -> None:
    stream = [
        one
        for one in reports(40, calls=30, memory=from_day(30, 1.4), version=lambda day: str(int(day) // 9))
        if not 12 < (one.at - BEGIN) / DAY_S < 19
    ]
    random, one, found = np.random.default_rng(5), ResourceDetector(BaselineSettings()), list[Signal]()
    since = 0.0
    for until in [*np.sort(random.uniform(BEGIN - DAY_S, BEGIN + 42 * DAY_S, 60)), inf]:
        found += one.see([each for each in stream if since <= each.at < until], float(until))
        state, one, since = one.snapshot(), ResourceDetector(BaselineSettings()), float(until)
        one.restore(state)
    assert found == told(stream)
    assert kinds(found)


def test_an_hour_is_judged_when_it_has_ended() -> None:
    stream = reports(31, memory=from_day(30, 1.4))
    detector = ResourceDetector(BaselineSettings())
    detector.see([one for one in stream if one.at < BEGIN + 30 * DAY_S], BEGIN + 30 * DAY_S)
    hour = [one for one in stream if BEGIN + 30 * DAY_S <= one.at < BEGIN + 30 * DAY_S + 3_600]
    assert detector.see(hour, BEGIN + 30 * DAY_S + 3_599) == []
    (signal,) = detector.see([], BEGIN + 30 * DAY_S + 3_600)
    assert signal.at == BEGIN + 30 * DAY_S + 3_600


def test_a_record_from_another_century_poisons_nothing() -> None:
    stream = reports(34, memory=from_day(32, 1.4))
    odd = [Encounter(9e9, stream[0].what, KEY)]
    detector = ResourceDetector(BaselineSettings())
    middle = BEGIN + 31 * DAY_S
    detector.see([one for one in stream if one.at < middle], middle)
    detector.see(odd, middle)
    assert ("resource_level", "memory") in kinds(
        detector.see([one for one in stream if one.at >= middle], inf)
    )


def test_a_change_of_the_code_lets_memory_change() -> None:
    stream = reports(34, memory=from_day(30, 1.4), version=lambda day: "$LATEST")
    at = BEGIN + 30 * DAY_S - 60
    change = Encounter(at, Change("c", at, "", "", "pay", "UpdateFunctionCode"), None, KEY)
    assert kinds(told(stream)) == [("resource_level", "memory")]
    assert kinds(told([*stream, change])) == []


def test_what_is_known_from_too_few_days_is_told() -> None:
    detector = ResourceDetector(BaselineSettings())
    detector.see(reports(3.5), BEGIN + 3.5 * DAY_S)
    assert detector.not_ready() == {
        KEY: "What it uses is known from 3 of the 5 days that its resources are judged from."
    }
    detector.see(reports(3, begin=3.5), BEGIN + 6.5 * DAY_S)
    assert detector.not_ready() == {}


def test_state_is_small() -> None:
    detector = ResourceDetector(BaselineSettings())
    keys = [KEY._replace(function=f"function-{number:03}") for number in range(50)]
    for key in keys:
        detector._counting.count(reports(1, calls=20, key=key), 0)
    whole = sum(one.nbytes for one in detector.snapshot().values())
    assert (whole - 1_500) / len(keys) <= 1_536


def test_a_group_that_is_none_is_damage() -> None:
    detector = ResourceDetector(BaselineSettings())
    detector.see(reports(0.5), inf)
    state = detector.snapshot()
    state["costs_float64"] = state["costs_float64"] + 99
    with pytest.raises(BundleError):
        ResourceDetector(BaselineSettings()).restore(state)
