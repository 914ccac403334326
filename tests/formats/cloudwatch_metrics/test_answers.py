from typing import Any

import pytest

from coldtrail.errors import DocumentError
from coldtrail.records.witnesses import Metric
from tests.formats.cloudwatch_metrics.test_parser import parse

TIMES = ["2026-11-30T12:00:00+00:00", "2026-11-30T12:05:00+00:00"]
START = 1_796_040_000.0


def answer(*series: dict[str, Any]) -> dict[str, Any]:
    return {"MetricDataResults": list(series), "Messages": []}


def one(label: str, query: str = "m1", values: Any = (12.0, 3.0), times: Any = TIMES) -> dict[str, Any]:
    return {"Id": query, "Label": label, "Timestamps": times, "Values": list(values), "StatusCode": "x"}


@pytest.mark.parametrize(
    ("label", "query"),
    [
        ("123456789012 eu-west-1 pay Invocations Sum 300", "m1"),
        ("123456789012|eu-west-1|pay|Invocations|Sum|300", "m1"),
        ("123456789012 eu-west-1 FunctionName=pay Invocations", "m1"),
        ("123456789012 eu-west-1 pay", "invocations_17"),
        ("eu-west-1 123456789012 Sum Invocations pay", "q"),
    ],
)
def test_labels_say_what_a_series_is_about(label: str, query: str) -> None:
    assert list(parse(answer(one(label, query))).metrics) == [
        Metric(START, 300.0, "pay", account="123456789012", region="eu-west-1", invocations=12.0),
        Metric(START + 300, 300.0, "pay", account="123456789012", region="eu-west-1", invocations=3.0),
    ]


def test_series_of_one_function_are_joined() -> None:
    metrics = parse(
        answer(
            one("pay Invocations Sum"),
            one("pay Errors Sum", values=(1, 0)),
            one("pay", "duration_p50_1", (120, 110)),
            one("pay Duration Maximum", values=(900, 800)),
        )
    ).metrics
    assert metrics[0] == Metric(
        START, 300.0, "pay", invocations=12.0, errors=1, duration_s_median=0.12, duration_s_max=0.9
    )
    assert len(metrics) == 2


def test_times_may_be_numbers_and_one_point_has_a_minute() -> None:
    (metric,) = parse(answer(one("pay Invocations", values=[5], times=[START]))).metrics
    assert (metric.start_time, metric.period_s) == (START, 60.0)


def test_what_cannot_be_told_is_named() -> None:
    parsed = parse(
        answer(
            one("pay Invocations", values=[5, 6, 7]),
            one("no metric"),
            one("pay ConcurrentExecutions"),
            one("pay Errors", times=["x", "2026-11-30T12:10:00Z"]),
        )
    )
    assert [metric.errors for metric in parsed.metrics] == [None, None, 3.0]
    assert len(parsed.problems) == 4
    with pytest.raises(DocumentError, match="does not name a function"):
        parse(answer(one("m1")))


def test_an_empty_answer_is_no_loss() -> None:
    assert parse(answer()).metrics == ()
