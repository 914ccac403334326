import json
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.lambda_insights import LambdaInsightsParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, LogPlace, Observations
from tests.fixtures.witnesses import LAMBDA_INSIGHTS, REQUEST_ID, TRACE_ID


def parse(log: LogPlace | None = None, **changes: Any) -> Observations:
    data = json.dumps(LAMBDA_INSIGHTS | changes).encode()
    return LambdaInsightsParser(Settings(), Pseudonyms(b"k" * 32))(Document(data, "test", "", log))


def test_what_the_extension_measured_of_a_run() -> None:
    (report,) = parse().reports
    assert (report.kind, report.request_id, report.trace_id) == ("insights", REQUEST_ID, TRACE_ID)
    assert (report.function_name, report.version, report.cold_start) == ("ConfirmBooking", "7", True)
    assert (report.time, report.duration_s, report.billed_s) == (1_796_040_000.256, 45.191, 45.2)
    assert (report.init_s, report.cpu_s) == (0.13, 6.69)
    assert (report.memory_mb, report.memory_used_mb) == (256, 63)
    assert (report.rx_bytes, report.tx_bytes, report.tmp_used_bytes) == (6_911, 4_434, 13_017_088)


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        ({"tmp_used": 5}, "tmp_used_bytes", 5.0),
        ({"tmp_free": 10**12}, "tmp_used_bytes", None),
        ({"version": "$LATEST"}, "version", None),
        ({"version": "Blue"}, "version", None),
        ({"shutdown_reason": "Timeout"}, "status", "timeout"),
        ({"trace_id": "1-5faae118-1234"}, "trace_id", None),
        ({"cpu_total_time": -5}, "cpu_s", None),
        ({"_aws": {"Timestamp": -1}}, "time", 7.0),
    ],
)
def test_odd_values(changes: dict[str, Any], key: str, value: object) -> None:
    (report,) = parse(LogPlace("/aws/lambda-insights", "x", "123456789012", 7.0), **changes).reports
    assert getattr(report, key) == value
    assert report.account == "123456789012"


def test_a_bad_value_costs_itself_alone() -> None:
    parsed = parse(request_id="\u001b", duration="long", cold_start=7)
    assert (parsed.reports[0].request_id, parsed.reports[0].duration_s) == (None, None)
    assert len(parsed.problems) == 3


def test_a_record_without_its_function_is_refused() -> None:
    with pytest.raises(DocumentError, match="does not name"):
        parse(function_name=None)
    assert not LambdaInsightsParser.matches(b'{"trace_id":"1","function_name":"pay"}')
