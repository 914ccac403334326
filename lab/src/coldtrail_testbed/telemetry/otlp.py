"""OTLP/JSON: one `ExportTraceServiceRequest` a line, which holds one trace.

After "OTLP Specification", section JSON Protobuf Encoding, and `opentelemetry/proto/trace/v1/trace.proto`:
ids in hexadecimal digits, 64-bit integers in strings, enumerations as numbers. What the spans are is told
in `telemetry/spans.py`.
"""

from pathlib import Path
from typing import Any

from coldtrail_testbed.telemetry.resources import SpanResource
from coldtrail_testbed.telemetry.span_writer import SpanWriter
from coldtrail_testbed.telemetry.spans import Span

FILE = "otlp.jsonl.gz"
SCOPE = {"name": "coldtrail_testbed.telemetry", "version": "1"}
_KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4}
_ERROR = 2


class Otlp(SpanWriter):
    """Traces as an OpenTelemetry collector receives them."""

    name = "otlp"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open(FILE)

    def _write(self, spans: list[Span]) -> None:
        self._line(FILE, export_request(spans))


def export_request(spans: list[Span]) -> dict[str, Any]:
    """The request that exports `spans`, those of one resource together."""
    return {"resourceSpans": [_resource_spans(resource, group) for resource, group in _by_resource(spans)]}


def export_requests(spans: list[Span]) -> list[tuple[float, dict[str, Any]]]:
    """A request for each resource, as its own process exports it, with the end of its last span (UTC epoch
    seconds), by that."""
    requests = [
        (max(span.end_ns for span in group) / 1e9, {"resourceSpans": [_resource_spans(resource, group)]})
        for resource, group in _by_resource(spans)
    ]
    return sorted(requests, key=lambda one: one[0])


def _by_resource(spans: list[Span]) -> list[tuple[SpanResource, list[Span]]]:
    groups: dict[str, tuple[SpanResource, list[Span]]] = {}
    for span in spans:
        key = repr(sorted(span.resource.attributes.items()))
        groups.setdefault(key, (span.resource, []))[1].append(span)
    return list(groups.values())


def _resource_spans(resource: SpanResource, spans: list[Span]) -> dict[str, Any]:
    return {
        "resource": {"attributes": _key_values(resource.attributes)},
        "scopeSpans": [{"scope": SCOPE, "spans": [otlp_span(span) for span in spans]}],
    }


def otlp_span(span: Span) -> dict[str, Any]:
    """One span in the protocol's JSON."""
    document: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.id,
        **({"parentSpanId": span.parent_id} if span.parent_id else {}),
        "name": span.name,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": _key_values(span.attributes),
        "status": _status(span),
    }
    if span.exceptions:
        document["events"] = [
            {"timeUnixNano": str(span.end_ns), "name": "exception", "attributes": _key_values(exception)}
            for exception in span.exceptions
        ]
    return document


def _status(span: Span) -> dict[str, Any]:
    if not span.failed:
        return {}
    return {"code": _ERROR} | ({"message": span.message} if span.message else {})


def _key_values(attributes: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": _any_value(value)} for key, value in attributes.items()]


def _any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(one) for one in value]}}
    return {"stringValue": value}
