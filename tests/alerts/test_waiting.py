"""What waits for a second signal: a slow call now and then, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.grouping import Grouping
from coldtrail.records.finding import Seconds
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from tests.alerts.test_alerts import make_pair, make_reason
from tests.alerts.test_slowness import waited
from tests.findings import reason


def slow(
    start: float = 0.0, seconds: float = 4.0, longest: float = 1.0, function: str = "Book"
) -> tuple[Verdict, Flow]:
    """A run whose call to a table takes long."""
    verdict, flow = waited(function, start, seen=Seconds(seconds))
    (told,) = verdict.reasons
    usual = Seconds(0.1, longest=longest, number=900.0, among="calls")
    told = msgspec.structs.replace(told, finding=msgspec.structs.replace(told.finding, expected=usual))
    return msgspec.structs.replace(verdict, reasons=(told,)), flow


@pytest.mark.parametrize("starts", [(0.0,), (0.0, 60.0), (0.0, 4000.0, 8000.0)], ids=str)
def test_a_slow_call_now_and_then_waits(starts: tuple[float, ...]) -> None:
    grouping = Grouping()
    grouping.push([slow(start) for start in starts])
    assert grouping.advance(float("inf")) == []
    (held,) = grouping.waiting()
    assert (held.kind, held.count) == ("duration", len(starts))


def test_slow_calls_that_last_are_told_once_and_wait_no_more() -> None:
    grouping = Grouping()
    grouping.push([slow(0.0), slow(60.0)])
    assert grouping.advance(60.0) == []
    grouping.push([slow(120.0)])
    (alert,) = grouping.advance(120.0)
    assert (alert.count, alert.severity, grouping.waiting()) == (3, "low", [])


def test_two_functions_that_wait_once_each_wait_and_a_third_run_tells_it() -> None:
    pair = [slow(0.0), slow(60.0, function="Pay")]
    assert alerts_from(pair) == []
    (alert,) = alerts_from([*pair, slow(90.0, function="Pay")])
    assert alert.kind == "slow_service"


def test_a_call_many_times_as_long_as_any_on_record_is_told_at_once() -> None:
    assert alerts_from([slow(seconds=7.9)]) == []
    assert len(alerts_from([slow(seconds=8.0)])) == 1


def test_slow_code_of_the_function_itself_is_told_at_once() -> None:
    assert len(alerts_from([waited("Book", event_type="lifecycle", target="")])) == 1


@pytest.mark.parametrize("kind", ["order", "omission", "count", "new_action", "new_resource", "trigger"])
def test_nothing_else_waits(kind: str) -> None:
    assert len(alerts_from([make_pair("f", make_reason(kind), score=4.01)])) == 1


def test_a_slow_call_in_a_run_with_something_else_does_not_wait() -> None:
    verdict, flow = slow()
    more = reason("order", "Scan", "Orders", event_id="e2", event_type="DynamoDB")
    both = msgspec.structs.replace(verdict, reasons=(*verdict.reasons, more))
    assert len(alerts_from([(both, flow)])) == 1


def of_busy(kind: str, starts: Sequence[float], runs_an_hour: float) -> Grouping:
    """What is held of runs of a function that runs so often."""
    pairs = [
        make_pair(f"f{at}", make_reason(kind), score=4.5, start=start) for at, start in enumerate(starts)
    ]
    grouping = Grouping(runs_an_hour={pairs[0][1].key: runs_an_hour})
    grouping.push(pairs)
    return grouping


@pytest.mark.parametrize("kind", ["order", "omission"])
@pytest.mark.parametrize(
    ("starts", "runs_an_hour", "is_told"),
    [
        ([100.0], 100.0, True),
        ([100.0], 18_000.0, False),
        ([100.0, 200.0, 300.0], 18_000.0, False),
        ([100.0, 101.0, 102.0], 18_000.0, True),
        ([20.0 * at for at in range(200)], 18_000.0, True),
    ],
    ids=["of a quiet function", "of a busy one", "three in an hour", "three in a minute", "a hundredth"],
)
def test_a_rare_path_of_a_busy_function_waits_until_it_lasts(
    kind: str, starts: Sequence[float], runs_an_hour: float, is_told: bool
) -> None:
    grouping = of_busy(kind, starts, runs_an_hour)
    assert [bool(grouping.alerts()), bool(grouping.waiting())] == [is_told, not is_told]


@pytest.mark.parametrize("kind", ["count", "new_action", "new_event", "new_resource", "trigger", "caller"])
def test_what_a_busy_function_never_did_waits_nowhere(kind: str) -> None:
    assert len(of_busy(kind, [100.0], 300_000.0).alerts()) == 1


@pytest.mark.parametrize(
    ("slow_runs", "runs_an_hour", "is_told"), [(5, 400.0, True), (5, 600.0, False), (3, 0.0, True)]
)
def test_of_a_busy_function_some_calls_are_always_slow(
    slow_runs: int, runs_an_hour: float, is_told: bool
) -> None:
    pairs = [slow(60.0 * number) for number in range(slow_runs)]
    grouping = Grouping(runs_an_hour={pairs[0][1].key: runs_an_hour})
    grouping.push(pairs)
    assert [bool(grouping.alerts()), bool(grouping.waiting())] == [is_told, not is_told]
