"""All formats of one recording, read back and brought to common terms, to see whether they agree."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coldtrail_testbed.cloud.traces import subsegments
from coldtrail_testbed.telemetry import access_logs, aws_spans, lambda_insights, lambda_reports, otlp
from coldtrail_testbed.telemetry.cloudtrail import FOLDER
from coldtrail_testbed.telemetry.spans import nanoseconds

from .conftest import lines

Document = dict[str, Any]
_REPORT = re.compile(
    r"REPORT RequestId: (?P<id>\S+)\tDuration: (?P<duration>[\d.]+) ms\tBilled Duration: (?P<billed>\d+) ms\t"
    r"Memory Size: (?P<size>\d+) MB\tMax Memory Used: (?P<used>\d+) MB\t"
    r"(Init Duration: (?P<init>[\d.]+) ms\t)?"
    r"(Status: (?P<status>\w+)(\tError Type: (?P<error>\S+))?)?\nXRAY TraceId: (?P<trace>\S+)\t"
    r"SegmentId: (?P<segment>\S+)\tSampled: true\t\n"
)


@dataclass(frozen=True)
class Told:
    """What a format tells of one run; `start_us` in UTC epoch microseconds, None where it does not tell."""

    request_id: str
    trace_id: str | None
    function: str
    duration_ms: int
    cold: bool
    failed: bool | None
    start_us: int | None = None
    init_ms: int | None = None
    billed_ms: int | None = None


@dataclass(frozen=True)
class SpanTold:
    """What a format tells of one call or part: its ids, its times in nanoseconds, its request id."""

    trace_id: str
    parent_id: str | None
    start_ns: int
    end_ns: int
    request_id: str | None
    failed: bool


def x_ray_runs(traces: list[Document]) -> dict[str, Told]:
    """By flow id, what X-Ray tells of the runs."""
    runs = {}
    for trace in traces:
        requests = _requests(trace)
        for segment in trace["segments"]:
            if segment.get("origin") == "AWS::Lambda::Function":
                request_id = requests[segment["parent_id"]]
                runs[segment["id"]] = _x_ray_run(trace["id"], segment, request_id)
    return runs


def _requests(trace: Document) -> dict[str, str]:
    return {
        part["id"]: segment["aws"]["request_id"]
        for segment in trace["segments"]
        if segment.get("origin") == "AWS::Lambda"
        for part in (segment, *subsegments(segment))
    }


def _x_ray_run(trace_id: str, segment: Document, request_id: str) -> Told:
    parts = {part["name"]: part for part in segment["subsegments"]}
    invocation = parts["Invocation"]
    cold = parts.get("Initialization")
    return Told(
        request_id,
        trace_id,
        segment["name"],
        _ms(invocation["end_time"] - invocation["start_time"]),
        cold is not None,
        bool(segment.get("error") or segment.get("fault")),
        nanoseconds(invocation["start_time"]) // 1000,
        _ms(cold["end_time"] - cold["start_time"]) if cold else None,
    )


def _ms(seconds: float) -> int:
    return round(round(seconds * 1000, 2))


def x_ray_parts(traces: list[Document]) -> dict[str, SpanTold]:
    """By id, the segments and subsegments of X-Ray but for the inferred ones."""
    found = {}
    for trace in traces:
        inferred = {one["id"]: one.get("parent_id") for one in trace["segments"] if one.get("inferred")}
        for segment in trace["segments"]:
            if segment["id"] in inferred:
                continue
            parent = segment.get("parent_id")
            for part, above in ((segment, inferred.get(parent, parent)), *_children(segment)):
                found[part["id"]] = SpanTold(
                    trace["id"].removeprefix("1-").replace("-", ""),
                    above,
                    nanoseconds(part["start_time"]),
                    nanoseconds(part["end_time"]),
                    part.get("aws", {}).get("request_id"),
                    bool(part.get("error") or part.get("fault")),
                )
    return found


def _children(parent: Document) -> Iterator[tuple[Document, str]]:
    for part in parent.get("subsegments", ()):
        yield part, parent["id"]
        yield from _children(part)


def calls_of(traces: list[Document]) -> dict[str, Document]:
    """By id, the AWS calls in the function segments of X-Ray."""
    return {
        part["id"]: part
        for trace in traces
        for segment in trace["segments"]
        if segment.get("origin") == "AWS::Lambda::Function"
        for part in subsegments(segment)
        if part.get("namespace") == "aws"
    }


def otlp_spans(folder: Path) -> dict[str, Document]:
    """By id, the spans of OTLP, with plain attributes and those of their resource as `resource`."""
    found = {}
    for request in lines(folder / otlp.FILE):
        for group in request["resourceSpans"]:
            resource = _plain(group["resource"]["attributes"])
            for span in group["scopeSpans"][0]["spans"]:
                assert span["spanId"] not in found
                found[span["spanId"]] = {
                    **span,
                    "attributes": _plain(span["attributes"]),
                    "resource": resource,
                    "failed": span["status"].get("code") == 2,
                }
    return found


def _plain(attributes: list[Document]) -> Document:
    return {pair["key"]: next(iter(pair["value"].values())) for pair in attributes}


def cloudwatch_spans(folder: Path) -> dict[str, Document]:
    """By id, the spans of `aws/spans`, with the attributes of their resource as `resource`."""
    found = {}
    for record in lines(folder / aws_spans.FILE):
        assert record["spanId"] not in found
        failed = record["status"]["code"] == "ERROR"
        found[record["spanId"]] = {**record, "resource": record["resource"]["attributes"], "failed": failed}
    return found


def span_runs(spans: dict[str, Document]) -> dict[str, Told]:
    """By flow id, what spans tell of the runs."""
    invocations = {span["parentSpanId"]: span for span in spans.values() if span["name"] == "Invocation"}
    starts = {span["parentSpanId"]: span for span in spans.values() if span["name"] == "Initialization"}
    return {
        identifier: _span_run(span, invocations[identifier], starts.get(identifier))
        for identifier, span in spans.items()
        if "faas.coldstart" in span["attributes"]
    }


def _span_run(span: Document, invocation: Document, cold: Document | None) -> Told:
    trace = span["traceId"]
    return Told(
        span["attributes"]["faas.invocation_id"],
        f"1-{trace[:8]}-{trace[8:]}",
        span["resource"]["faas.name"],
        _span_ms(invocation),
        span["attributes"]["faas.coldstart"],
        span["failed"],
        int(invocation["startTimeUnixNano"]) // 1000,
        _span_ms(cold) if cold else None,
    )


def _span_ms(span: Document) -> int:
    nanoseconds = int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])
    return round(round(nanoseconds / 1e6, 2))


def span_parts(spans: dict[str, Document]) -> dict[str, SpanTold]:
    """By id, the spans in common terms."""
    return {
        identifier: SpanTold(
            span["traceId"],
            span.get("parentSpanId"),
            int(span["startTimeUnixNano"]),
            int(span["endTimeUnixNano"]),
            span["attributes"].get("aws.request_id"),
            span["failed"],
        )
        for identifier, span in spans.items()
    }


def platform_reports(folder: Path) -> dict[str, Told]:
    """By flow id, what the `platform.report` events tell."""
    found = {}
    for line in lines(folder / lambda_reports.PLATFORM_FILE):
        event = json.loads(line["message"])
        if event["type"] == "platform.report":
            record, metrics = event["record"], event["record"]["metrics"]
            found[record["tracing"]["spanId"]] = Told(
                record["requestId"],
                record["tracing"]["value"].removeprefix("Root=").split(";")[0],
                line["logGroup"].removeprefix("/aws/lambda/"),
                round(metrics["durationMs"]),
                "initDurationMs" in metrics,
                record["status"] != "success",
                None,
                round(metrics["initDurationMs"]) if "initDurationMs" in metrics else None,
                metrics["billedDurationMs"],
            )
    return found


def text_reports(folder: Path) -> dict[str, Told]:
    """By flow id, what the REPORT lines tell; they do not tell of exceptions."""
    found = {}
    for line in lines(folder / lambda_reports.TEXT_FILE):
        if line["message"].startswith("REPORT"):
            match = _REPORT.fullmatch(line["message"])
            assert match, line["message"]
            init = match["init"]
            found[match["segment"]] = Told(
                match["id"],
                match["trace"],
                line["logGroup"].removeprefix("/aws/lambda/"),
                round(float(match["duration"])),
                init is not None,
                True if match["status"] else None,
                None,
                round(float(init)) if init else None,
                int(match["billed"]),
            )
    return found


def insights(folder: Path) -> list[Told]:
    """What Lambda Insights tells."""
    return [
        Told(
            event["request_id"],
            event["trace_id"],
            event["function_name"],
            round(event["duration"]),
            event["cold_start"],
            None,
            None,
            round(event["init_duration"]) if "init_duration" in event else None,
            event["billed_duration"],
        )
        for event in lines(folder / lambda_insights.FILE)
    ]


def cloudtrail(folder: Path, wanted: Callable[[Document], bool] = lambda _: True) -> list[Document]:
    """The CloudTrail records that are `wanted`."""
    return [
        record
        for path in sorted((folder / FOLDER).rglob("*.json.gz"))
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
        if wanted(record)
    ]


def requests(folder: Path) -> dict[str, Document]:
    """By request id, the lines of the access logs."""
    return {line["requestId"]: line for line in lines(folder / access_logs.FILE)}
