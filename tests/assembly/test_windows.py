"""How much each function ran in each minute, and who counted it."""

from __future__ import annotations

from math import inf
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.counted import MOST_NAMES
from coldtrail.assembly.windows import LEAST_COUNTED, Windows
from coldtrail.config import Settings
from coldtrail.records.facts import OUTSIDE, Facts
from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Metric
from tests.assembly.join.told import ACCOUNT, REGION, call, flow, invoke, joined, report
from tests.features.test_lean import lean

MINUTE = 1_795_000_020.0
"""The start of one."""
PLACE: dict[str, Any] = {"account": ACCOUNT, "region": REGION}


def metric(minute: int = 0, **fields: Any) -> Metric:
    plain: dict[str, Any] = {"start_time": MINUTE + 60.0 * minute, "period_s": 60.0, "function_name": "Order"}
    return Metric(**plain | {"application_name": "shop", **PLACE} | fields)


def told(number: int, minute: int = 0, **fields: Any) -> Any:
    return report(number, MINUTE + 60.0 * minute + 1.0, **PLACE | fields)


def ran(number: int, minute: int = 0, **fields: Any) -> Any:
    return flow(number, start=MINUTE + 60.0 * minute + 1.0, application="default", **fields)


def windows(*things: Any) -> list[Window]:
    made = Windows(Settings())
    assert made.push(things) == []
    return made.advance(inf)


def test_flows_are_counted_by_the_minute_in_which_they_began() -> None:
    facts = Facts(memory_used_mb=81.0, duration_ms=400.0, cpu_ms=30.0, rx_bytes=5.0)
    (first, second) = windows(ran(0, facts=facts), lean(ran(1, error=True)), ran(2, 3))
    assert (first.start_time, first.source, first.invocations, first.traced) == (MINUTE, "flows", 2.0, 2)
    assert (first.errors, first.throttles, first.sampling_rate) == (1.0, None, None)
    assert first.duration_s_max == 0.4
    assert (first.memory_mb_max, first.cpu_s, first.rx_bytes) == (81.0, 0.03, 5.0)
    assert second.start_time == MINUTE + 180.0


def test_names_made_to_flood_are_bounded_and_push_out_nobody_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.assembly.windows.MOST_FUNCTIONS", 3)
    made = Windows(Settings())
    made.know([FunctionKey(ACCOUNT, REGION, "shop", "Order")])
    flood = [metric(0, function_name=f"made{number}", invocations=1.0) for number in range(50)]
    accounts = [metric(1, account=f"{number:012}", invocations=1.0) for number in range(200)]
    made.push([*flood, *accounts])
    assert len(made.advance(inf)) == 250, "all are told"
    assert len(msgspec.msgpack.decode(made.snapshot()["windows"].tobytes())[1]) == 3
    made.push([metric(2, account=None, region=None, invocations=1.0)])
    assert [one.account for one in made.advance(inf)] == [ACCOUNT]


def test_reports_count_before_flows_and_metrics_before_both() -> None:
    some = [ran(0), told(0), told(1, status="error"), told(2)]
    (one,) = windows(*some)
    assert (one.source, one.invocations, one.errors, one.traced) == ("reports", 3.0, 1.0, 1)
    assert one.duration_s_sum is not None
    assert round(one.duration_s_sum, 4) == 0.0369
    counted = metric(invocations=7.0, errors=2.0, throttles=4.0, duration_s_median=0.2)
    (one,) = windows(*some, replace(counted, application_name="default"))
    assert (one.source, one.invocations, one.throttles, one.duration_s_median) == ("metrics", 7.0, 4.0, 0.2)


def test_a_report_of_an_absurd_length_counts_where_a_run_can_have_begun() -> None:
    (one,) = windows(told(0, duration_s=1e9))
    assert one.start_time == MINUTE - 900.0


def test_what_comes_twice_counts_once() -> None:
    assert windows(told(0), told(0), metric(invocations=3.0), metric(invocations=3.0)) == windows(
        told(0), metric(invocations=3.0)
    )
    (one,) = windows(told(0), told(0))
    assert one.invocations == 1.0


def test_metrics_of_one_minute_may_come_apart_and_by_version() -> None:
    (one,) = windows(metric(invocations=3.0), metric(errors=1.0), metric(memory_mb_max=90.0))
    assert (one.invocations, one.errors, one.memory_mb_max) == (3.0, 1.0, 90.0)
    (one,) = windows(metric(invocations=3.0, version="1"), metric(invocations=4.0, version="2"))
    assert one.invocations == 7.0
    (one,) = windows(metric(invocations=9.0), metric(invocations=4.0, version="2"))
    assert one.invocations == 9.0


def test_what_lambda_insights_measures_completes_the_reports() -> None:
    measured = told(0, kind="insights", cpu_s=0.02, rx_bytes=7.0, memory_used_mb=99.0)
    (one,) = windows(told(0), measured)
    assert (one.invocations, one.cpu_s, one.rx_bytes, one.memory_mb_max) == (1.0, 0.02, 7.0, 99.0)
    (one,) = windows(measured)
    assert one.invocations == 1.0


