"""Work whose parent is missing is that of the one run that can have done it, or it is told."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.orphans import ADOPTED
from coldtrail.config import Settings
from coldtrail.records.flow import Event, Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Observations, Span
from tests.assembly.test_nesting import HEX, LAMBDA, RUN, START, TRACE, flows, shown, step, told

LOST = "work without a run"
EVIL = step("put", "PutObject", "S3", event_target_resource="evil")
PAY = told("pay", "pay-lambda", name="Pay", account="2", start_time=START, end_time=START + 1)


def piece(parent: str, *steps: Event, **fields: Any) -> Span:
    return Span(TRACE, None, parent, steps=steps, witnesses=("xray",), **fields)


@pytest.mark.parametrize(
    "orphan",
    [told("own", "lost", EVIL), told("own", None, EVIL), piece("lost", EVIL)],
    ids=["part", "root", "piece"],
)
def test_work_in_the_time_of_one_run_alone_is_that_runs_and_the_run_is_known_to_lack_parts(
    orphan: Span,
) -> None:
    tally = Tally()
    (flow,) = flows(RUN, orphan, tally=tally)
    assert dict(shown(flow)) == {"inv": 1, "get": 2, "put": 2}
    assert not flow.complete
    assert (tally.lost, tally.counts[ADOPTED]) == (0, 1)


@pytest.mark.parametrize("orphan", [told("own", "lost", EVIL, error=True), piece("lost", EVIL)])
def test_other_work_is_told_and_no_flow_of_the_trace_is_complete(orphan: Span) -> None:
    tally = Tally()
    found = flows(RUN, PAY, orphan, tally=tally)
    assert len(found) == 2
    assert not any(flow.complete for flow in found)
    assert not any("put" in dict(shown(flow)) for flow in found)
    assert tally.losses == {LOST: 1}
    told_of = tally.examples[LOST]
    assert told_of.origin == f"trace {TRACE}"
    assert told_of.reason.startswith("S3 PutObject could be given to no run")


@pytest.mark.parametrize(
    ("says", "taker"),
    [
        ({"other_name": "Orders"}, "Orders"),
        ({"other_name": "Pay"}, "Pay"),
        ({"account": "2"}, "Pay"),
        ({"account": "3"}, None),
        ({"other_name": "process"}, None),
        ({}, None),
    ],
)
def test_of_several_runs_what_both_say_decides(says: dict[str, Any], taker: str | None) -> None:
    found = flows(RUN, PAY, told("own", "lost", EVIL, **says))
    assert [flow.function_name for flow in found if "put" in dict(shown(flow))] == ([taker] if taker else [])


def test_what_answers_requests_by_another_name_is_another_service() -> None:
    tally = Tally()
    stock = {"other_name": "stock", "names_owner": True}
    (flow,) = flows(RUN, told("own", "lost", EVIL, **stock), tally=tally)
    assert ("put" in dict(shown(flow)), flow.complete, tally.lost) == (False, False, 1)
    (flow,) = flows(RUN, told("own", "lost", EVIL, **{**stock, "other_name": "Orders"}))
    assert "put" in dict(shown(flow))


@pytest.mark.parametrize(
    "times", [(-1.0, 0.5), (0.5, 1.5), (2.0, 3.0)], ids=["begins before", "ends after", "later"]
)
def test_work_outside_the_time_of_the_run_is_told(times: tuple[float, float]) -> None:
    first, last = START + times[0], START + times[1]
    orphan = piece("lost", step("put", start_time=first, end_time=last))
    tally = Tally()
    (flow,) = flows(RUN, orphan, tally=tally)
    assert ("put" in dict(shown(flow)), flow.complete, tally.lost) == (False, False, 1)


def test_who_calls_a_function_is_none_of_its_work_and_nothing_to_tell() -> None:
    links = (LAMBDA, Link(TRACE, "call", "web", "hop", "subsegment", "Lambda"))
    invoked = Link(TRACE, "lambda", "call", "invocation", "AWS::Lambda", "Orders")
    for parent in (None, "elsewhere"):
        call = step("call", "Invoke", "Lambda", start_time=START - 1, end_time=START - 0.5)
        web = told("web", parent, call, start_time=START - 1, end_time=START - 0.5)
        tally = Tally()
        (flow,) = flows(RUN, web, links=(*links[1:], invoked), tally=tally)
        assert (flow.complete, tally.lost) == (True, 0)


def test_a_function_that_an_orphan_calls_does_not_take_it() -> None:
    call = step("call", "Invoke", "Lambda", event_target_resource="Pay")
    invoked = Link(TRACE, "pay-lambda", "call", "invocation", "AWS::Lambda", "Pay")
    found = {
        flow.function_name: flow
        for flow in flows(RUN, PAY, told("own", "lost", call), links=(LAMBDA, invoked))
    }
    assert "call" in dict(shown(found["Orders"]))
    assert found["Pay"].caller == "Orders"


def test_an_orphan_tells_nothing_of_the_run_but_its_steps() -> None:
    known = {"request_id": "r", "version": "7", "region": "eu-west-1", "error": True}
    (flow,) = flows(RUN, told("own", "lost", EVIL, **known))
    assert (flow.request_id, flow.version, flow.region, flow.error) == (None, None, None, False)


@pytest.mark.parametrize(("links", "lost"), [((LAMBDA,), 1), ((), 0)], ids=["invoked", "of services"])
def test_without_a_run_work_is_told_where_a_function_was_invoked(links: tuple[Link, ...], lost: int) -> None:
    tally = Tally()
    assert flows(told("own", "lost", EVIL), links=links, tally=tally) == []
    assert tally.lost == lost


def test_what_is_known_to_lack_parts_is_so_whichever_document_says_it() -> None:
    for some in permutations((Observations(cut=(TRACE,)), Observations([RUN]), Observations(links=[LAMBDA]))):
        assembler = FlowAssembler(Settings(), Tally())
        assembler.push(some[:2])
        state = assembler.snapshot()
        assembler = FlowAssembler(Settings(), Tally())
        assembler.restore(state)
        assembler.push(some[2:])
        assert [flow.complete for flow in assembler.drain()] == [False]
    assembler = FlowAssembler(Settings(), Tally())
    assembler.push([Observations([RUN]), Observations(cut=(HEX,))])
    assert [flow.complete for flow in assembler.drain()] == [False]


ORPHANS = (
    told("a", "lost", step("a1", "work", "function")),
    told("b", "a1", step("b1")),
    piece("b1", step("c1"), step("c2")),
    piece("c2", step("d1")),
    piece("gone", step("e1"), other_name="Orders"),
    piece("e1", step("f1"), other_name="Orders"),
    told("g", None, step("g1"), other_name="Pay"),
)


@given(st.data())
def test_orphans_go_to_the_same_run_in_any_order_and_any_cut(data: st.DataObject) -> None:
    runs = data.draw(st.sampled_from([(RUN,), (RUN, PAY)]))
    some = data.draw(st.lists(st.sampled_from(ORPHANS), unique_by=repr))
    first, again = Tally(), Tally()
    expected = flows(*runs, *some, tally=first)
    found = flows(*data.draw(st.permutations([*runs, *some])), tally=again)
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
    assert (again.losses, again.counts[ADOPTED]) == (first.losses, first.counts[ADOPTED])
    taken = sum([len(flow.events) for flow in expected if isinstance(flow, Flow)]) - 2
    assert taken + first.lost == sum([len(one.steps) for one in some])


def test_all_work_is_taken_with_what_is_below_it() -> None:
    (flow,) = flows(RUN, *ORPHANS)
    own = {"a1": 2, "b1": 3, "c1": 4, "c2": 4, "d1": 5, "e1": 2, "f1": 3, "g1": 2}
    assert dict(shown(flow)) == {"inv": 1, "get": 2, **own}
