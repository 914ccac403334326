"""Pieces of flows find their flow, however they come."""

from __future__ import annotations

from itertools import permutations

from msgspec.structs import replace

from coldtrail.assembly.pieces import attach
from coldtrail.assembly.runs import Run
from coldtrail.assembly.trace import NOWHERE, Draft
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Span
from coldtrail.testing import make_event


def run_of(flow_id: str, *events: Event) -> Run:
    head = Span("t1", flow_id, function_name="Order", steps=events)
    return Run(head, [Draft(head, NOWHERE)])


def put_back(pieces: list[Span], **runs: Run) -> list[Span]:
    return attach(pieces, [NOWHERE] * len(pieces), {flow_id: [run] for flow_id, run in runs.items()})


def event(event_id: str, parent_id: str | None = None, name: str = "GetItem") -> Event:
    return make_event(event_id=event_id, event_parent_id=parent_id, event_name=name)


def piece(parent_id: str, *events: Event) -> Span:
    return Span("t1", None, parent_id, steps=events)


def by_id(run: Run) -> dict[str, Event]:
    return {one.event_id: one for one in run.events}


def test_a_piece_below_a_flow_becomes_an_event_without_a_parent() -> None:
    run = run_of("f1")
    assert put_back([piece("f1", event("e1"))], f1=run) == []
    (found,) = run.events
    assert (found.event_parent_id, found.event_parent_name) == (None, None)


def test_a_piece_below_an_event_hangs_below_it_by_id_and_name() -> None:
    run = run_of("f1", event("e0", name="handler"))
    put_back([piece("e0", event("e1"))], f1=run)
    found = by_id(run)["e1"]
    assert (found.event_parent_id, found.event_parent_name) == ("e0", "handler")


def test_a_cold_start_that_came_apart_still_makes_the_run_cold() -> None:
    run = run_of("f1")
    put_back([replace(piece("f1", event("e1", name="Initialization")), cold_start=True)], f1=run)
    assert run.head.cold_start


def test_events_inside_a_piece_keep_their_own_parents() -> None:
    run = run_of("f1")
    put_back([piece("f1", event("e1"), event("e2", "e1"))], f1=run)
    assert by_id(run)["e2"].event_parent_id == "e1"


def test_pieces_below_pieces_are_found_in_any_order() -> None:
    pieces = [piece("f1", event("e1")), piece("e1", event("e2")), piece("e2", event("e3"))]
    for order in permutations(pieces):
        run = run_of("f1")
        assert put_back(list(order), f1=run) == []
        assert {key: one.event_parent_id for key, one in by_id(run).items()} == {
            "e1": None,
            "e2": "e1",
            "e3": "e2",
        }


def test_each_piece_goes_to_its_own_flow() -> None:
    runs = {"f1": run_of("f1"), "f2": run_of("f2")}
    put_back([piece("f2", event("e2")), piece("f1", event("e1"))], **runs)
    assert [one.event_id for one in runs["f1"].events] == ["e1"]
    assert [one.event_id for one in runs["f2"].events] == ["e2"]


def test_pieces_without_a_flow_are_given_back() -> None:
    lost, circle = piece("nowhere", event("e1")), piece("e2", event("e2"))
    kept = piece("f1", event("e3"))
    assert put_back([lost, kept, circle], f1=run_of("f1")) == [lost, circle]


def test_a_long_chain_of_pieces_that_comes_backwards_is_found_in_linear_time() -> None:
    chain = [piece("f1", event("e0")), *(piece(f"e{i}", event(f"e{i + 1}")) for i in range(20_000))]
    run = run_of("f1")
    assert put_back(chain[::-1], f1=run) == []
    assert [one.event_id for one in run.events] == [f"e{i}" for i in range(20_001)]


def test_a_piece_that_comes_twice_takes_its_pieces_along_once() -> None:
    run = run_of("f1")
    twice = piece("f1", event("e1"))
    assert put_back([piece("e1", event("e2")), twice, twice], f1=run) == []
    assert [one.event_id for one in run.events] == ["e1", "e1", "e2"]


def test_a_piece_below_a_step_that_two_runs_claim_is_part_of_both() -> None:
    """Who forges a run with the id of a step takes no step away from the other."""
    one, other = run_of("f1", event("e1")), run_of("f2", event("e1"))
    assert put_back([piece("e1", event("e2")), piece("e2", event("e3"))], f1=one, f2=other) == []
    assert set(by_id(one)) == set(by_id(other)) == {"e1", "e2", "e3"}


def test_the_name_of_a_parent_is_that_of_the_completed_one_in_any_order() -> None:
    early, late = event("e1", name="DynamoDB"), replace(event("e1"), end_time=9e9)
    for copies in permutations([piece("f1", early), piece("f1", late), piece("e1", event("e2"))]):
        run = run_of("f1")
        put_back(list(copies), f1=run)
        assert by_id(run)["e2"].event_parent_name == "GetItem"
