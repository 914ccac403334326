"""Who counts all invocations, and what share of them is traced."""

from __future__ import annotations

from typing import Any

from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window
from coldtrail.testing import make_flow
from coldtrail.verbs.coverage.seen import Seen
from coldtrail.verbs.coverage.told import Told, told_by_log, told_of
from tests.verbs.telemetry_files import GET

KEY = FunctionKey("1", "eu-west-1", "shop", "Order")


def window(source: Any, invocations: float, traced: int, minute: int = 0) -> Window:
    return Window(*KEY, start_time=60.0 * minute, source=source, invocations=invocations, traced=traced)


def test_minutes_that_only_flows_tell_of_say_nothing_of_the_share() -> None:
    assert told_of([window("flows", 9.0, 9)]) == {}
    told = told_of([window("flows", 9.0, 9), window("reports", 10.0, 1), window("reports", 10.0, 2, 2)])
    assert told == {KEY: Told(20.0, 3.0, "reports")}
    assert told[KEY].rate == 0.15


def test_metrics_are_named_where_any_minute_has_them() -> None:
    assert told_of([window("metrics", 4.0, 1), window("reports", 4.0, 1, 1)])[KEY].by == "metrics"


def test_no_share_is_above_one() -> None:
    assert Told(2.0, 3.0, "reports").rate == 1.0


def test_two_that_tell_of_one_function_are_not_added_up() -> None:
    assert Told(12.0, 1.0, "metrics").and_also(Told(10.0, 2.0, "reports")) == Told(12.0, 3.0, "metrics")


def test_the_audit_log_counts_where_it_names_invocations_without_a_trace() -> None:
    seen = Seen()
    seen.add(make_flow([GET], witnesses=("cloudtrail", "xray")))
    assert told_by_log(seen) is None
    seen.add(make_flow([GET], witnesses=("cloudtrail",), complete=False))
    assert told_by_log(seen) is None
    seen.add(make_flow([GET], witnesses=("cloudtrail",), complete=False, request_id="r"))
    assert told_by_log(seen) == Told(2.0, 1.0, "audit log")
