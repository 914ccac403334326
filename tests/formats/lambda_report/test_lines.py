from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.errors import DocumentError
from coldtrail.records.telemetry import LogPlace
from coldtrail.records.witnesses import Report
from tests.fixtures.witnesses import REQUEST_ID, TRACE_ID
from tests.formats.lambda_report.test_parser import parse


def report_of(text: str, **where: Any) -> Report:
    (report,) = parse(text.encode(), **where).reports
    return report


FIELDS = (
    f"RequestId: {REQUEST_ID}",
    "Duration: 2,148.25 ms",
    "Billed Duration: 2149 ms",
    "Memory Size: 1024 MB",
    "Max Memory Used: 118 MB",
    "Init Duration: 300.50 ms",
)


@pytest.mark.parametrize("between", ["\t", " ", "  ", " \t", "     "])
@pytest.mark.parametrize("order", [1, -1])
def test_a_report_in_any_spacing_and_order(between: str, order: int) -> None:
    head, *rest = FIELDS
    report = report_of("REPORT " + between.join([head, *rest[::order]]) + between)
    assert (report.request_id, report.kind, report.cold_start) == (REQUEST_ID, "report", True)
    assert (report.duration_s, report.billed_s, report.init_s) == (2.14825, 2.149, 0.3005)
    assert (report.memory_mb, report.memory_used_mb) == (1024, 118)


@pytest.mark.parametrize(
    "before",
    [
        "2026-11-30T12:00:00.000Z ",
        "2026-11-30 12:00:00  ",
        "2026-11-30T12:00:00.000Z\t",
        "2026/11/30/[7]0af1b2c3d4e5f607 2026-11-30T12:00:00.000000+00:00 ",
        "/aws/lambda/pay 2026/11/30/[7]0af1b2c3d4e5f607 2026-11-30T12:00:00.000Z ",
    ],
)
def test_what_tools_put_before_a_line(before: str) -> None:
    report = report_of(f"{before}REPORT RequestID: {REQUEST_ID} Duration: 1 ms")
    assert report.time == 1_796_040_000.0
    assert report.version == ("7" if "[7]" in before else None)
    assert report.instance == ("0af1b2c3d4e5f607" if "[7]" in before else None)
    assert report.function_name == ("pay" if "pay" in before else "")


@pytest.mark.parametrize("init", ["", "Init Duration: 549.04 ms\t"])
@pytest.mark.parametrize("before", ["", "2026-11-30T12:00:00.000Z "])
@pytest.mark.parametrize("trace", ["", f"XRAY TraceId: {TRACE_ID}\tSegmentId: 12ab34cd56ef7890\tSampled: 1"])
def test_what_is_usual_is_read_as_what_is_not(init: str, before: str, trace: str) -> None:
    text = (
        f"{before}REPORT RequestId: {REQUEST_ID}\tDuration: 2599.40 ms\tBilled Duration: 2600 ms\t"
        f"Memory Size: 128 MB\tMax Memory Used: 94 MB\t{init}{trace}"
    )
    assert report_of(text) == report_of(text.replace("Duration: 2599.40 ms\t", "Duration: 2599.40  ms\t"))


@pytest.mark.parametrize("between", ["\n", "\t\n", "\t", " "])
def test_the_trace_of_a_report(between: str) -> None:
    report = report_of(
        f"REPORT RequestId: a\tDuration: 1 ms\t{between}"
        f"XRAY TraceId: {TRACE_ID}\tSegmentId: 12ab34cd56ef7890\tSampled: true\t"
    )
    assert (report.trace_id, report.span_id) == (TRACE_ID, "12ab34cd56ef7890")
    assert report.time == int(TRACE_ID[2:10], 16)


def test_an_empty_segment_is_none() -> None:
    report = report_of(f"REPORT RequestId: a Duration: 1 ms\nXRAY TraceId: {TRACE_ID}\tSegmentId:")
    assert (report.trace_id, report.span_id) == (TRACE_ID, None)


@pytest.mark.parametrize(
    ("end", "status", "error_type"),
    [
        ("Status: timeout", "timeout", None),
        ("Status: error\tError Type: Runtime.ExitError", "error", "Runtime.ExitError"),
        ("Status: nonsense Error Type: <b>x</b>", None, None),
        ("Task timed out after 30.00 seconds", "timeout", None),
    ],
)
def test_how_a_run_ended(end: str, status: str | None, error_type: str | None) -> None:
    report = report_of(f"REPORT RequestId: a Duration: 3000 ms {end}")
    assert (report.status, report.error_type) == (status, error_type)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Runtime Duration: 123.45 ms", 0.12345),
        ("Duration: 100.00 ms Runtime Duration: 0.00 ms Post Runtime Duration: 0.00 ms", 0.1),
        ("Duration: 14s", 14.0),
        ("Duration: 9804ms", 9.804),
        ("Billed Restore Duration: 7 ms Duration: 5 ms", 0.005),
    ],
)
def test_durations_in_odd_words(text: str, seconds: float) -> None:
    assert report_of(f"REPORT RequestId: a {text}").duration_s == pytest.approx(seconds)


