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
from tests.alerts.test_lost_calls import left_out
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
        ([100.0, 101.0, 102.0, 103.0], 18_000.0, False),
        ([100.0 + at for at in range(15)], 18_000.0, True),
        ([100.0, 101.0, 102.0, 103.0], 1_800.0, False),
        ([100.0, 101.0, 102.0, 103.0, 104.0], 1_800.0, True),
        ([20.0 * at for at in range(180)], 18_000.0, False),
        ([4.0 * at for at in range(900)], 18_000.0, True),
    ],
    ids=[
        "of a quiet function",
        "of a busy one",
        "four of 300 in a minute",
        "fifteen of them",
        "four of 30 in a minute",
        "five of them",
        "a hundredth in an hour",
        "a twentieth",
    ],
)
def test_a_rare_path_of_a_busy_function_waits_until_it_lasts(
    kind: str, starts: Sequence[float], runs_an_hour: float, is_told: bool
) -> None:
    grouping = of_busy(kind, starts, runs_an_hour)
    assert [bool(grouping.alerts()), bool(grouping.waiting())] == [is_told, not is_told]


def test_what_waited_is_told_as_of_the_run_that_made_it_certain() -> None:
    """A run that alarmed by chance some minutes before is no sign that anybody could have been told then."""
    early = of_busy("order", [5.0, *(300.0 + at for at in range(20))], 18_000.0)
    (alert,) = early.alerts()
    assert (alert.first_seen, alert.count) == (5.0, 21)
    assert alert.told_at == of_busy("order", [300.0 + 14], 0.0).alerts()[0].told_at
    grouping = Grouping()
    grouping.push([slow(0.0), slow(60.0), slow(120.0), slow(180.0)])
    assert grouping.alerts()[0].told_at == slow(120.0)[1].end_time


def held_of_busy(*pairs: tuple[Verdict, Flow], runs_an_hour: float = 18_000.0) -> list[bool]:
    """Whether runs of busy functions are told, and whether they wait."""
    grouping = Grouping(runs_an_hour={flow.key: runs_an_hour for _, flow in pairs})
    grouping.push(pairs)
    return [bool(grouping.alerts()), bool(grouping.waiting())]


@pytest.mark.parametrize("runs_an_hour", [100.0, 18_000.0])
def test_a_call_of_a_heavy_tail_outdoes_any_record_in_very_many_runs(runs_an_hour: float) -> None:
    is_busy = runs_an_hour > 400.0
    assert held_of_busy(slow(seconds=30.0), runs_an_hour=runs_an_hour) == [not is_busy, is_busy]


@pytest.mark.parametrize(("seconds", "is_told"), [(4.0, False), (8.0, True)])
def test_own_code_of_a_busy_function_is_told_once_it_takes_many_times_as_long(
    seconds: float, is_told: bool
) -> None:
    """A collector of garbage makes some of very many runs wait."""
    verdict, flow = waited("Book", event_type="lifecycle", target="", seen=Seconds(seconds))
    (told,) = verdict.reasons
    usual = Seconds(0.1, longest=1.0, number=900.0, among="runs")
    told = msgspec.structs.replace(told, finding=msgspec.structs.replace(told.finding, expected=usual))
    assert held_of_busy((msgspec.structs.replace(verdict, reasons=(told,)), flow)) == [is_told, not is_told]


def test_slow_calls_of_a_busy_function_crowd_in_a_minute() -> None:
    assert held_of_busy(*(slow(300.0 + at) for at in range(14))) == [False, True]
    assert held_of_busy(*(slow(300.0 + at) for at in range(15))) == [True, False]


def test_calls_lost_by_the_way_wait_as_long_as_few_of_very_many_are() -> None:
    names = ("Book", "Pay", "Ship", "Mail")
    lost = [pair for name in names for pair in left_out(name, f"Get on S3 {name}", 2)]
    for runs_an_hour, kinds, waiting in ((10.0, {"gap"}, set()), (18_000.0, set(), {"gap"})):
        grouping = Grouping(runs_an_hour={flow.key: runs_an_hour for _, flow in lost})
        grouping.push(lost)
        assert {alert.kind for alert in grouping.alerts()} == kinds
        assert {alert.kind for alert in grouping.waiting()} == waiting


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
