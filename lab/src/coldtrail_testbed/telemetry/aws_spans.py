"""The log group `aws/spans`: one span a line, as CloudWatch Transaction Search keeps what X-Ray receives.

AWS documents the log group ("Transaction Search", CloudWatch user guide) but no schema. The form
(`resource`, `scope`, ids, `kind` as a word, times as numbers, `durationNano`, `attributes` as an object,
`status.code`) and the `aws.local.*`, `aws.remote.*`, `aws.span.kind` and `PlatformType` attributes are
those of published examples of Lambda functions with the AWS Distro for OpenTelemetry, and of that
distribution's source.

Not certain: which attributes the spans of segments have that AWS services write themselves; ours have the
common ones only. CloudWatch's own fields (`@timestamp`, `@ingestionTime`) are not part of a span and are
left out.
"""

from pathlib import Path
from typing import Any

from coldtrail_testbed.telemetry.otlp import SCOPE
from coldtrail_testbed.telemetry.span_writer import SpanWriter
from coldtrail_testbed.telemetry.spans import Span

FILE = "aws_spans.jsonl.gz"
_SAMPLED = 1
_RESOURCES = {
    "aws.dynamodb.table_names": "AWS::DynamoDB::Table",
    "aws.s3.bucket": "AWS::S3::Bucket",
    "aws.sns.topic.arn": "AWS::SNS::Topic",
    "aws.sqs.queue.url": "AWS::SQS::Queue",
    "faas.invoked_name": "AWS::Lambda::Function",
}
_CLOUDFORMATION = {"SFN": "AWS::StepFunctions", "Secrets Manager": "AWS::SecretsManager"}


class AwsSpans(SpanWriter):
    """The spans of all traces, in CloudWatch Logs."""

    name = "aws-spans"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open(FILE)

    def _write(self, spans: list[Span]) -> None:
        for span in spans:
            self._line(FILE, span_record(span))


def span_record(span: Span) -> dict[str, Any]:
    """The record of one span."""
    record: dict[str, Any] = {
        "resource": {"attributes": {**span.resource.attributes, "aws.local.service": span.resource.name}},
        "scope": SCOPE,
        "traceId": span.trace_id,
        "spanId": span.id,
        **({"parentSpanId": span.parent_id} if span.parent_id else {}),
        "flags": _SAMPLED,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": span.start_ns,
        "endTimeUnixNano": span.end_ns,
        "durationNano": span.end_ns - span.start_ns,
        "attributes": {**span.attributes, **_signals_attributes(span)},
        "status": {"code": "ERROR" if span.failed else "UNSET"},
    }
    if span.failed and span.message:
        record["status"]["message"] = span.message
    if span.exceptions:
        record["events"] = [
            {"timeUnixNano": span.end_ns, "name": "exception", "attributes": exception}
            for exception in span.exceptions
        ]
    return record


def _signals_attributes(span: Span) -> dict[str, Any]:
    """What the AWS distribution adds for Application Signals."""
    attributes = {"aws.local.service": span.resource.name}
    if span.resource.is_function:
        attributes["aws.local.operation"] = f"{span.resource.name}/FunctionHandler"
        attributes["aws.local.environment"] = "lambda:default"
        attributes["PlatformType"] = "AWS::Lambda"
    if span.kind == "SERVER":
        attributes["aws.span.kind"] = "LOCAL_ROOT"
    if span.kind in ("CLIENT", "PRODUCER"):
        attributes |= {"aws.span.kind": span.kind, **_remote(span)}
    return attributes


def _remote(span: Span) -> dict[str, Any]:
    if "rpc.service" not in span.attributes:
        host = span.attributes.get("server.address", "UnknownRemoteService")
        return {"aws.remote.service": host, "aws.remote.operation": span.name}
    service = span.attributes["rpc.service"]
    remote = {
        "aws.remote.service": _CLOUDFORMATION.get(service, f"AWS::{service}"),
        "aws.remote.operation": span.attributes.get("rpc.method", "UnknownRemoteOperation"),
    }
    for attribute, kind in _RESOURCES.items():
        if attribute in span.attributes:
            value = span.attributes[attribute]
            named = value[0] if isinstance(value, list) else value.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
            remote |= {"aws.remote.resource.type": kind, "aws.remote.resource.identifier": named}
    return remote