def test_flows_are_scaled_by_the_share_that_was_traced_before() -> None:
    number = int(LEAST_COUNTED)
    before = [metric(minute, application_name="default", invocations=10.0) for minute in range(number)]
    traced = [ran(minute, minute) for minute in range(number)]
    last = windows(*before, *traced, ran(number, number + 1, error=True))[-1]
    assert (last.source, last.sampling_rate, last.invocations, last.errors) == ("flows", 0.1, 10.0, 10.0)
    unknown = windows(*before[:1], *traced[:1], ran(number, 2))[-1]
    assert (unknown.sampling_rate, unknown.invocations) == (None, 1.0)


def test_what_no_invocation_is_named_by_counts_nowhere() -> None:
    session = joined([call("a", MINUTE), call("b", MINUTE + 1.0)])
    assert len(session) == 1
    assert windows(*session) == []
    (one,) = windows(*joined([invoke(0, MINUTE)]))
    assert (one.invocations, one.duration_s_sum, one.traced) == (1.0, None, 0)


def test_a_call_outside_any_invocation_counts_nowhere() -> None:
    outside = replace(ran(1), facts=OUTSIDE)
    assert windows(outside, lean(outside)) == []
    (window,) = windows(outside, ran(2))
    assert (window.invocations, window.traced) == (1.0, 1)


def test_what_names_no_account_is_of_the_one_function_of_its_name() -> None:
    bare = report(0, MINUTE + 1.0)
    (one,) = windows(bare, ran(0))
    assert (one.account, one.source, one.traced) == (ACCOUNT, "reports", 1)
    other = replace(ran(1), account="999999999999")
    assert sorted(window.account for window in windows(bare, ran(0), other)) == ["", ACCOUNT, "999999999999"]


def test_nothing_is_told_before_a_run_of_its_minute_must_have_ended() -> None:
    made = Windows(Settings())
    made.push([ran(0)])
    assert made.advance(MINUTE + 900.0) == []
    assert len(made.advance(MINUTE + 960.0)) == 1
    assert made.advance(inf) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_cuts_orders_advances_and_snapshots_change_nothing(seed: int) -> None:
    random = Random(seed)
    things: list[tuple[float, Any]] = []
    for number in range(60):
        minute = random.randrange(40)
        kind = random.randrange(3)
        if kind == 0:
            called = replace(
                ran(number, minute), caller=f"caller-{number % 3}", trigger=f"AWS::SQS {minute % 2}"
            )
            things.append((MINUTE + 60.0 * minute + 1.0, called))
        elif kind == 1:
            things.append((MINUTE + 60.0 * minute + 1.0, told(number, minute)))
        else:
            things.append((MINUTE + 60.0 * minute, metric(minute, invocations=float(number))))
    things.sort(key=lambda one: one[0])
    expected = sorted(map(msgspec.json.encode, windows(*[one for _, one in things])))
    mixed = sorted(things, key=lambda one: one[0] + random.uniform(0.0, 300.0))
    made, out = Windows(Settings()), list[Window]()
    for place, (_, one) in enumerate(mixed):
        made.push([one])
        if random.random() < 0.3:
            out += made.advance(min([time for time, _ in mixed[place + 1 :]], default=inf))
        if random.random() < 0.2:
            state, made = made.snapshot(), Windows(Settings())
            made.restore(state)
    out += made.advance(inf)
    assert sorted(map(msgspec.json.encode, out)) == expected


def test_who_called_and_what_started_the_runs_is_counted_by_name() -> None:
    called = replace(ran(0), caller="Shop", trigger="AWS::SQS orders")
    other = replace(ran(1), caller="Basket", trigger="function Basket")
    (one,) = windows(called, lean(replace(called, function_flow_id="f-9")), other, ran(3))
    assert one.callers == (("Basket", 1), ("Shop", 2))
    assert one.trigger == "AWS::SQS orders"
    timed = metric(invocations=4.0, application_name="default", trigger="timer")
    (one,) = windows(called, timed, other)
    assert (one.trigger, one.callers) == ("timer", (("Basket", 1), ("Shop", 1)))
    (one,) = windows(told(0))
    assert (one.trigger, one.callers) == (None, ())


def test_of_very_many_callers_the_same_are_told_apart_in_any_order() -> None:
    called = [replace(ran(number), caller=f"name-{number % 100:02d}") for number in range(300)]
    (one,) = windows(*called)
    assert one.callers == tuple((f"name-{number:02d}", 3) for number in range(MOST_NAMES))
    assert windows(*reversed(called)) == [one]


def test_functions_that_are_known_from_before_own_what_names_no_region() -> None:
    made = Windows(Settings())
    order = FunctionKey(ACCOUNT, REGION, "default", "Order")
    made.know([order, FunctionKey("", "", "default", "Other")])
    made.push([told(1, region=None), metric(5, application_name=None)])
    assert [window.key for window in made.advance(inf)] == [order, order]
    made.know([order._replace(region="us-east-1")])
    made.push([told(2, 9, region=None)])
    assert [window.key for window in made.advance(inf)] == [order._replace(region="")]
