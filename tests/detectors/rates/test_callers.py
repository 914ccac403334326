"""Functions of which their callers' counts say what to expect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import numpy as np
import pytest

from coldtrail.detectors.rates.callers import Callers
from coldtrail.records.encounter import Encounter
from coldtrail.records.signal import Signal
from tests.detectors.rates.told import HOUR, alone, window

HOURS = 12


def application(
    first: Callable[[int], float], child: Callable[[int, float], float], caller: str = "first"
) -> Iterator[Encounter]:
    """A first function that calls two others, each as often as it runs but for what `child` makes of one."""
    random = Random(5)
    for minute in range(HOURS * HOUR):
        calls = float(round(first(minute) * random.uniform(0.7, 1.3)))
        for name, number in (("first", calls), ("one", child(minute, calls)), ("two", calls)):
            if number:
                by = () if name == "first" else ((caller, int(number)),)
                yield window(name, minute, number, source="flows", traced=int(number), callers=by)


def of_child(signals: list[Signal]) -> list[Signal]:
    return [one for one in signals if one.finding.subject.function_name == "one"]


def late(minute: int) -> bool:
    return minute >= (HOURS - 2) * HOUR


def test_more_calls_than_the_caller_makes_are_told_with_its_name() -> None:
    seen = application(lambda _: 20.0, lambda minute, calls: calls * (3.0 if late(minute) else 1.0))
    (told,) = of_child(alone(seen))
    assert told.finding.kind == "demand"
    assert told.finding.step is not None
    assert told.finding.step.target == "first"
    assert [one[3] for one in told.functions] == ["first"]
    assert told.at <= told.since + 60.0 * 10


def test_a_sale_is_one_signal_of_the_application() -> None:
    seen = list(application(lambda minute: 200.0 if late(minute) else 20.0, lambda _, calls: calls))
    (told,) = alone(seen)
    assert (told.finding.kind, told.finding.subject.kind) == ("surge", "application")
    assert told.finding.subject.application_name == "shop"
    assert [one[3] for one in told.functions] == ["first", "one", "two"]


def test_a_first_function_that_surges_alone_is_told_as_itself() -> None:
    def first(minute: int) -> float:
        return 200.0 if late(minute) else 20.0

    seen = [
        one
        for one in application(first, lambda minute, calls: calls / (10.0 if late(minute) else 1.0))
        if one.actor is not None and one.actor.function != "two"
    ]
    (told,) = alone(seen)
    assert (told.finding.kind, told.finding.subject.function_name) == ("surge", "first")


def test_a_caller_that_has_no_windows_explains_nothing() -> None:
    seen = application(
        lambda minute: 200.0 if late(minute) else 20.0, lambda _, calls: calls, caller="Shop API"
    )
    assert {one.finding.kind for one in of_child(alone(seen))} == {"surge"}


def test_the_callers_that_call_most_often_are_kept() -> None:
    made = Callers()
    made.make_room(10)
    made.note(0, 100, [(1, 10), (2, 50), (3, 20)])
    made.note(0, 1, [(4, 1)])
    assert sorted(made.caller[:, 0].tolist()) == [1, 2, 3]
    made.note(0, 30, [(4, 30), (2, 1)])
    assert sorted(made.caller[:, 0].tolist()) == [2, 3, 4]
    assert made.main(0) == 2
    made.forget(2)
    assert sorted(made.caller[:, 0].tolist()) == [-1, 3, 4]
    assert made.called_by(4).tolist() == []


def test_links_are_forgotten_slowly() -> None:
    made = Callers()
    made.make_room(2)
    made.note(0, 100, [(1, 100)])
    made.end_days(28, new_generation=False)
    assert made.runs[0, 0] == made.traced[0, 0] == pytest.approx(50.0)
    assert np.array_equal(made.called_by(1), [0])
