"""Money: what an invocation costs, and when an hour or a day is dear."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources.costs import Costs
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report
from tests.detectors.resources.streams import from_day, kinds, reports, told

PRICED = BaselineSettings(price_per_gb_second=0.5, price_per_million_requests=1e6)


def test_an_invocation_costs_what_is_billed_and_a_request() -> None:
    report = Report(0.0, "r", "pay", duration_s=1.5, billed_s=2.0, memory_mb=2_048.0)
    assert Costs(PRICED).of_report(report) == pytest.approx(2.0 * 2 * 0.5 + 1)
    unbilled = msgspec.structs.replace(report, billed_s=None)
    assert Costs(PRICED).of_report(unbilled) == pytest.approx(1.5 * 2 * 0.5 + 1)
    assert Costs(PRICED).of_report(msgspec.structs.replace(report, kind="insights")) is None


def test_a_window_costs_at_least_what_was_used() -> None:
    window = Window(
        "", "", "", "pay", start_time=0.0, source="metrics", invocations=10.0, duration_s_median=2.0,
        memory_mb_max=512.0,
    )  # fmt: skip
    assert Costs(PRICED).of_window(window) == pytest.approx(10 * (2.0 * 0.5 * 0.5 + 1))
    assert Costs(PRICED).of_window(msgspec.structs.replace(window, duration_s_sum=8.0)) == pytest.approx(
        8.0 * 0.5 * 0.5 + 10
    )


def test_an_hour_is_dear_against_the_dearest_before_and_told_once() -> None:
    costs = Costs(PRICED)
    costs.table.grow(1)
    for day in range(10):
        for hour in range(24):
            costs.add(np.array([0]), [2.0 if hour == 12 else 1.0], [20.0])
            assert costs.end_hour(day) == []
        assert costs.end_day(day) == []
    costs.add(np.array([0]), [5.9], [20.0])
    assert costs.end_hour(10) == []
    for _ in range(3):
        costs.add(np.array([0]), [30.0], [20.0])
    (dear,) = costs.end_hour(10)
    assert dear.usd == 90.0
    assert dear.calls == 60.0
    assert dear.usual == pytest.approx(25 / 24, rel=0.01)
    assert dear.dearer == pytest.approx((90 / 60) / (25 / 480), rel=0.01)
    costs.add(np.array([0, 0]), [90.0, 90.0], [60.0, 60.0])
    assert costs.end_hour(10) == []


def test_many_calls_that_cost_what_they_always_did_are_no_alarm_by_themselves() -> None:
    usual = reports(30, calls=200, seed=1)
    surge = reports(0.5, calls=10_000, seed=2, begin=29.4)
    signals = [one for one in told([*usual, *surge]) if one.finding.kind == "cost"]
    assert signals
    assert not any(one.alone for one in signals)
    seen, expected = signals[0].finding.seen, signals[0].finding.expected
    assert seen.unit == expected.unit == "usd"
    assert seen.period_s in (3_600.0, 86_400.0)
    assert seen.value > 3 * expected.most


def test_mining_is_told_with_its_price() -> None:
    mined = kinds(told(reports(31, duration=from_day(30, 40.0))))
    assert ("mining", "cpu") in mined
    assert ("cost", "cost") in mined
