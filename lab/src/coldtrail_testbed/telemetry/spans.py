"""The spans of a trace: X-Ray's segments and subsegments in the terms of OpenTelemetry.

After "Instrumenting AWS Lambda" and the FaaS, AWS SDK, messaging and HTTP conventions of OpenTelemetry, and
the names that its botocore instrumentation gives to spans (`DynamoDB.PutItem`). The structure stays
X-Ray's, where an OpenTelemetry instrumentation writes less: the segments of API Gateway, Step Functions and
the Lambda service are spans, and so are Initialization, Invocation, Overhead, Dwell Time and the attempts.
Inferred segments are none: they repeat a call; what hangs on one hangs on that call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.facts import FunctionRun
from coldtrail_testbed.regions import region_in
from coldtrail_testbed.telemetry.call_attributes import call_attributes, call_kind, call_name
from coldtrail_testbed.telemetry.resources import SpanResource, resource_of

Kind = Literal["INTERNAL", "SERVER", "CLIENT", "PRODUCER"]
# Which `faas.trigger` each of our triggers is; EventBridge may be a timer or not, the others fit no value.
_TRIGGERS = {"apigateway": "http", "sns": "pubsub", "sqs": "pubsub", "s3": "datasource"}
_FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True)
class Span:
    """One span; times are UTC epoch nanoseconds, exact to a microsecond."""

    trace_id: str
    id: str
    parent_id: str | None
    name: str
    kind: Kind
    start_ns: int
    end_ns: int
    failed: bool
    message: str
    resource: SpanResource
    attributes: Mapping[str, Any]
    exceptions: tuple[Mapping[str, str], ...] = field(default=())


@dataclass(frozen=True)
class _Context:
    """What the parts of one segment share."""

    trace_id: str
    resource: SpanResource
    origin: str


def otlp_trace_id(trace_id: str) -> str:
    """The 32 hexadecimal digits of an X-Ray trace id, `1-<8>-<24>`."""
    return trace_id.removeprefix("1-").replace("-", "")


def nanoseconds(seconds: float) -> int:
    """UTC epoch nanoseconds; X-Ray's floating point seconds are exact to about a microsecond."""
    return round(seconds * 1_000_000) * 1000


def spans_of(trace: Document, runs: Mapping[str, FunctionRun]) -> list[Span]:
    """The spans of an assembled trace; `runs`, by flow id, tell what a trace does not (version, trigger)."""
    segments = trace["segments"]
    told = (runs[one["id"]].region for one in segments if one["id"] in runs)
    region = next(told, None) or region_in(trace)
    calls = {segment["id"]: segment.get("parent_id") for segment in segments if segment.get("inferred")}
    requests = _request_ids(segments)
    spans: list[Span] = []
    for segment in segments:
        if not segment.get("inferred"):
            spans += _segment_spans(otlp_trace_id(trace["id"]), segment, calls, requests, runs, region)
    return spans


def _request_ids(segments: list[Document]) -> dict[str, str]:
    """The request id of an invocation by every id that its function's segment may hang on."""
    found = {}
    for segment in segments:
        if segment.get("origin") == "AWS::Lambda":
            for part in (segment, *segment.get("subsegments", ())):
                found[part["id"]] = segment["aws"]["request_id"]
    return found


def _segment_spans(
    trace_id: str,
    segment: Document,
    calls: Mapping[str, str | None],
    requests: Mapping[str, str],
    runs: Mapping[str, FunctionRun],
    region: str,
) -> Iterator[Span]:
    parent = segment.get("parent_id")
    run = runs.get(segment["id"])
    context = _Context(trace_id, resource_of(segment, run, region), segment.get("origin", ""))
    attributes = _segment_attributes(segment, requests.get(parent or ""), run)
    yield _span(context, segment, calls.get(parent, parent) if parent else None, "SERVER", attributes)
    yield from _subsegment_spans(context, segment)


def _subsegment_spans(context: _Context, parent: Document) -> Iterator[Span]:
    for part in parent.get("subsegments", ()):
        called = "namespace" in part
        kind: Kind = call_kind(part) if called else "INTERNAL"
        attributes = call_attributes(part) if called else {}
        yield _span(context, part, parent["id"], kind, attributes)
        yield from _subsegment_spans(context, part)


def _span(
    context: _Context, part: Document, parent_id: str | None, kind: Kind, attributes: Mapping[str, Any]
) -> Span:
    failed = _failed(context, part)
    exceptions = _exceptions(part)
    return Span(
        trace_id=context.trace_id,
        id=part["id"],
        parent_id=parent_id,
        name=call_name(part) if "namespace" in part else part["name"],
        kind=kind,
        start_ns=nanoseconds(part["start_time"]),
        end_ns=nanoseconds(part["end_time"]),
        failed=failed,
        message=exceptions[0].get("exception.message", "") if failed and exceptions else "",
        resource=context.resource,
        attributes=attributes,
        exceptions=exceptions,
    )


def _failed(context: _Context, part: Document) -> bool:
    """Whether a span's status is an error; a server is not in error because it refuses a request."""
    if context.origin == "AWS::ApiGateway::Stage" and part.get("origin"):
        return bool(part.get("fault"))
    return bool(part.get("fault") or part.get("error"))


def _exceptions(part: Document) -> tuple[Mapping[str, str], ...]:
    cause = part.get("cause")
    exceptions = cause.get("exceptions", ()) if isinstance(cause, dict) else ()
    return tuple(
        {f"exception.{key}": str(one[key]) for key in ("type", "message") if one.get(key)}
        for one in exceptions
    )


def _segment_attributes(segment: Document, request_id: str | None, run: FunctionRun | None) -> dict[str, Any]:
    if segment.get("origin") == _FUNCTION:
        return _invocation_attributes(segment, request_id, run)
    attributes: dict[str, Any] = {}
    http = segment.get("http", {})
    if "request" in http:
        attributes["http.request.method"] = http["request"]["method"]
        attributes["url.full"] = http["request"]["url"]
        attributes["client.address"] = http["request"]["client_ip"]
        attributes["user_agent.original"] = http["request"]["user_agent"]
    if "status" in http.get("response", {}):
        attributes["http.response.status_code"] = http["response"]["status"]
    request = segment.get("aws", {}).get("request_id")
    return attributes | ({"aws.request_id": request} if request else {})


def _invocation_attributes(
    segment: Document, request_id: str | None, run: FunctionRun | None
) -> dict[str, Any]:
    parts = {part["name"] for part in segment.get("subsegments", ())}
    attributes: dict[str, Any] = {
        "faas.coldstart": "Initialization" in parts,
        "cloud.account.id": segment["aws"]["account_id"],
        "cloud.resource_id": segment["aws"]["function_arn"],
    }
    if request_id:
        attributes["faas.invocation_id"] = request_id
    if run:
        attributes["faas.trigger"] = _TRIGGERS.get(run.trigger, "other")
    return attributes
