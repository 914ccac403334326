"""A trace while pieces of it may still come."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.trace import Draft, Trace, source_of
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import make_event


def event(name: str, start: float) -> Event:
    return make_event(event_id=name, start_time=start, end_time=start + 1)


def span(*events: Event, flow: str = "caller", function: str = "Caller") -> Span:
    return Span("trace", flow, function_name=function, steps=events)


def test_a_draft_keeps_each_step_once_and_says_how_many_it_left_out() -> None:
    draft = Draft(span(event("c", 3.0), event("a", 1.0)))
    draft.add(span(event("b", 2.0), event("a", 1.0)))
    assert draft.keep(2) == 1
    assert [one.event_id for one in draft.events] == ["a", "b"]


def test_a_draft_with_room_loses_nothing() -> None:
    draft = Draft(span(event("a", 1.0)))
    assert draft.keep(2) == 0
    assert [one.event_id for one in draft.events] == ["a"]


def test_what_tells_otherwise_of_the_run_is_held_beside_it() -> None:
    draft = Draft(span(event("a", 1.0)), ("x", "1"))
    assert draft.add(span(event("b", 2.0)), ("x", "2")) is draft
    other = draft.add(span(event("c", 3.0), function="!"), ("x", "3"))
    assert [one.head.function_name for one in draft.parts] == ["Caller", "!"]
    assert (draft.heads, len(other.events), other.source) == (2, 1, ("x", "3"))
    assert [source_of(draft.marks, place) for place in range(2)] == [("x", "1"), ("x", "2")]


def test_a_wrong_date_does_not_hold_a_trace_open() -> None:
    one = Trace()
    one.drafts["f"] = Draft(span(event("a", 1e9), event("b", 1e9 + 5)))
    one.links["l"] = Link("trace", "l", None, "hop", "x", "x", 0.5, 4e9)
    assert one.earliest_and_latest() == (1e9, 1e9 + 6)


@given(st.permutations([1.0, 2.0, 3.0]))
def test_the_first_and_the_last_time_of_anything_held(times: list[float]) -> None:
    one = Trace()
    assert one.earliest_and_latest() == (inf, inf)
    for i, time in enumerate(times):
        one.times = None
        one.drafts[f"d{i}"] = Draft(span(event("e", time)))
    assert one.earliest_and_latest() == (1.0, 4.0)
    one.times = None
    one.links["l"] = Link("trace", "l", None, "hop", "x", "x", 0.5, 9.0)
    one.pieces.append(Span("trace", None, "x", steps=(event("p", 0.25),)))
    assert one.earliest_and_latest() == (0.25, 9.0)
