"""Work of a function that is told in a record of its own is the function's; that of others is not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.config import Settings
from coldtrail.records.flow import Event, Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.testing import make_event

TRACE = "1-65540000-aaaaaaaaaaaaaaaaaaaaaaaa"
HEX = "65540000aaaaaaaaaaaaaaaaaaaaaaaa"
START = 1_700_000_000.0


def step(event_id: str, name: str = "GetItem", kind: str = "DynamoDB", **fields: Any) -> Event:
    times = {"start_time": START + 0.1, "end_time": START + 0.2}
    return make_event(event_id=event_id, event_name=name, event_type=kind, **{**times, **fields})


INVOCATION = step("inv", "Invocation", "lifecycle", start_time=START, end_time=START + 0.9)
REMOTE = step("get", "GET", "remote", event_parent_id="inv", event_target_resource="stock.example")


def told(span_id: str | None, parent: str | None, *steps: Event, name: str = "", **fields: Any) -> Span:
    given = {"start_time": START + 0.05, "end_time": START + 0.5, "witnesses": ("xray",)}
    return Span(TRACE, span_id, parent, name, steps=steps, **{**given, **fields})


RUN = told(
    "run", "lambda", INVOCATION, REMOTE, name="Orders", account="1", start_time=START, end_time=START + 1
)
LAMBDA = Link(TRACE, "lambda", None, "invocation", "AWS::Lambda", "Orders")


def flows(*spans: Span, links: Sequence[Link] = (LAMBDA,), tally: Tally | None = None) -> list[Flow]:
    assembler = FlowAssembler(Settings(), tally or Tally())
    found = list(assembler.passing([Observations([one]) for one in spans] + [Observations(links=[*links])]))
    found += assembler.drain()
    return [flow for flow in found if isinstance(flow, Flow)]


def shown(flow: Flow) -> list[tuple[str, int]]:
    return [(event.event_id, depth) for event, depth in zip(flow.events, flow.depths, strict=True)]


HOP = Link(TRACE, "hop", "inv", "hop", "subsegment", "work")
SERVICE = Link(TRACE, "queue", "inv", "service", "AWS::SQS", "orders")
OF_A_FUNCTION = step("work", "work", "function", event_parent_id="inv", end_time=START + 0.3)
IN_A_CALL = step("attempt", "attempt", "function", event_parent_id="get")


@pytest.mark.parametrize(
    ("parent", "depth"),
    [
        ("run", 2),
        ("inv", 2),
        ("work", 3),
        ("hop", 2),
        ("get", None),
        ("attempt", None),
        ("queue", None),
        ("lambda", 2),
    ],
)
def test_a_part_lies_in_the_run_above_it_unless_a_call_stands_between(
    parent: str | None, depth: int | None
) -> None:
    run = told("run", "lambda", INVOCATION, REMOTE, OF_A_FUNCTION, IN_A_CALL, name="Orders")
    part = told("part", parent, step("db"))
    tally = Tally()
    (flow,) = flows(run, part, links=(LAMBDA, HOP, SERVICE), tally=tally)
    assert dict(shown(flow)).get("db") == depth
    assert tally.lost == 0
    assert flow.contradictions == ()


def test_parts_in_parts_lie_in_the_run_whatever_the_order() -> None:
    spans = (
        RUN,
        told("a", "run", step("a1", "work", "function")),
        told("b", "a1", step("b1")),
        told("c", "b", step("c1")),
    )
    expected = None
    for some in permutations(spans):
        (flow,) = flows(*some)
        expected = expected or flow
        assert flow == expected
    assert expected is not None
    assert dict(shown(expected)) == {"inv": 1, "get": 2, "a1": 2, "b1": 3, "c1": 3}


def test_parts_that_lie_in_each_other_are_orphans() -> None:
    tally = Tally()
    late = {"start_time": START + 5, "end_time": START + 6}
    circle = [told(one, above, step(f"{one}1", **late), **late) for one, above in ("ab", "ba", "cc")]
    (flow,) = flows(RUN, *circle, tally=tally)
    assert dict(shown(flow)) == {"inv": 1, "get": 2}
    assert tally.losses == {"work without a run": 3}


def test_of_two_runs_of_one_invocation_a_part_below_it_tells_none() -> None:
    again = told("again", "lambda", name="Orders", start_time=START + 0.5, end_time=START + 2)
    tally = Tally()
    assert len(flows(RUN, again, told("part", "lambda", step("db")), tally=tally)) == 2
    assert tally.lost == 1


@pytest.mark.parametrize(
    ("fields", "lies"),
    [
        ({"name": "Orders"}, True),
        ({"name": "Orders", "account": "1"}, True),
        ({"name": "Orders", "account": "2"}, False),
        ({"name": "Other"}, False),
        ({"name": "orders-service", "is_named_by_service": True}, True),
    ],
)
def test_a_run_of_the_same_function_or_of_a_mere_service_lies_in_the_run(
    fields: dict[str, Any], lies: bool
) -> None:
    found = flows(RUN, told("own", "run", step("db"), witnesses=("otlp",), **fields))
    assert len(found) == (1 if lies else 2)
    assert dict(shown(found[0]))["inv"] == 1
    assert ("db" in dict(shown(found[0]))) is lies
    if lies:
        assert found[0].witnesses == ("otlp", "xray")
        assert {event.event_id: event.witness for event in found[0].events} == {
            "inv": "xray",
            "get": "xray",
            "db": "otlp",
        }
    else:
        assert (found[1].caller, found[1].upstream_lost) == ("Orders", False)


def test_a_run_below_a_call_of_another_is_its_own_and_knows_its_caller() -> None:
    found = {flow.function_name: flow for flow in flows(RUN, told("own", "get", step("db"), name="Orders"))}
    assert len(found) == 1
    called = flows(RUN, told("own", "get", step("db"), name="Stock"))
    assert [flow.caller for flow in called] == [None, "Orders"]


def test_what_lies_in_a_run_tells_of_it() -> None:
    known = {"request_id": "r", "version": "7", "region": "eu-west-1", "error": True, "cold_start": True}
    (flow,) = flows(RUN, told("part", "run", in_progress=True, **known))
    assert (flow.request_id, flow.version, flow.region) == ("r", "7", "eu-west-1")
    assert (flow.error, flow.cold_start, flow.complete) == (True, True, False)
    assert (flow.start_time, flow.end_time) == (START, START + 1)


def test_pieces_below_what_lies_in_a_run_come_with_it() -> None:
    (flow,) = flows(RUN, told("part", "run"), told(None, "part", step("db")), told(None, "db", step("deep")))
    assert dict(shown(flow)) == {"inv": 1, "get": 2, "db": 2, "deep": 3}


def test_steps_that_name_the_part_as_their_parent_hang_where_it_hangs() -> None:
    (flow,) = flows(RUN, told("part", "run", step("db", event_parent_id="part", event_parent_name="x")))
    assert dict(shown(flow)) == {"inv": 1, "get": 2, "db": 2}


def test_work_outside_the_invocation_stays_outside_of_it() -> None:
    late = told("part", "run", step("db", start_time=START + 5, end_time=START + 6), start_time=START + 5)
    (flow,) = flows(RUN, late)
    assert dict(shown(flow)) == {"inv": 1, "get": 2, "db": 1}


def test_a_function_that_a_part_calls_knows_its_caller() -> None:
    call = step("call", "Invoke", "Lambda", event_target_resource="Pay")
    part = told("part", "run", call)
    links = (
        LAMBDA,
        Link(TRACE, "part", "run", "service", "segment", "process"),
        Link(TRACE, "call", "part", "hop", "subsegment", "Lambda"),
        Link(TRACE, "pay-lambda", "call", "invocation", "AWS::Lambda", "Pay"),
    )
    pay = told("pay", "pay-lambda", name="Pay")
    found = {flow.function_name: flow for flow in flows(RUN, part, pay, links=links)}
    assert (found["Pay"].caller, found["Pay"].trigger) == ("Orders", "Lambda Pay")
    assert all(flow.contradictions == () for flow in found.values())


def test_a_part_that_another_format_names_is_that_run() -> None:
    part, run = (
        told("x", "nowhere", step("a1")),
        told("x", "nowhere", step("b1"), name="Web", witnesses=("otlp",)),
    )
    link = Link(TRACE, "x", "nowhere", "service", "segment", "web")
    for some in permutations((part, run)):
        (flow,) = flows(*some, links=(link,))
        assert flow.function_name == "Web"
        assert flow.contradictions == ()
        assert set(dict(shown(flow))) == {"a1", "b1"}


@given(st.data())
def test_any_tree_of_parts_ends_and_loses_no_step_of_a_run(data: st.DataObject) -> None:
    ids = ["run", "inv", "get", *[f"p{n}" for n in range(5)], *[f"s{n}" for n in range(5)]]
    spans = [RUN]
    for n in range(5):
        parent = data.draw(st.sampled_from([None, "nowhere", *ids]))
        kind = data.draw(st.sampled_from(["function", "remote"]))
        name = data.draw(st.sampled_from(["", "", "Orders", "Other"]))
        spans.append(told(f"p{n}", parent, step(f"s{n}", kind=kind), name=name))
    found = flows(*spans)
    again = flows(*data.draw(st.permutations(spans)))
    assert sorted(map(repr, found)) == sorted(map(repr, again))
    steps = [event.event_id for flow in found for event in flow.events]
    assert {"inv", "get"} <= set(steps)
    assert len(steps) == len(set(steps))
