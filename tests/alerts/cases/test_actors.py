"""Who did what signals tell."""

from __future__ import annotations

import random
from typing import Any

from coldtrail.alerts.cases.actors import (
    MOST_FUNCTIONS,
    MOST_PARTS,
    MOST_TIMES,
    actors_of,
    by_actor,
    functions_of,
    keys_of,
    networks_of,
    principals_of,
    times_of,
)
from coldtrail.records.finding import Subject
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from tests.signals import NOON, PAY, SHIP, make_signal

OF_PAY = Subject.of(PAY)


def by(*who: str, at: float = NOON, **fields: Any) -> Signal:
    return make_signal("caller", at=at, detector="callers", principals=who, **fields)


def test_what_two_strangers_did_is_parted() -> None:
    one, other, again = by("ann", at=NOON), by("bob", at=NOON + 1), by("ann", at=NOON + 2)
    assert by_actor([again, other, one]) == [[one, again], [other]]


def test_what_names_nobody_counts_to_whoever_came_before_it() -> None:
    before, one, between, other = by(at=NOON), by("ann", at=NOON + 1), by(at=NOON + 2), by("bob", at=NOON + 3)
    assert by_actor([other, between, one, before]) == [[before, one, between], [other]]


def test_further_actors_count_to_the_last() -> None:
    some = [by(f"p-{number:02}", at=NOON + number) for number in range(MOST_PARTS + 3)]
    parts = by_actor(some)
    assert [len(part) for part in parts] == [1] * (MOST_PARTS - 1) + [4]


def test_the_order_of_coming_parts_nothing_else() -> None:
    some = [by(f"p-{number % 3}", at=NOON + number) for number in range(12)]
    shuffled = random.Random(5).sample(some, len(some))
    assert by_actor(shuffled) == by_actor(some)


def test_only_callers_and_deployers_act_from_outside() -> None:
    used = make_signal("stolen", detector="credentials", principals=("role",))
    assert actors_of([used, by("ann")], OF_PAY) == {"ann"}
    assert principals_of([used, by("ann")], OF_PAY, ["eve"]) == ("role", "ann", "eve")


def test_a_principal_is_joined_to_what_it_did_something_to_and_a_function_is_not() -> None:
    many = tuple(FunctionKey("1", "r", "a", f"f{number}") for number in range(MOST_FUNCTIONS + 2))
    of_ann = make_signal(principal="ann", functions=many)
    keys = keys_of([of_ann], of_ann.finding.subject, [])
    assert sum(key[0] == "function" for key in keys) == MOST_FUNCTIONS
    of_pay = make_signal(functions=(SHIP,), credentials=("k-1",))
    assert keys_of([of_pay], OF_PAY, ["k-2"]) == [("credential", "k-2"), ("credential", "k-1")]


def test_networks_and_functions_are_named_once() -> None:
    signal = by("ann", indicators=(("network", "n-1"), ("country", "NO")), functions=(SHIP, PAY))
    assert networks_of([signal, signal]) == {"n-1"}
    assert functions_of([signal, signal], "pay") == ("pay", "ship")


def test_times_beyond_a_bound_are_the_last_one_s() -> None:
    times = times_of([by("ann", at=NOON + 100 * number) for number in range(MOST_TIMES + 10)])
    assert len(times) == MOST_TIMES
    assert times[-1][1] == NOON + 100 * (MOST_TIMES + 9)
    assert times[0] == (NOON - 60, NOON)
