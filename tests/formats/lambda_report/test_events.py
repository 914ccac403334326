from typing import Any

import pytest

from coldtrail.errors import DocumentError
from coldtrail.records.witnesses import Report
from tests.fixtures.witnesses import FUNCTION, REQUEST_ID, SECRET, TRACE_ID
from tests.formats.lambda_report.test_parser import parse

TRACING = {
    "spanId": "24cd7d670fa455f0",
    "type": "X-Amzn-Trace-Id",
    "value": f"Root={TRACE_ID};Parent=35465b3a9e2f7c6a;Sampled=0",
}


def event(kind: str, record: Any) -> dict[str, Any]:
    return {"time": "2026-11-30T12:00:00.000Z", "type": f"platform.{kind}", "record": record}


def report_of(kind: str, record: Any) -> Report:
    (report,) = parse(event(kind, record)).reports
    return report


def test_a_start_ties_the_request_to_its_trace() -> None:
    report = report_of("start", {"requestId": REQUEST_ID, "version": "7", "tracing": TRACING})
    assert (report.kind, report.request_id, report.version) == ("start", REQUEST_ID, "7")
    assert (report.trace_id, report.span_id, report.time) == (TRACE_ID, "24cd7d670fa455f0", 1_796_040_000.0)


def test_the_report_of_a_function() -> None:
    metrics = {
        "durationMs": 2599.4,
        "billedDurationMs": 2600,
        "memorySizeMB": 128,
        "maxMemoryUsedMB": 94,
        "initDurationMs": 549.04,
    }
    report = report_of("report", {"requestId": REQUEST_ID, "metrics": metrics, "status": "success"})
    assert (report.kind, report.status, report.cold_start) == ("report", "success", True)
    assert (report.duration_s, report.billed_s, report.init_s) == pytest.approx((2.5994, 2.6, 0.54904))
    assert (report.memory_mb, report.memory_used_mb) == (128, 94)


def test_managed_instances_report_no_memory() -> None:
    report = report_of(
        "report",
        {
            "requestId": REQUEST_ID,
            "status": "success",
            "metrics": {"durationMs": 1.148},
            "spans": [{"name": "responseLatency", "durationMs": 0.8}],
        },
    )
    assert (report.duration_s, report.memory_mb, report.billed_s) == (pytest.approx(0.001148), None, None)


@pytest.mark.parametrize(
    ("kind", "record", "expected"),
    [
        (
            "initStart",
            {"functionName": "pay", "functionVersion": "7", "instanceId": "i", "phase": "init"},
            {"kind": "init start", "function_name": "pay", "version": "7", "instance": "i"},
        ),
        ("initReport", {"metrics": {"durationMs": 500.0}, "phase": "init"}, {"kind": "init", "init_s": 0.5}),
        (
            "initRuntimeDone",
            {"status": "error", "errorType": "Runtime.X"},
            {"kind": "runtime done", "status": "error", "error_type": "Runtime.X", "request_id": None},
        ),
        (
            "runtimeDone",
            {"requestId": "a", "status": "timeout", "metrics": {"durationMs": 9, "producedBytes": 8}},
            {"kind": "runtime done", "status": "timeout", "produced_bytes": 8},
        ),
        ("restoreStart", {}, {"kind": "restore start"}),
        ("restoreReport", {"metrics": {"durationMs": 150.5}}, {"kind": "restore", "restore_s": 0.1505}),
        ("restoreReport", {"status": "failure"}, {"kind": "restore", "status": "failure", "restore_s": None}),
        ("extension", {"name": "spy", "state": "Ready", "events": []}, {"extensions": ("spy",)}),
        ("telemetrySubscription", {"name": "spy", "types": ["platform"]}, {"extensions": ("spy",)}),
        (
            "fault",
            f"RequestId: {REQUEST_ID} Process exited before completing request",
            {"kind": "runtime done", "status": "failure", "request_id": REQUEST_ID},
        ),
        (
            "invokeSummary",
            {"functionArn": FUNCTION, "metrics": {"requestCount": 12, "maxMemoryUsedMB": 80.5}},
            {"kind": "summary", "requests": 12, "memory_used_mb": 80.5, "function_name": "ConfirmBooking"},
        ),
        ("invokeReport", {"metrics": {"requests": 3.0, "durationMs": 1.5}}, {"requests": 3}),
        ("requestComplete", {"requestId": "NF5U6", "metrics": {"durationMs": 2.5}}, {"kind": "report"}),
        ("spinDownReport", {"status": "success"}, {"kind": "shutdown"}),
    ],
)
def test_every_type_of_event(kind: str, record: Any, expected: dict[str, Any]) -> None:
    report = report_of(kind, record)
    for key, value in expected.items():
        seen = getattr(report, key)
        assert seen == (pytest.approx(value) if isinstance(value, float) else value), key


@pytest.mark.parametrize("kind", ["end", "invokeStart", "spinDownStart"])
def test_events_that_add_nothing(kind: str) -> None:
    parsed = parse(event(kind, {"requestId": "a"}))
    assert (parsed.reports, parsed.problems) == ((), [])


def test_logs_that_were_dropped_are_a_loss() -> None:
    parsed = parse(event("logsDropped", {"reason": SECRET, "droppedRecords": 123, "droppedBytes": 12_345}))
    assert parsed.problems == [
        "Lambda dropped 123 records of this log (12,345 bytes) before they were delivered."
    ]
    one = parse(event("logsDropped", {"droppedRecords": 1, "droppedBytes": 9})).problems
    assert one == ["Lambda dropped 1 record of this log (9 bytes) before they were delivered."]
    assert parse(event("logsDropped", {"droppedRecords": "x"})).problems[-1].startswith("Lambda dropped some")


@pytest.mark.parametrize("kind", ["hologram", SECRET])
def test_an_unknown_event_is_told(kind: str) -> None:
    with pytest.raises(DocumentError, match="is not known") as caught:
        parse(event(kind, {}))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "record",
    [
        {"requestId": 7, "metrics": {"durationMs": 1}},
        {"requestId": "\u001b", "metrics": {"durationMs": float("1e99"), "memorySizeMB": True}},
        {"metrics": {"durationMs": "5"}},
        {"metrics": [1]},
        {"tracing": "x"},
    ],
)
def test_a_bad_value_costs_itself_alone(record: dict[str, Any]) -> None:
    report = report_of("report", record)
    assert (report.request_id, report.trace_id, report.memory_mb) == (None, None, None)
