"""What is held of a trace is all of it."""

from __future__ import annotations

from typing import get_args, get_type_hints

import msgspec
from msgspec.structs import replace

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
    draft.add(replace(draft.head, function_name="!", steps=()), ("file", "line 3"))
    trace.drafts["f"] = draft
    trace.sources = [("file", "line 4")]
    trace.pieces = [Span("t", None, "b", steps=(make_event(event_id="c", event_parent_id="b"),))]
    trace.links["l"] = Link("t", "l", None, "invocation", "AWS::Lambda", "Order", 1.0, 2.0, request_id="r")
    trace.marks = [(0, ("file", "line 1"))]
    trace.add_copy(Link("t", "l", None, "source", "AWS::SNS", "orders"), ("file", "line 2"))
    text = msgspec.msgpack.encode(held("t", trace))
    one = released(msgspec.msgpack.decode(text, type=Held))
    assert list(one.drafts["f"].events) == list(draft.events)
    heads = [
        [msgspec.structs.replace(part.head, steps=()) for part in run.parts]
        for run in (draft, one.drafts["f"])
    ]
    assert heads[0] == heads[1]
    assert len(heads[0]) == 3
    assert (one.pieces, one.links, one.copies) == (trace.pieces, trace.links, trace.copies)
    assert (one.sources, one.marks) == (trace.sources, trace.marks)
    assert one.events == 7
    assert msgspec.msgpack.encode(held("t", one)) == text
