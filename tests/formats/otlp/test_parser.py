import json
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

from coldtrail.assembly.assembling import Assembling
from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.detect import parser_for
from coldtrail.formats.otlp.parser import OtlpParser
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from tests.fixtures.otel import OtelSpan, as_json, as_wire, some_spans

REAL = Path(__file__).parents[4] / "shared" / "data" / "otlp"


def parsed(payload: bytes) -> object:
    return OtlpParser(Settings())(Document(payload, "test"))


def test_both_encodings_say_the_same() -> None:
    assert parsed(as_wire(some_spans({}))) == parsed(json.dumps(as_json(some_spans({}))).encode())


def test_requests_are_recognised_and_tell_their_trace() -> None:
    other = OtelSpan(**{**vars(some_spans({})[0]), "trace_id": "1" * 32})
    for encode in (as_wire, lambda spans: json.dumps(as_json(spans)).encode()):
        assert OtlpParser.matches(encode(some_spans({})))
        assert OtlpParser.trace_of(encode(some_spans({}))) == b"5f84c7a10123456789abcdef01234567"
        assert OtlpParser.trace_of(encode([*some_spans({}), other])) is None
    assert not OtlpParser.matches(b'{"Id":"1-2","Segments":[]}')


@pytest.mark.parametrize("signal", ["Metrics", "Logs", "Profiles"])
def test_other_signals_are_refused_by_name(signal: str) -> None:
    data = json.dumps({f"resource{signal}": []}).encode()
    assert OtlpParser.matches(data)
    with pytest.raises(
        DocumentError, match=f"These are OTLP {signal.casefold()}, which tell of no invocations"
    ):
        parsed(data)


def test_a_request_without_spans_says_nothing() -> None:
    found = OtlpParser(Settings())(Document(b'{"resourceSpans":[]}', "test"))
    assert (found.spans, found.problems) == ([], [])


def test_many_losses_are_counted() -> None:
    document = as_json(some_spans({}))
    document["resourceSpans"][0]["scopeSpans"][0]["spans"] += [{"traceId": "", "spanId": ""}] * 300
    found = OtlpParser(Settings())(Document(json.dumps(document).encode(), "test"))
    assert (len(found.problems), found.more_problems) == (200, 100)


def test_what_an_exporter_of_opentelemetry_sends_becomes_flows() -> None:
    exporter = InMemorySpanExporter()
    resource = Resource.create(
        {"service.name": "Orders", "faas.name": "Orders", "cloud.platform": "aws_lambda"}
    )
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    context = {"faas.invocation_id": "R1", "faas.coldstart": True}
    called = {"rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": "GetItem"}
    with (
        tracer.start_as_current_span("Orders", kind=SpanKind.SERVER, attributes=context),
        tracer.start_as_current_span("## handler"),
        tracer.start_as_current_span("DynamoDB.GetItem", kind=SpanKind.CLIENT, attributes=called) as call,
    ):
        call.set_attribute("aws.dynamodb.table_names", ["Stock"])
        call.add_event("exception", {"exception.message": "hunter2"})
        call.set_status(Status(StatusCode.ERROR, "hunter2"))
    payload = encode_spans(exporter.get_finished_spans()).SerializeToString()
    line = Assembling(parser_for("auto", Settings()), Settings(), Tally())
    line.push([Document(payload, "test")])
    (flow,) = [flow for flow in line.drain() if isinstance(flow, Flow)]
    assert (flow.function_name, flow.request_id, flow.cold_start, flow.witnesses) == (
        "Orders",
        "R1",
        True,
        ("otlp",),
    )
    assert [(one.event_name, one.event_target_resource, one.error) for one in flow.events] == [
        ("## handler", None, False),
        ("GetItem", "Stock", True),
    ]
    assert flow.depths == (1, 2)
    assert "hunter2" not in repr(flow)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real telemetry is not here")
def test_the_protocols_own_examples() -> None:
    found = OtlpParser(Settings())(Document((REAL / "otel-proto-trace.json").read_bytes(), "test"))
    (run,) = found.spans
    assert (run.function_name, run.is_named_by_service, run.parent_id) == (
        "my.service",
        True,
        "eee19b7ec3c1b173",
    )
    assert (run.start_time, run.end_time) == (1544712660.0, 1544712661.0)
    for signal in ("logs", "metrics"):
        with pytest.raises(DocumentError, match=signal):
            parsed((REAL / f"otel-proto-{signal}.json").read_bytes())
