import json
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.cloudwatch_metrics.parser import CloudWatchMetricsParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Metric
from tests.fixtures.witnesses import ACCOUNT, METRICS, REGION

STREAMED = {
    "metric_stream_name": "all",
    "account_id": ACCOUNT,
    "region": REGION,
    "namespace": "AWS/Lambda",
    "metric_name": "Invocations",
    "dimensions": {"FunctionName": "pay"},
    "timestamp": 1_796_040_000_000,
    "value": {"max": 1.0, "min": 1.0, "sum": 12.0, "count": 12.0},
    "unit": "Count",
}


def parse(value: Any) -> Observations:
    data = json.dumps(value).encode()
    assert CloudWatchMetricsParser.matches(data)
    return CloudWatchMetricsParser(Settings(), Pseudonyms(b"k" * 32))(Document(data, "test"))


def test_a_plain_line() -> None:
    assert parse(METRICS).metrics == (
        Metric(
            1_796_040_000.0,
            60.0,
            "ConfirmBooking",
            "airline",
            ACCOUNT,
            REGION,
            invocations=12,
            errors=1,
            throttles=0,
            duration_s_median=0.1205,
            duration_s_max=0.9,
            memory_mb_max=94,
        ),
    )


def test_any_subset_of_the_values() -> None:
    line = {"function_name": "pay", "start_time": "2026-11-30T12:00:00Z", "errors": 2, "trigger": "q"}
    assert parse(line).metrics == (Metric(1_796_040_000.0, 60.0, "pay", errors=2.0, trigger="q"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"start_time": -5},
        {"start_time": "x"},
        {"start_time": []},
        {"period_s": 0},
        {"period_s": 1e9},
        {"function_name": ""},
    ],
)
def test_a_line_without_time_or_function_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        parse(METRICS | changes)


def test_bad_values_cost_themselves() -> None:
    parsed = parse(METRICS | {"errors": "many", "throttles": -1})
    assert (parsed.metrics[0].errors, parsed.metrics[0].throttles, len(parsed.problems)) == (None, None, 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"invocations": 12.0}),
        (
            {"metric_name": "Duration", "value": {"max": 900.0, "sum": 5e3, "count": 9.0, "p50": 120.0}},
            {"duration_s_max": 0.9, "duration_s_median": 0.12},
        ),
        ({"dimensions": {"FunctionName": "pay", "Resource": "pay:7"}}, {"invocations": 12.0, "version": "7"}),
        (
            {
                "namespace": "LambdaInsights",
                "metric_name": "rx_bytes",
                "dimensions": {"function_name": "pay"},
            },
            {"rx_bytes": 12.0},
        ),
    ],
)
def test_a_line_of_a_metric_stream(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    (metric,) = parse(STREAMED | changes).metrics
    assert metric == Metric(1_796_040_000.0, 60.0, "pay", account=ACCOUNT, region=REGION, **expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"dimensions": {}},
        {"dimensions": {"InstanceId": "i-1"}, "namespace": "AWS/EC2"},
        {"dimensions": {"FunctionName": "pay", "Resource": "pay"}},
        {"dimensions": {"FunctionName": "pay", "Resource": "pay:live"}},
        {"metric_name": "ConcurrentExecutions"},
        {"value": None},
    ],
)
def test_what_is_about_no_function_or_told_twice_is_read_past(changes: dict[str, Any]) -> None:
    parsed = parse(STREAMED | changes)
    assert (parsed.metrics, parsed.problems) == ((), [])


def test_a_metric_without_a_time_is_refused() -> None:
    with pytest.raises(DocumentError, match="timestamp"):
        parse(STREAMED | {"timestamp": None})


@pytest.mark.parametrize(
    "payload",
    [
        b'{"function_flow_id":"a","function_name":"b","start_time":1,"errors":1}',
        b'{"function_name":"b","start_time":1}',
        b'{"metric_name":"x"}',
    ],
)
def test_other_documents_are_left_to_others(payload: bytes) -> None:
    assert not CloudWatchMetricsParser.matches(payload)
