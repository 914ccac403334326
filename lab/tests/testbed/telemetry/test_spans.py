"""The spans of a trace."""

from typing import Any

import pytest

from coldtrail_testbed.cloud.traces import subsegments
from coldtrail_testbed.telemetry.spans import Span, nanoseconds, otlp_trace_id, spans_of

from .truth import FIRST, failed_run, run, small_traces

_RUNS = {one.flow_id: one for one in (run(), failed_run())}


@pytest.fixture
def spans(traces: list[dict[str, Any]]) -> dict[str, Span]:
    """The spans of the small truth by id."""
    return {span.id: span for trace in traces for span in spans_of(trace, _RUNS)}


def test_every_part_but_the_inferred_ones_is_a_span(
    spans: dict[str, Span], traces: list[dict[str, Any]]
) -> None:
    segments = [segment for trace in traces for segment in trace["segments"] if not segment.get("inferred")]
    parts = [part for segment in segments for part in (segment, *subsegments(segment))]
    assert spans.keys() == {part["id"] for part in parts}
    for part in parts:
        assert spans[part["id"]].start_ns == round(part["start_time"] * 1e6) * 1000
        assert spans[part["id"]].end_ns == round(part["end_time"] * 1e6) * 1000


def test_the_function_span(spans: dict[str, Span]) -> None:
    span = spans["00000000000000f1"]
    assert (span.name, span.kind, span.parent_id) == ("GetLoyalty", "SERVER", "00000000000000d1")
    assert span.attributes["faas.invocation_id"] == run().request_id
    assert span.attributes["faas.coldstart"] is True
    assert span.attributes["faas.trigger"] == "http"
    assert span.resource.attributes["faas.version"] == "$LATEST"
    assert span.resource.attributes["faas.max_memory"] == 256 * 1024 * 1024


def test_an_asynchronous_invocation_has_its_request_id_and_its_error(spans: dict[str, Span]) -> None:
    span = spans["00000000000000f2"]
    assert span.attributes["faas.invocation_id"] == failed_run().request_id
    assert (span.attributes["faas.coldstart"], span.attributes["faas.trigger"]) == (False, "pubsub")
    assert (span.failed, span.message) == (True, "no such booking")
    assert span.exceptions == ({"exception.type": "ValueError", "exception.message": "no such booking"},)


def test_calls(spans: dict[str, Span]) -> None:
    query = spans["00000000000000c1"]
    assert (query.name, query.kind) == ("DynamoDB.Query", "CLIENT")
    assert query.attributes["aws.dynamodb.table_names"] == ["LoyaltyData"]
    assert query.attributes["aws.request_id"] == "Q1"
    denied = spans["00000000000000c3"]
    assert denied.failed
    assert denied.attributes["http.response.status_code"] == 400


def test_every_part_hangs_on_the_one_that_holds_it(
    spans: dict[str, Span], traces: list[dict[str, Any]]
) -> None:
    segments = [segment for trace in traces for segment in trace["segments"] if not segment.get("inferred")]
    parts = [part for segment in segments for part in (segment, *subsegments(segment))]
    held = [(part["id"], child["id"]) for part in parts for child in part.get("subsegments", ())]
    assert len(held) == 11
    assert [(spans[child].parent_id, child) for _, child in held] == held


def test_what_hangs_on_an_inferred_segment_hangs_on_its_call(traces: list[dict[str, Any]]) -> None:
    second = traces[1]
    publish = next(segment for segment in second["segments"] if segment.get("inferred"))
    publish["parent_id"] = "00000000000000aa"
    service = next(span for span in spans_of(second, {}) if span.id == "00000000000000d2")
    assert service.parent_id == "00000000000000aa"


def test_without_its_run_a_function_has_no_version() -> None:
    span = spans_of(small_traces()[0], {})[0]
    assert "faas.version" not in span.resource.attributes
    assert "faas.trigger" not in span.attributes


def test_identifiers_and_times() -> None:
    assert otlp_trace_id(FIRST) == "698069000000000000000000000000a1"
    assert nanoseconds(1_770_000_000.1234567) == 1_770_000_000_123_457_000
