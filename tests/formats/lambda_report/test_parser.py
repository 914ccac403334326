import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.detect import parser_for
from coldtrail.formats.lambda_report.parser import LambdaReportParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, LogPlace, Observations
from coldtrail.sources.splitting import Splitter
from tests.fixtures.witnesses import LAMBDA_REPORT, REQUEST_ID, SECRET

REAL = Path(__file__).parents[4] / "shared" / "data"
LINE = f"REPORT RequestId: {REQUEST_ID}\tDuration: 5 ms"


def parse(value: Any, origin: str = "test", log: LogPlace | None = None) -> Observations:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    parser = LambdaReportParser(Settings(), Pseudonyms(b"k" * 32))
    return parser(Document(data, origin, "", log))


@pytest.mark.parametrize(
    "wrapped",
    [
        {"message": LINE, "timestamp": 1_796_040_000_000, "logGroup": "/aws/lambda/pay", "logStream": "s"},
        {"@timestamp": "2026-11-30T12:00:00Z", "@message": LINE, "@log": "123456789012:/aws/lambda/pay"},
        {"timestamp": "2026-11-30T12:00:00.000Z", "message": LINE, "log_group": "/aws/lambda/pay"},
    ],
)
def test_lines_inside_json(wrapped: dict[str, Any]) -> None:
    assert LambdaReportParser.matches(json.dumps(wrapped).encode())
    (report,) = parse(wrapped).reports
    assert (report.request_id, report.time, report.function_name) == (REQUEST_ID, 1_796_040_000.0, "pay")


def test_an_event_with_a_message_beside_it_is_read_as_the_event() -> None:
    beside = LAMBDA_REPORT | {"message": f"START RequestId: {REQUEST_ID} Version: 1", "timestamp": 5}
    assert parse(beside).reports == parse(LAMBDA_REPORT).reports


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("key", ["message", "@message"])
def test_events_inside_json(key: str, indent: int | None) -> None:
    text = json.dumps(LAMBDA_REPORT, indent=indent)
    wrapped = {
        key: text,
        "timestamp": 5,
        "logGroup": "/aws/lambda/pay",
        "logStream": "2026/11/30/[7]0af1b2c3",
    }
    for payload in (wrapped, dict(reversed(wrapped.items()))):
        assert LambdaReportParser.matches(json.dumps(payload).encode())
        parsed = parse(payload)
        (report,) = parsed.reports
        (alone,) = parse(LAMBDA_REPORT).reports
        assert report == replace(alone, function_name="pay", version="7", instance="0af1b2c3")
        assert parsed.problems == []


def test_an_event_of_nothing_that_is_read_tells_nothing_inside_json() -> None:
    text = json.dumps({"time": "t", "type": "platform.end", "record": {"requestId": SECRET}})
    parsed = parse({"message": text, "logGroup": "/aws/lambda/pay"})
    assert (parsed.reports, SECRET in repr(parsed)) == ((), False)


@pytest.mark.parametrize(
    ("origin", "function", "version"),
    [
        ("export/aws/lambda/pay/2026/11/30/[7]0af1b2c3/000000.gz", "pay", "7"),
        ("export/aws-lambda-pay/2026-11-30-[$LATEST]0af1b2c3/000000.gz", "pay", None),
        ("logs/aws-lambda-pay.log", "pay", None),
        ("logs/2026-11-30-pay[12]0af1b2c3/000000.gz", "pay", "12"),
        ("logs/pay.log", "", None),
    ],
)
def test_the_path_of_an_export_names_the_function(origin: str, function: str, version: str | None) -> None:
    (report,) = parse(LINE.encode(), origin=origin).reports
    assert (report.function_name, report.version) == (function, version)


@pytest.mark.parametrize(
    "payload",
    [
        {"time": "2026-11-30T12:00:00Z", "type": "function", "record": {"hello": SECRET}},
        {"time": "2026-11-30T12:00:00Z", "type": "extension", "record": SECRET},
        {"timestamp": "2026-11-30T12:00:00Z", "level": "INFO", "message": SECRET, "requestId": REQUEST_ID},
        {"timestamp": "2026-11-30T12:00:00Z", "level": "INFO", "message": SECRET, "AWSRequestId": "a"},
    ],
)
def test_what_functions_log_is_read_past(payload: dict[str, Any]) -> None:
    assert LambdaReportParser.matches(json.dumps(payload).encode())
    parsed = parse(payload)
    assert (parsed.reports, parsed.problems) == ((), [])


@pytest.mark.parametrize("output", [b"hello", b'{"hello":"world"}', b'{"trace_id":"7"}', b'{"broken'])
def test_output_in_the_log_of_a_function_is_its_own(output: bytes) -> None:
    where = LogPlace("/aws/lambda/pay", "s")
    auto = parser_for("auto", Settings())
    assert auto(Document(output, "test", "", where)).reports == ()
    with pytest.raises(DocumentError):
        auto(Document(output, "test", "", LogPlace("/my/group", "s")))


@pytest.mark.parametrize("payload", [b'{"hello":"world"}', b"hello", b"", b'{"type":"function"}'])
def test_other_things_are_refused(payload: bytes) -> None:
    assert not LambdaReportParser.matches(payload)
    with pytest.raises(DocumentError):
        parse(payload)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f"the recorded real telemetry is not at {REAL}")
@pytest.mark.parametrize(
    ("name", "documents", "reports", "refused", "dropped"),
    [
        ("lambda-report/in_the_wild.txt", 11, 11, 0, 0),
        ("lambda-telemetry/datadog_extension_events.jsonl", 17, 12, 1, 1),
        ("lambda-telemetry/rust_runtime_events.jsonl", 31, 22, 0, 1),
    ],
)
def test_each_real_line_is_read_or_refused(
    name: str, documents: int, reports: int, refused: int, dropped: int
) -> None:
    splitter = Splitter(1 << 26, lambda *lost: pytest.fail(str(lost)), lambda: False)
    found = list(splitter.split(iter(((REAL / name).read_bytes(),))))
    auto = parser_for("auto", Settings())
    parsed, failures = [], 0
    for _, payload in found:
        try:
            parsed.append(auto(Document(payload, "test")))
        except DocumentError:
            failures += 1
    assert len(found) == documents
    assert sum(len(one.reports) for one in parsed) == reports
    assert failures == refused
    assert [problem[:14] for one in parsed for problem in one.problems] == ["Lambda dropped"] * dropped


def test_the_odd_lines_of_the_wild_say_what_they_say() -> None:
    (report,) = parse(b"REPORT RequestId: .....6c09f5\tDuration: 2.14 ms\tBilled Duration: 100 ms").reports
    assert (report.request_id, report.billed_s) == (".....6c09f5", 0.1)


def test_an_extension_in_a_log_event_is_known_by_its_line() -> None:
    payload = (
        b'{"timestamp":"2026-03-01T10:00:00Z","logGroup":"/aws/lambda/pay",'
        b'"message":"EXTENSION\\tName: helper\\tState: Ready\\tEvents: [INVOKE, SHUTDOWN]\\n"}'
    )
    parser = parser_for("auto", Settings())
    (report,) = parser(Document(payload, "input", "line 1")).reports
    assert (report.kind, report.function_name, report.extensions) == ("extension", "pay", ("helper",))
