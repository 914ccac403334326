"""Whose a run is where documents disagree."""

from __future__ import annotations

from itertools import permutations

from msgspec.structs import replace

from coldtrail.assembly.claims import claims
from coldtrail.assembly.trace import Draft
from coldtrail.records.telemetry import Span
from coldtrail.testing import make_event

SPAN = Span("t", "f", None, "Order", account="1", region="r", steps=(make_event(),))


def names(*spans: Span) -> list[set[tuple[str, str | None]]]:
    told = []
    for order in permutations(spans):
        runs, _ = claims([Draft(span) for span in order])
        told.append([{(part.head.function_name, part.head.account) for part in parts} for parts in runs])
    assert all(one == told[0] for one in told)
    return told[0]


def test_what_leaves_open_whose_it_is_contradicts_nothing() -> None:
    native = replace(SPAN, account=None, region=None, application_name="shop")
    runs, found = claims([Draft(SPAN), Draft(native), Draft(replace(SPAN, account=None))])
    assert (len(runs), len(runs[0]), found) == (1, 3, [])


def test_each_function_that_is_named_with_steps_has_its_run() -> None:
    assert names(SPAN, replace(SPAN, function_name="!")) == [{("!", "1")}, {("Order", "1")}]
    assert names(SPAN, replace(SPAN, account="0")) == [{("Order", "0")}, {("Order", "1")}]


def test_a_name_without_steps_is_no_run_beside_one_with_steps() -> None:
    assert names(SPAN, replace(SPAN, function_name="!", steps=())) == [{("Order", "1")}]
    bare = replace(SPAN, steps=())
    assert len(names(bare, replace(bare, function_name="!"))) == 2


def test_what_does_not_say_whose_it_is_counts_for_each() -> None:
    early = replace(SPAN, account=None)
    one, other = names(SPAN, replace(SPAN, account="0"), early)
    assert one == {("Order", "0"), ("Order", None)}
    assert other == {("Order", "1"), ("Order", None)}


def test_a_flood_of_names_takes_linear_time_and_leaves_the_true_one() -> None:
    flood = [Draft(replace(SPAN, function_name=f"n{i}", account=None)) for i in range(20_000)]
    runs, (found,) = claims([*flood, Draft(SPAN), Draft(replace(SPAN, account="2", function_name="m"))])
    assert len(runs) == 20_002
    assert ["Order"] in [[part.head.function_name for part in parts] for parts in runs]
    assert (found.aspects, found.more) == (("account", "name"), 20_002 - 4)


def test_what_names_no_function_claims_nothing() -> None:
    head = Span("t1", "f1", None, "Order", account="1")
    part = Span("t1", "f1", None, "")
    runs, found = claims([Draft(head), Draft(part)])
    assert found == []
    assert len(runs) == 1
