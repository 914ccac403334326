"""What is held of a trace is all of it."""

from __future__ import annotations

from typing import get_args, get_type_hints

import msgspec

from coldtrail.assembly.held import Held, Step, held, released
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import make_event


def test_the_fields_of_a_step_are_those_of_an_event() -> None:
    assert get_args(Step) == tuple(get_type_hints(Event).values())


def test_a_trace_that_was_held_is_the_same_trace() -> None:
    trace = Trace()
    draft = Draft(Span("t", "f", "l", "Order", steps=(make_event(event_id="a"),), account="1", version="7"))
    draft.add(
        Span(
            "t",
            "f",
            "l",
            "Order",
            steps=(make_event(event_id="b", error=True, witness="xray"),),
            cold_start=True,
        )
    )
    trace.drafts["f"] = draft
    trace.pieces = [Span("t", None, "b", steps=(make_event(event_id="c", event_parent_id="b"),))]
    trace.links["l"] = Link("t", "l", None, "invocation", "AWS::Lambda", "Order", 1.0, 2.0, request_id="r")
    text = msgspec.msgpack.encode(held("t", trace))
    one = released(msgspec.msgpack.decode(text, type=Held))
    assert list(one.drafts["f"].events) == list(draft.events)
    assert msgspec.structs.replace(one.drafts["f"].head, steps=()) == msgspec.structs.replace(
        draft.head, steps=()
    )
    assert (one.pieces, one.links) == (trace.pieces, trace.links)
    assert one.events == 5
    assert msgspec.msgpack.encode(held("t", one)) == text
