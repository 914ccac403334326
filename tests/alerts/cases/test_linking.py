"""What belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.alerts.cases import linking
from coldtrail.alerts.cases.items import Item
from coldtrail.alerts.cases.linking import (
    MOST_NEIGHBOURS,
    QUIET_S,
    SITTING_S,
    TOGETHER_S,
    WINDOW_S,
    are_linked,
    grouped,
)
from coldtrail.records.finding import Subject
from tests.signals import NOON


def make_item(
    name: str = "a",
    at: float = 0.0,
    *,
    function: str = "",
    principal: str = "",
    key: str = "",
    acts: bool = True,
    **fields: Any,
) -> Item:
    """An item that begins `at` seconds after noon; a named principal acts."""
    named = [("function", function), ("principal", principal), ("credential", key)]
    plain: dict[str, Any] = {
        "id": name,
        "alert": None,
        "detector": "callers",
        "kind": "caller",
        "subject": Subject("function", function_name=function),
        "title": name,
        "severity": "high",
        "strength": 6.0,
        "alone": True,
        "since": NOON + at,
        "last": NOON + at,
        "at": NOON + at,
        "count": 1,
        "keys": frozenset(one for one in named if one[1]),
        "actors": frozenset([principal] if principal and acts else []),
    }
    return Item(**plain | fields)


def linked_until(longest: float, **fields: Any) -> bool:
    """Whether two items are linked up to a time between their beginnings, and not beyond."""
    first = make_item("a", **fields)
    near, far = make_item("b", longest, **fields), make_item("b", longest + 1, **fields)
    return are_linked(first, near) and not are_linked(first, far)


def names(groups: Sequence[Sequence[Item]]) -> list[list[str]]:
    return sorted(sorted(one.id for one in group) for group in groups)


def test_credentials_and_functions_link_for_a_day() -> None:
    assert linked_until(QUIET_S, key="k")
    assert linked_until(QUIET_S, function="pay")


def test_a_principal_alone_links_for_a_sitting_and_from_one_network_for_a_day() -> None:
    assert linked_until(SITTING_S, principal="p")
    assert linked_until(QUIET_S, principal="p", networks=frozenset(["n"]))


def test_strangers_at_one_function_are_of_one_story_for_an_hour() -> None:
    first = make_item("a", function="pay", principal="p")
    assert are_linked(first, make_item("b", WINDOW_S, function="pay", principal="q"))
    late = make_item("b", WINDOW_S + 1, function="pay", principal="q")
    assert not are_linked(first, late)
    assert are_linked(first, make_item("b", WINDOW_S + 1, function="pay"))


def test_strangers_of_one_network_are_none() -> None:
    one, other = (
        make_item(who, at, function="pay", principal=who, networks=frozenset(["n"]))
        for who, at in (("p", 0.0), ("q", 5 * WINDOW_S))
    )
    assert are_linked(one, other)


def test_who_comes_through_an_opened_door_is_of_its_story() -> None:
    opened = make_item("a", function="pay", principal="p", kind="foreign_account")
    assert are_linked(opened, make_item("b", 5 * WINDOW_S, function="pay", principal="q"))
    changes = make_item("b", 5 * WINDOW_S, function="pay", principal="q", detector="changes")
    assert not are_linked(opened, changes), "to change a function nobody needs its door"
    before = make_item("b", -5 * WINDOW_S, function="pay", principal="q")
    assert not are_linked(opened, before)


def test_who_is_at_home_needs_no_door() -> None:
    door = make_item("door", function="pay", principal="p", kind="open_to_everyone", detector="changes")
    later = make_item("caller", 2 * WINDOW_S, function="pay", principal="q")
    assert are_linked(door, later)
    assert not are_linked(door, replace(later, at_home=True))
    assert are_linked(door, replace(later, at_home=True, since=door.since + WINDOW_S))


def test_traces_link_what_began_together() -> None:
    traces = frozenset("abcd")
    assert linked_until(TOGETHER_S, traces=traces)
    half = make_item("b", traces=frozenset("abyz"))
    quarter = make_item("b", traces=frozenset("axyz"))
    assert are_linked(make_item(traces=traces), half)
    assert not are_linked(make_item(traces=traces), quarter)


def test_a_function_ties_more_than_a_request_in_which_two_changed_ones_ran_first() -> None:
    shared = frozenset(["first-after-both"])
    seven_h = 7 * 3_600.0
    items = [
        make_item("ship-deployed", 0.0, function="ship", principal="p"),
        make_item("pay-deployed", 6 * 3_600.0, function="pay", principal="q"),
        make_item("ship-runs-it", seven_h, function="ship", traces=shared),
        make_item("pay-runs-it", seven_h, function="pay", traces=shared),
    ]
    assert names(grouped(items)) == [["pay-deployed", "pay-runs-it"], ["ship-deployed", "ship-runs-it"]]


def test_what_lasts_links_while_it_lasts() -> None:
    lasting = make_item("a", function="pay", last=NOON + 3 * QUIET_S)
    assert are_linked(lasting, make_item("b", 3.5 * QUIET_S, function="pay"))
    assert not are_linked(lasting, make_item("b", 4.5 * QUIET_S, function="pay"))


def test_what_names_nobody_goes_with_the_nearest_and_joins_no_strangers() -> None:
    night = make_item("night", function="pay", principal="p")
    morning = make_item("morning", 8 * WINDOW_S, function="pay", principal="q")
    between = [make_item(f"{n}", n * WINDOW_S, function="pay") for n in (1, 3, 6, 7)]
    assert names(grouped([night, morning, *between])) == [["1", "3", "night"], ["6", "7", "morning"]]


def test_strangers_that_are_linked_are_one_group() -> None:
    one = make_item("one", function="pay", principal="p")
    together = make_item("together", WINDOW_S, function="pay", principal="q")
    assert names(grouped([one, together])) == [["one", "together"]]
    by_key = [make_item(who, function=who, principal=who, key="k") for who in "pq"]
    assert names(grouped(by_key)) == [["p", "q"]]


def test_a_takeover_and_what_it_opens_are_one() -> None:
    taken = make_item("taken", principal="p", kind="takeover")
    opened = make_item("opened", 1_800.0, function="pay", principal="p", kind="open_to_everyone")
    used = make_item("used", 9 * WINDOW_S, function="pay")
    assert names(grouped([taken, opened, used])) == [["opened", "taken", "used"]]


def test_the_same_principal_days_apart_elsewhere_is_two() -> None:
    one = make_item("one", function="pay", principal="p", networks=frozenset(["n"]))
    other = make_item("other", 2 * QUIET_S, function="ship", principal="p", networks=frozenset(["m"]))
    assert names(grouped([one, other])) == [["one"], ["other"]]


few = st.sampled_from(["", "x", "y"])
moments = st.integers(0, 60).map(lambda hours: hours * WINDOW_S)


@st.composite
def some_items(draw: st.DrawFn) -> list[Item]:
    """Items that share this and that."""
    return [
        make_item(
            f"i{number}",
            draw(moments),
            function=draw(few),
            principal=draw(few),
            key=draw(few),
            acts=draw(st.booleans()),
            kind=draw(st.sampled_from(["caller", "open_to_everyone"])),
            networks=frozenset(filter(None, [draw(few)])),
            traces=frozenset(filter(None, [draw(few)])),
        )
        for number in range(draw(st.integers(0, 9)))
    ]


@settings(max_examples=150, deadline=None)
@given(some_items(), st.integers(0, 1_000))
def test_no_order_of_arrival_matters(items: list[Item], seed: int) -> None:
    shuffled = Random(seed).sample(items, len(items))
    assert grouped(shuffled) == grouped(items)


@settings(max_examples=150, deadline=None)
@given(some_items())
def test_each_item_is_in_one_group(items: list[Item]) -> None:
    groups = grouped(items)
    assert sorted(one.id for group in groups for one in group) == sorted(one.id for one in items)


@settings(max_examples=150, deadline=None)
@given(some_items())
def test_a_group_stays_one_when_it_is_grouped_again(items: list[Item]) -> None:
    for group in grouped(items):
        assert grouped(group) == [group]


@settings(max_examples=150, deadline=None)
@given(some_items())
def test_what_is_linked_is_apart_only_where_strangers_would_meet(items: list[Item]) -> None:
    groups = grouped(items)
    for group in groups:
        for other in groups:
            if group is not other and any(are_linked(one, two) for one in group for two in other):
                actors, others = ({who for one in some for who in one.actors} for some in (group, other))
                assert actors
                assert others
                assert actors.isdisjoint(others)


def test_what_is_looked_at_is_bounded() -> None:
    items = [make_item(f"i{n:04}", n * 60.0, function="pay") for n in range(600)]
    with patch.object(linking, "are_linked", side_effect=are_linked) as looked:
        groups = grouped(items)
    assert len(groups) == 1
    assert looked.call_count <= len(items) * MOST_NEIGHBOURS
