import json
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.gcp_trace.parser import GcpTraceParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.witnesses import GCP_TRACE, OPERATION

SERVER = f"{11_650_532_103_541_720_000:016x}"
V2 = {
    "name": f"projects/shop-123/traces/{OPERATION}/spans/{SERVER}",
    "spanId": SERVER,
    "displayName": {"value": "pay"},
    "startTime": "2026-11-30T12:00:00Z",
    "endTime": "2026-11-30T12:00:00.25Z",
    "spanKind": "SERVER",
    "attributes": {
        "attributeMap": {
            "faas.name": {"stringValue": {"value": "pay"}},
            "faas.coldstart": {"boolValue": True},
            "http.status_code": {"intValue": "503"},
        }
    },
    "status": {"code": 14},
}


def parse(value: Any) -> Observations:
    data = json.dumps(value).encode()
    assert GcpTraceParser.matches(data)
    return GcpTraceParser(Settings(), Pseudonyms(b"k" * 32))(Document(data, "test"))


@pytest.mark.parametrize("wrapped", [GCP_TRACE, {"traces": [GCP_TRACE], "nextPageToken": "x"}])
def test_a_trace_of_version_1(wrapped: dict[str, Any]) -> None:
    (span,) = parse(wrapped).spans
    assert (span.trace_id, span.span_id, span.parent_id) == (OPERATION, SERVER, None)
    assert (span.function_name, span.account, span.region) == ("pay", "shop-123", "europe-west1")
    assert (span.version, span.witnesses) == ("pay-00007", ("gcp-trace",))
    (step,) = span.steps
    assert (step.event_id, step.event_name, step.event_type) == (f"{17:016x}", "GET", "remote")
    assert step.event_target_resource == "api.shop.example"


@pytest.mark.parametrize("wrapped", [V2, {"spans": [V2]}])
def test_a_span_of_version_2(wrapped: dict[str, Any]) -> None:
    (span,) = parse(wrapped).spans
    assert (span.trace_id, span.span_id, span.function_name) == (OPERATION, SERVER, "pay")
    assert (span.cold_start, span.error, span.account) == (True, True, "shop-123")


@pytest.mark.parametrize("label", ["/error/message", "/error/name", "error"])
def test_a_span_of_version_1_that_failed(label: str) -> None:
    server = GCP_TRACE["spans"][0]
    failed = server | {"labels": server["labels"] | {label: "card 4111 declined"}}
    (span,) = parse(GCP_TRACE | {"spans": [failed]}).spans
    assert span.error
    assert "4111" not in repr(span)


def test_a_span_apart_is_a_piece_below_its_parent() -> None:
    child = V2 | {
        "name": f"projects/shop-123/traces/{OPERATION}/spans/{17:016x}",
        "parentSpanId": SERVER,
        "spanKind": "CLIENT",
        "attributes": {
            "attributeMap": {
                "db.system": {"stringValue": {"value": "postgresql"}},
                "db.statement": {"stringValue": {"value": "SELECT 4111"}},
                "db.name": {"stringValue": {"value": "shop"}},
            }
        },
        "status": None,
    }
    (span,) = parse(child).spans
    assert (span.span_id, span.parent_id) == (None, SERVER)
    assert [(one.event_name, one.event_type, one.event_target_resource) for one in span.steps] == [
        ("SELECT", "PostgreSQL", "shop")
    ]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"spanId": "x"}, "unusable"),
        ({"spanId": str(2**64)}, "unusable"),
        ({"startTime": "x"}, "startTime"),
        ({"startTime": None}, "startTime"),
    ],
)
def test_a_bad_span_costs_itself_alone(bad: dict[str, Any], why: str) -> None:
    good, other = GCP_TRACE["spans"]
    parsed = parse(GCP_TRACE | {"spans": [good, other | bad, 7]})
    assert len(parsed.spans) == 1
    assert why in parsed.problems[0]
    assert len(parsed.problems) == 2


@pytest.mark.parametrize(
    "payload",
    [
        b'{"resourceSpans":[],"projectId":"a","traceId":"b","spans":[]}',
        b'{"name":"projects/a"}',
        b'{"traceId":"a","spans":[]}',
    ],
)
def test_other_traces_are_left_to_others(payload: bytes) -> None:
    assert not GcpTraceParser.matches(payload)


def test_a_span_without_its_trace_is_refused() -> None:
    with pytest.raises(DocumentError, match="does not tell its trace"):
        parse(
            {"spans": [V2 | {"name": "x"}, {"name": V2["name"][:-3] + "zzz"}]}
            | {"x": V2["name"]}
            | {"name": V2["name"]}
        )


def test_the_trace_of_a_document() -> None:
    assert GcpTraceParser.trace_of(json.dumps(GCP_TRACE).encode()) == OPERATION.encode()
    assert GcpTraceParser.trace_of(json.dumps(V2).encode()) == OPERATION.encode()
    assert GcpTraceParser.trace_of(b"{}") is None


def test_one_odd_span_costs_itself_alone() -> None:
    sound = parse(GCP_TRACE)
    odd = parse(GCP_TRACE | {"spans": [*GCP_TRACE["spans"], {"spanId": [1], "name": 7}]})
    assert odd.spans == sound.spans
    assert odd.problems
