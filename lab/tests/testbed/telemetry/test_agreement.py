"""One truth, every format: what the formats tell of one recording agrees."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.recorder import record
from coldtrail_testbed.telemetry import WRITERS
from coldtrail_testbed.telemetry.cloudtrail import LABELS_FILE

from ..conftest import read_run
from . import reading
from .reading import Document, Told
from .truth import small_facts, small_traces


@dataclass(frozen=True)
class Recorded:
    """A folder with every format, and its traces with decoded documents."""

    folder: Path
    traces: list[Document]


def _made_by_hand(folder: Path) -> Recorded:
    for make_writer in WRITERS.values():
        writer = make_writer(folder)
        writer.facts(small_facts())
        for trace in small_traces():
            writer.trace(trace)
        writer.close()
    return Recorded(folder, small_traces())


def _run(folder: Path) -> Recorded:
    """Ten users of the airline, attacked within functions, through direct calls and from outside."""
    attacks = ["data_leakage", "denied_calls", "lateral_invoke", "unusual_caller", "stolen_credentials"]
    summary = record("airline", 10, 5, attacks, folder / "run", attack_share=0.3, telemetry=["all"])
    traces = read_run(summary).traces
    return Recorded(summary.output, [{"id": one["Id"], "segments": one["segments"]} for one in traces])


@pytest.fixture(scope="module", params=["made by hand", "recorded"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Every format of a small truth, and of a recorded run."""
    folder = tmp_path_factory.mktemp("telemetry")
    return _made_by_hand(folder) if request.param == "made by hand" else _run(folder)


def _without(told: dict[str, Told], *names: str) -> dict[str, Told]:
    """`told` without what not all formats tell."""
    nothing: dict[str, Any] = dict.fromkeys(names)
    return {flow_id: replace(one, **nothing) for flow_id, one in told.items()}


def _agree(told: dict[str, Told], truth: dict[str, Told]) -> bool:
    """Whether both tell the same: durations to the millisecond, as half of one is rounded up or down."""
    return told.keys() == truth.keys() and all(
        abs(one.duration_ms - truth[flow_id].duration_ms) <= 1
        and replace(one, duration_ms=0) == replace(truth[flow_id], duration_ms=0)
        for flow_id, one in told.items()
    )


def test_spans_and_reports_tell_of_the_same_runs(recorded: Recorded) -> None:
    truth = reading.x_ray_runs(recorded.traces)
    assert truth
    assert _agree(reading.span_runs(reading.otlp_spans(recorded.folder)), truth)
    assert _agree(reading.span_runs(reading.cloudwatch_spans(recorded.folder)), truth)
    reports = reading.platform_reports(recorded.folder)
    assert _agree(_without(reports, "billed_ms"), _without(truth, "start_us"))


def test_text_and_insights_tell_what_the_json_reports_tell(recorded: Recorded) -> None:
    reports = _without(reading.platform_reports(recorded.folder), "failed")
    assert _without(reading.text_reports(recorded.folder), "failed") == reports
    insights = Counter(reading.insights(recorded.folder))
    assert insights == Counter(reports.values())


def test_every_run_has_its_invocation_in_cloudtrail(recorded: Recorded) -> None:
    names = ("Invoke", "InvokeExecution")
    records = reading.cloudtrail(
        recorded.folder, lambda one: one["eventName"] in names and "errorCode" not in one
    )
    told: dict[str, list[Document]] = {}
    for one in records:
        told.setdefault(one["requestID"], []).append(one)
    runs = reading.x_ray_runs(recorded.traces).values()
    assert told.keys() == {run.request_id for run in runs}
    for run in runs:
        assert any(_tells_of(one, run) for one in told[run.request_id])


def _tells_of(invocation: Document, run: Told) -> bool:
    """Whether a record is of `run`: at its start when a service invoked it, else at that of the call."""
    assert run.start_us is not None
    start, time = run.start_us / 1e6, datetime.fromisoformat(invocation["eventTime"]).timestamp()
    by_service = "invokedBy" in invocation["userIdentity"]
    named = invocation["resources"][0]["ARN"].endswith(f":function:{run.function}")
    return named and (time == start // 1 if by_service else start - 6 < time <= start)


def test_every_part_of_a_trace_is_one_span_with_equal_times(recorded: Recorded) -> None:
    truth = reading.x_ray_parts(recorded.traces)
    stages = {
        one["id"] for trace in recorded.traces for one in trace["segments"] if "api_gateway" in one["aws"]
    }
    for spans in (reading.otlp_spans(recorded.folder), reading.cloudwatch_spans(recorded.folder)):
        parts = reading.span_parts(spans)
        assert parts.keys() == truth.keys()
        for identifier, part in parts.items():
            # A stage that refuses a request is in no error as a server.
            failed = part.failed if identifier in stages else truth[identifier].failed
            assert part == replace(truth[identifier], failed=failed)


def test_every_call_in_a_trace_is_one_record_in_cloudtrail(recorded: Recorded) -> None:
    logged = Counter(one["requestID"] for one in reading.cloudtrail(recorded.folder))
    by_request = {one["requestID"]: one for one in reading.cloudtrail(recorded.folder)}
    calls = [
        call for call in reading.calls_of(recorded.traces).values() if call["aws"]["operation"] != "PutEvents"
    ]
    assert calls
    for call in calls:
        request_id = call["aws"]["request_id"]
        assert logged[request_id] == 1 or call["aws"]["operation"] == "Invoke"
        operation = call["aws"]["operation"].replace("ListObjectsV2", "ListObjects")
        assert by_request[request_id]["eventName"].startswith(operation)
        assert ("errorCode" in by_request[request_id]) == bool(call.get("error") or call.get("fault"))


def test_labels_point_to_records(recorded: Recorded) -> None:
    labels = (recorded.folder / LABELS_FILE).read_text(encoding="utf-8").splitlines()
    marked = [json.loads(line)["event_id"] for line in labels]
    assert marked
    assert len(set(marked)) == len(marked)
    assert set(marked) <= {one["eventID"] for one in reading.cloudtrail(recorded.folder)}


def test_every_request_has_its_stage(recorded: Recorded) -> None:
    stages = {
        segment["aws"]["api_gateway"]["request_id"]: (trace["id"], segment)
        for trace in recorded.traces
        for segment in trace["segments"]
        if segment.get("origin") == "AWS::ApiGateway::Stage"
    }
    lines = reading.requests(recorded.folder)
    assert lines.keys() == stages.keys()
    for request_id, (trace_id, stage) in stages.items():
        line, http = lines[request_id], stage["http"]
        assert line["xrayTraceId"] == trace_id
        assert line["extendedRequestId"] == stage["metadata"]["default"]["extended_request_id"]
        assert (line["httpMethod"], line["status"]) == (
            http["request"]["method"],
            str(http["response"]["status"]),
        )
        assert http["request"]["url"].endswith(line["path"])
        assert (line["ip"], line["userAgent"]) == (
            http["request"]["client_ip"],
            http["request"]["user_agent"],
        )
        # A stage's segment has whole milliseconds with all that happened inside: up to two more.
        latency_ms = (stage["end_time"] - stage["start_time"]) * 1000
        assert abs(int(line["responseLatency"]) - latency_ms) < 2.6
