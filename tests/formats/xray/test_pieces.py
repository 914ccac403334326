"""Subsegments that come as documents of their own."""

from typing import Any

from coldtrail.records.telemetry import Observations
from tests.fixtures.telemetry import START
from tests.formats.xray_parts import parse, segment, step

TRACE = "1-6b0023b1-374e13551aec24967b10d634"


def piece(number: int, parent_id: str, **more: Any) -> dict[str, Any]:
    return {
        **step(number, f"piece {number}"),
        "type": "subsegment",
        "trace_id": TRACE,
        "parent_id": parent_id,
        **more,
    }


def parents(parsed: Observations) -> dict[str, str | None]:
    (span,) = parsed.spans
    return {event.event_name: event.event_parent_name for event in span.steps}


def test_pieces_find_their_place() -> None:
    whole = segment(step(1, "Invocation"))
    parts = [piece(3, step(2)["id"]), piece(2, step(1)["id"]), whole, piece(4, whole["id"])]
    parsed = parse(parts)
    assert parents(parsed) == {
        "Invocation": None,
        "piece 2": "Invocation",
        "piece 3": "piece 2",
        "piece 4": None,
    }
    assert parsed.problems == []


def test_pieces_without_their_segment_wait() -> None:
    parsed = parse(piece(2, "a000000000000001", subsegments=[step(3, "inner")]))
    (span,) = parsed.spans
    assert (span.trace_id, span.parent_id) == (TRACE, "a000000000000001")
    assert (span.span_id, span.function_name, span.application_name) == (None, "", None)
    outer, inner = span.steps
    assert (outer.event_name, outer.event_parent_id) == ("piece 2", None)
    assert (inner.event_name, inner.event_parent_name) == ("inner", "piece 2")
    assert [link.link_id for link in parsed.links] == [outer.event_id, inner.event_id]


def test_pieces_in_a_circle_are_no_trap() -> None:
    parsed = parse([piece(1, step(2)["id"]), piece(2, step(1)["id"]), piece(3, step(3)["id"]), segment()])
    assert sum(span.span_id is None for span in parsed.spans) == 3
    assert len(parsed.spans) == 4


def test_pieces_of_other_segments_become_links() -> None:
    stage = segment(origin="AWS::ApiGateway::Stage")
    parsed = parse([stage, piece(2, stage["id"])])
    assert [(link.link_id, link.parent_id) for link in parsed.links] == [
        (stage["id"], None),
        (step(2)["id"], stage["id"]),
    ]


def test_unusable_pieces_are_named() -> None:
    lost = piece(2, "x")
    del lost["start_time"]
    parsed = parse([segment(), lost, {**piece(3, "x"), "parent_id": None}])
    assert len(parsed.problems) == 2
    assert parsed.spans[0].start_time == START
