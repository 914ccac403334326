"""Pieces of flows find their flow, however they come."""

from __future__ import annotations

from itertools import permutations

from msgspec.structs import replace

from coldtrail.assembly.pieces import attach
from coldtrail.assembly.trace import Draft
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Span
from coldtrail.testing import make_event


def draft_of(flow_id: str, *events: Event) -> Draft:
    return Draft(Span("t1", flow_id, function_name="Order", steps=events))


def event(event_id: str, parent_id: str | None = None, name: str = "GetItem") -> Event:
    return make_event(event_id=event_id, event_parent_id=parent_id, event_name=name)


def piece(parent_id: str, *events: Event) -> Span:
    return Span("t1", None, parent_id, steps=events)


def by_id(draft: Draft) -> dict[str, Event]:
    return {one.event_id: one for one in draft.events}


def test_a_piece_below_a_flow_becomes_an_event_without_a_parent() -> None:
    draft = draft_of("f1")
    assert attach([piece("f1", event("e1"))], {"f1": draft}) == []
    (found,) = draft.events
    assert (found.event_parent_id, found.event_parent_name) == (None, None)


def test_a_piece_below_an_event_hangs_below_it_by_id_and_name() -> None:
    draft = draft_of("f1", event("e0", name="handler"))
    attach([piece("e0", event("e1"))], {"f1": draft})
    found = by_id(draft)["e1"]
    assert (found.event_parent_id, found.event_parent_name) == ("e0", "handler")


def test_a_cold_start_that_came_apart_still_makes_the_run_cold() -> None:
    draft = draft_of("f1")
    attach([replace(piece("f1", event("e1", name="Initialization")), cold_start=True)], {"f1": draft})
    assert draft.head.cold_start


def test_events_inside_a_piece_keep_their_own_parents() -> None:
    draft = draft_of("f1")
    attach([piece("f1", event("e1"), event("e2", "e1"))], {"f1": draft})
    assert by_id(draft)["e2"].event_parent_id == "e1"


def test_pieces_below_pieces_are_found_in_any_order() -> None:
    pieces = [piece("f1", event("e1")), piece("e1", event("e2")), piece("e2", event("e3"))]
    for order in permutations(pieces):
        draft = draft_of("f1")
        assert attach(list(order), {"f1": draft}) == []
        assert {key: one.event_parent_id for key, one in by_id(draft).items()} == {
            "e1": None,
            "e2": "e1",
            "e3": "e2",
        }


def test_each_piece_goes_to_its_own_flow() -> None:
    drafts = {"f1": draft_of("f1"), "f2": draft_of("f2")}
    attach([piece("f2", event("e2")), piece("f1", event("e1"))], drafts)
    assert [one.event_id for one in drafts["f1"].events] == ["e1"]
    assert [one.event_id for one in drafts["f2"].events] == ["e2"]


def test_pieces_without_a_flow_are_given_back() -> None:
    lost, circle = piece("nowhere", event("e1")), piece("e2", event("e2"))
    kept = piece("f1", event("e3"))
    assert attach([lost, kept, circle], {"f1": draft_of("f1")}) == [lost, circle]


def test_a_long_chain_of_pieces_that_comes_backwards_is_found_in_linear_time() -> None:
    chain = [piece("f1", event("e0")), *(piece(f"e{i}", event(f"e{i + 1}")) for i in range(20_000))]
    draft = draft_of("f1")
    assert attach(chain[::-1], {"f1": draft}) == []
    assert [one.event_id for one in draft.events] == [f"e{i}" for i in range(20_001)]


def test_a_piece_that_comes_twice_takes_its_pieces_along_once() -> None:
    draft = draft_of("f1")
    twice = piece("f1", event("e1"))
    assert attach([piece("e1", event("e2")), twice, twice], {"f1": draft}) == []
    assert [one.event_id for one in draft.events] == ["e1", "e1", "e2"]
