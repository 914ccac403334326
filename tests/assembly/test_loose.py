"""Steps beside the runs of functions."""

from __future__ import annotations

from coldtrail.assembly.loose import above_of, pieces_of, ups_of
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.records.telemetry import Link, Span
from coldtrail.testing import make_event

STEP = make_event(event_id="e")


def test_pieces_and_what_names_no_function_tell_steps_beside_runs() -> None:
    trace = Trace("t")
    piece = Span("t", None, function_name="", parent_id="p", steps=(STEP,))
    part = Span("t", "p", function_name="", parent_id="hop", steps=(STEP,))
    trace.pieces.append(piece)
    trace.drafts = {"p": Draft(part), "r": Draft(Span("t", "r", function_name="Pay", steps=(STEP,)))}
    trace.links = {"hop": Link("t", "hop", "r", "hop", "segment", "Pay")}
    assert pieces_of(trace) == [piece, part]
    assert list(above_of("p", ups_of(trace))) == ["p", "hop", "r"]


def test_a_way_up_in_a_circle_ends() -> None:
    assert len(list(above_of("a", {"a": "b", "b": "a"}))) == 100