def test_a_restored_instance() -> None:
    report = report_of("REPORT RequestId: a Duration: 1 ms Restore Duration: 518.37 ms")
    assert (report.restore_s, report.cold_start) == (pytest.approx(0.51837), True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("START RequestId: a Version: 12", {"kind": "start", "request_id": "a", "version": "12"}),
        ("START RequestId: a Version: $LATEST", {"kind": "start", "version": None}),
        ("INIT_START Runtime Version: python:3.11.v10\tRuntime Version ARN: arn:x", {"kind": "init start"}),
        (
            "INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown",
            {"kind": "init", "init_s": 9.99979, "status": "error", "error_type": "Runtime.Unknown"},
        ),
        ("RESTORE_START Runtime Version: java:11.v15", {"kind": "restore start"}),
        (
            "RESTORE_REPORT Restore Duration: 1236.04 ms Status: timeout",
            {"kind": "restore", "restore_s": 1.23604, "status": "timeout"},
        ),
        (
            "EXTENSION\tName: lambda-adapter\tState: Ready\tEvents: [INVOKE, SHUTDOWN]",
            {"kind": "extension", "extensions": ("lambda-adapter",)},
        ),
        (
            "TELEMETRY\tName: datadog-agent\tState: Subscribed\tTypes: [Platform]",
            {"kind": "extension", "extensions": ("datadog-agent",)},
        ),
    ],
)
def test_every_kind_of_line(line: str, expected: dict[str, Any]) -> None:
    report = report_of(line)
    for key, value in expected.items():
        seen = getattr(report, key)
        assert seen == (pytest.approx(value) if isinstance(value, float) else value), key


@pytest.mark.parametrize("version", ["$LATEST", "7"])
@pytest.mark.parametrize("after", ["", "\n", " \n"])
def test_a_usual_beginning_is_read_as_one_in_odd_spacing(version: str, after: str) -> None:
    log = LogPlace("/aws/lambda/pay", "2026/11/30/[3]0af1b2c3d4e5f607", "111122223333", 1_796_040_000.0)
    usual = report_of(f"START RequestId: {REQUEST_ID} Version: {version}{after}", log=log)
    assert usual == report_of(f"START RequestId:  {REQUEST_ID}  Version: {version}{after}", log=log)
    assert (usual.request_id, usual.version) == (REQUEST_ID, "7" if version == "7" else "3")


def test_an_end_adds_nothing() -> None:
    assert parse(b"END RequestId: a").reports == ()


def test_lines_on_runs_that_had_to_be_ended() -> None:
    reports = parse(
        f"START RequestId: {REQUEST_ID} Version: 1\nhello\n"
        f"2026-11-30T12:00:03.000Z {REQUEST_ID} Task timed out after 3.00 seconds\n"
        f"RequestId: {REQUEST_ID} Error: Runtime exited with error: exit status 1\n"
        f"RequestId: {REQUEST_ID} Process exited before completing request".encode()
    ).reports
    assert [(one.kind, one.status) for one in reports] == [
        ("start", None),
        ("runtime done", "timeout"),
        ("runtime done", "failure"),
        ("runtime done", "failure"),
    ]
    assert reports[1].time == 1_796_040_003.0


@pytest.mark.parametrize(
    "line",
    [
        "REPORT RequestId: a",
        "REPORT RequestId:",
        "START RequestId: \x1b[2J Version: 1",
        "REPORT RequestId: a Duration: x",
    ],
)
def test_a_line_that_says_nothing_is_refused_with_its_reason(line: str) -> None:
    with pytest.raises(DocumentError, match="left out"):
        parse(line.encode())


def test_the_log_names_the_function() -> None:
    where = LogPlace("/aws/lambda/pay", "2026/11/30/[$LATEST]0af1b2c3", "123456789012", 5.0)
    report = report_of("REPORT RequestId: a Duration: 1 ms", log=where)
    assert (report.function_name, report.account, report.instance) == ("pay", "123456789012", "0af1b2c3")
    assert (report.version, report.time) == (None, 5.0)


@given(st.text(max_size=99), st.sampled_from(["REPORT RequestId: a ", "START RequestId:", "EXTENSION Name:"]))
def test_any_text(text: str, head: str) -> None:
    with suppress(DocumentError):
        parse((head + text).encode("utf-8", "surrogatepass"))


def test_a_request_id_in_capitals_is_the_same() -> None:
    capitals = REQUEST_ID.upper()
    late = f"2026-11-30T12:00:03.000Z {capitals} Task timed out after 3.00 seconds"
    lines = f"START RequestId: {capitals} Version: 1", late
    reports = parse("\n".join(lines).encode()).reports
    assert {one.request_id for one in reports} == {REQUEST_ID}
    assert {one.kind for one in reports} == {"start", "runtime done"}
    assert report_of(f"REPORT RequestId: {capitals} Duration: 1 ms").request_id == REQUEST_ID
