"""A trace while pieces of it may still come."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.trace import Draft, Trace
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import make_event


def event(name: str, start: float) -> Event:
    return make_event(event_id=name, start_time=start, end_time=start + 1)


def span(*events: Event, flow: str = "caller", function: str = "Caller") -> Span:
    return Span("trace", flow, function_name=function, steps=events)


def test_a_draft_keeps_the_earliest_events_each_once_and_says_how_many_it_left_out() -> None:
    draft = Draft(span(event("c", 3.0), event("a", 1.0)))
    draft.add(span(event("b", 2.0), event("a", 1.0)))
    assert draft.keep_earliest(2) == 1
    assert [one.event_id for one in draft.events] == ["a", "b"]


def test_a_draft_with_room_loses_nothing() -> None:
    draft = Draft(span(event("a", 1.0)))
    assert draft.keep_earliest(2) == 0
    assert [one.event_id for one in draft.events] == ["a"]


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
