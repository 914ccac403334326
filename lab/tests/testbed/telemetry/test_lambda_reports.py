"""Lambda's reports, as JSON and as text."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.billing import billed_ms
from coldtrail_testbed.telemetry.lambda_reports import (
    PLATFORM_FILE,
    TEXT_FILE,
    LambdaReports,
    platform_events,
    report_lines,
)

from .conftest import lines, write
from .truth import FIRST, failed_run, run

# The attributes of each record in the Telemetry API's schema reference.
_DOCUMENTED = {
    "platform.initStart": {
        "functionName",
        "functionVersion",
        "initializationType",
        "instanceId",
        "instanceMaxMemory",
        "phase",
        "runtimeVersion",
        "runtimeVersionArn",
    },
    "platform.initRuntimeDone": {"initializationType", "phase", "status", "errorType", "spans"},
    "platform.initReport": {"errorType", "initializationType", "phase", "metrics", "spans", "status"},
    "platform.start": {"requestId", "version", "tracing"},
    "platform.runtimeDone": {"errorType", "metrics", "requestId", "status", "spans", "tracing"},
    "platform.report": {"metrics", "requestId", "spans", "status", "errorType", "tracing"},
}


def test_the_report_line_of_a_cold_run() -> None:
    start, end, report = (text for _, text in report_lines(run()))
    request_id = run().request_id
    assert start == f"START RequestId: {request_id} Version: $LATEST\n"
    assert end == f"END RequestId: {request_id}\n"
    assert report == (
        f"REPORT RequestId: {request_id}\tDuration: 86.42 ms\tBilled Duration: 392 ms\tMemory Size: 256 MB\t"
        "Max Memory Used: 81 MB\tInit Duration: 305.12 ms\t\n"
        f"XRAY TraceId: {FIRST}\tSegmentId: 00000000000000f1\tSampled: true\t\n"
    )


def test_a_timeout_and_a_dead_runtime_are_said_so() -> None:
    timeout = report_lines(run(status="timeout", error_type=None))[-1][1]
    assert "\tStatus: timeout\nXRAY" in timeout
    died = report_lines(run(status="error", error_type="Runtime.OutOfMemory"))[-1][1]
    assert "\tStatus: error\tError Type: Runtime.OutOfMemory\nXRAY" in died


def test_an_exception_is_in_the_json_report_only() -> None:
    assert "Status" not in report_lines(failed_run())[-1][1]
    record = platform_events(failed_run())[-1][1]["record"]
    assert (record["status"], record["errorType"]) == ("error", "ValueError")


def test_the_events_of_a_cold_and_of_a_warm_run() -> None:
    cold = [event["type"] for _, event in platform_events(run())]
    assert cold == list(_DOCUMENTED)
    warm = [event["type"] for _, event in platform_events(failed_run())]
    assert warm == list(_DOCUMENTED)[3:]


@given(st.sampled_from(["success", "error", "timeout"]), st.none() | st.floats(0.1, 9), st.floats(0.001, 900))
def test_events_are_documented_and_in_order(status: str, init_s: float | None, duration_s: float) -> None:
    timed = run(status=status, init_s=init_s, start=1000.0, end=1000 + duration_s)
    events = platform_events(timed)
    assert [time for time, _ in events] == sorted(time for time, _ in events)
    for _, event in events:
        assert event["record"].keys() <= _DOCUMENTED[event["type"]]
    metrics = events[-1][1]["record"]["metrics"]
    assert metrics["billedDurationMs"] == billed_ms(timed)
    assert ("initDurationMs" in metrics) == (init_s is not None)


def test_the_files(tmp_path: Path, facts: Facts) -> None:
    writer = write(LambdaReports, tmp_path, facts, [])
    platform, text = lines(tmp_path / PLATFORM_FILE), lines(tmp_path / TEXT_FILE)
    assert (
        writer.counts
        == {PLATFORM_FILE: 9, TEXT_FILE: 6}
        == {PLATFORM_FILE: len(platform), TEXT_FILE: len(text)}
    )
    assert {event["logGroup"] for event in platform} == {
        "/aws/lambda/GetLoyalty",
        "/aws/lambda/IngestLoyalty",
    }
    assert json.loads(platform[0]["message"])["time"] == "2026-02-02T02:40:00.307Z"
    assert platform[0]["timestamp"] == 1_770_000_000_307


def test_an_extension_is_told_at_a_cold_start_alone() -> None:
    told = [event for _, event in platform_events(run(extensions=("metrics-agent",)))]
    (extension,) = [event["record"] for event in told if event["type"] == "platform.extension"]
    assert extension == {"name": "metrics-agent", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}
    warm = [event for _, event in platform_events(failed_run(extensions=("metrics-agent",)))]
    assert "platform.extension" not in {event["type"] for event in warm}
