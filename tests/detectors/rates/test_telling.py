"""Signals tell what was expected, what came, since when and what to open."""

from __future__ import annotations

from coldtrail.detectors.rates.telling import (
    Burst,
    Pause,
    of_application,
    of_burst,
    of_demand,
    of_hour,
    of_silence,
)
from coldtrail.records.finding import StepKey
from coldtrail.records.signal import Ref
from coldtrail.records.traits import Quantity
from tests.detectors.rates.told import key

PAUSE = Pause(key("one"), 99, 20.0, 5.0, 1_440.0)
BURST = Burst(key("one"), 104, 5, 60.0, 2.5, 9.0, 2_880.0, (102, 104))


def test_a_surge() -> None:
    told = of_burst(BURST, 3.0, True)
    assert told.finding.expected == Quantity(2.5, "invocations", period_s=300.0, most=9.0, days=2.0)
    assert told.finding.seen == Quantity(60.0, "invocations", period_s=300.0)
    assert (told.since, told.at, told.count, told.alone) == (102 * 60.0, 105 * 60.0, 60, True)
    assert told.refs == (Ref("minute", "6120"), Ref("minute", "6240"))


def test_an_application_names_all_its_functions() -> None:
    told = of_application(BURST, [key("three"), key("two")], 3.0)
    assert told.finding.subject.kind == "application"
    assert told.finding.subject.function_name == ""
    assert told.functions == (key("one"), key("three"), key("two"))


def test_demand_names_the_caller() -> None:
    told = of_demand(BURST, key("first"), 3.0, False)
    assert told.finding.step == StepKey("", "function", "first")
    assert told.finding.key.kind == "demand"
    assert told.functions == (key("first"),)


def test_a_silence_begins_after_the_last_run() -> None:
    told = of_silence(PAUSE, 3.0, None)
    assert (told.since, told.at, told.alone) == (80 * 60.0, 100 * 60.0, True)
    assert told.refs == (Ref("minute", f"{79 * 60}"),)
    assert told.finding.expected == Quantity(300.0, "seconds", "gap", days=1.0)


def test_a_silence_is_weak_where_the_function_runs_elsewhere() -> None:
    there = key("one", region="eu-central-1")
    told = of_silence(PAUSE, 3.0, there)
    assert (told.alone, told.functions) == (False, (there,))


def test_an_odd_hour_is_weak() -> None:
    assert not of_hour(key("one"), 99, "Sunday 03h", 1.5).alone
