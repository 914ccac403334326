"""OTLP/JSON."""

from pathlib import Path
from typing import Any

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.otlp import FILE, Otlp

from .conftest import lines, write

# The fields of `Span` in opentelemetry/proto/trace/v1/trace.proto, as JSON names them.
_FIELDS = {
    "traceId",
    "spanId",
    "traceState",
    "parentSpanId",
    "flags",
    "name",
    "kind",
    "startTimeUnixNano",
    "endTimeUnixNano",
    "attributes",
    "droppedAttributesCount",
    "events",
    "droppedEventsCount",
    "links",
    "droppedLinksCount",
    "status",
}


def _spans(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        span
        for resource in request["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def test_one_request_a_trace(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> None:
    first, second = _written(tmp_path, facts, traces)
    assert {span["traceId"] for span in _spans(first)} == {"698069000000000000000000000000a1"}
    assert len(_spans(first)) == 8
    assert len(_spans(second)) == 8
    assert len(first["resourceSpans"]) == 3  # the function, the Lambda service, the stage


def _written(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    folder = tmp_path / "out"
    folder.mkdir()
    writer = Otlp(folder)
    writer.facts(facts)
    for trace in traces:
        writer.trace(trace)
    writer.close()
    assert writer.counts == {FILE: len(traces)}
    return lines(folder / FILE)


def test_spans_are_of_the_protocol(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> None:
    for request in _written(tmp_path, facts, traces):
        for span in _spans(request):
            assert span.keys() <= _FIELDS
            assert len(bytes.fromhex(span["traceId"])) == 16
            assert len(bytes.fromhex(span["spanId"])) == 8
            assert 1 <= span["kind"] <= 5
            assert 0 < int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])


def test_spans_name_their_parents_and_the_root_has_none(
    tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]
) -> None:
    spans = {span["spanId"]: span for span in _spans(_written(tmp_path, facts, traces)[0])}
    assert [name for name, span in spans.items() if "parentSpanId" not in span] == ["00000000000000e1"]
    assert spans["00000000000000c1"]["parentSpanId"] == "00000000000000a2"
    assert spans["00000000000000d1"]["parentSpanId"] == "00000000000000e2"


def test_values_have_their_types(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> None:
    first = _written(tmp_path, facts, traces)[0]
    values = {pair["key"]: pair["value"] for span in _spans(first) for pair in span["attributes"]}
    assert values["faas.coldstart"] == {"boolValue": True}
    assert values["http.response.status_code"] == {"intValue": "200"}
    assert values["aws.dynamodb.table_names"] == {"arrayValue": {"values": [{"stringValue": "LoyaltyData"}]}}


def test_a_failure_and_its_exception(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> None:
    second = _written(tmp_path, facts, traces)[1]
    function = next(span for span in _spans(second) if span["spanId"] == "00000000000000f2")
    assert function["status"] == {"code": 2, "message": "no such booking"}
    assert [event["name"] for event in function["events"]] == ["exception"]


def test_equal_input_gives_equal_bytes(tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]) -> None:
    for name in ("one", "two"):
        write(Otlp, tmp_path / name, facts, traces)
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "two" / FILE).read_bytes()
