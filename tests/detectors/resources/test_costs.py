"""Money: what an invocation costs, and when an hour or a day is dear."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.alerts.signalled import title_of
from coldtrail.config import BaselineSettings, settings_from
from coldtrail.detectors.resources.costs import Cost, Costs
from coldtrail.errors import ConfigError
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report
from tests.detectors.resources.streams import from_day, kinds, reports, told

PRICED = BaselineSettings(price_per_gb_second=0.5, price_per_million_requests=1e6)
CENTS = BaselineSettings(least_cost_usd=1e-3)
"""Functions of these tests cost less than a cent a day."""


def followed(costs: Costs, days: int, a_day: float = 25.0) -> None:
    """So many days that cost the same, in one hour each."""
    for day in range(days):
        costs.add(np.array([0]), [a_day], [480.0])
        assert costs.end_hour(day) == []
        assert costs.end_day(day) == []


def spent(costs: Costs, day: int, usd: float) -> list[Cost]:
    """What is told of an hour that cost so much, by many calls."""
    costs.add(np.zeros(100, np.int64), [usd / 100] * 100, [1.0] * 100)
    return costs.end_hour(day)


def of_a_function(settings: BaselineSettings = PRICED) -> Costs:
    costs = Costs(settings)
    costs.table.grow(1)
    return costs


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
    signals = [one for one in told([*usual, *surge], settings=CENTS) if one.finding.kind == "cost"]
    assert signals
    assert not any(one.alone for one in signals)
    seen, expected = signals[0].finding.seen, signals[0].finding.expected
    assert seen.unit == expected.unit == "usd"
    assert seen.period_s in (3_600.0, 86_400.0)
    assert seen.value > 3 * expected.most


def test_mining_is_told_with_its_price() -> None:
    history = reports(31, duration=from_day(30, 40.0))
    mined = told(history, settings=CENTS)
    assert ("mining", "cpu") in kinds(mined)
    assert ("cost", "cost") in kinds(mined)
    dear = next(one for one in mined if one.alone and one.finding.kind == "cost")
    assert "at $0.0000166667 a GB-second and $0.20 a million requests" in title_of(dear)
    assert not [one for one in told(history) if one.finding.kind == "cost"]
    little = [
        one
        for one in told(history, settings=BaselineSettings(least_cost_usd=0.05))
        if one.finding.kind == "cost"
    ]
    assert [one.alone for one in little] == [False]


@pytest.mark.parametrize(("days", "is_told"), [(6, False), (7, True)])
def test_cost_is_judged_once_its_days_are_known(days: int, is_told: bool) -> None:
    costs = of_a_function()
    followed(costs, days)
    assert bool(spent(costs, days, 500.0)) is is_told


@pytest.mark.parametrize(("usd", "told_as"), [(0.09, []), (0.11, [False]), (0.99, [False]), (1.1, [True])])
def test_nobody_is_woken_for_a_cent(usd: float, told_as: list[bool]) -> None:
    costs = of_a_function()
    followed(costs, 10, a_day=0.01)
    assert [one.is_much for one in spent(costs, 10, 0.01 / 24 + usd)] == told_as


def test_what_becomes_much_is_told_anew_the_same_day() -> None:
    costs = of_a_function()
    followed(costs, 10, a_day=0.01)
    assert [[one.is_much for one in spent(costs, 10, usd)] for usd in (0.5, 0.9, 2.0, 8.0, 21.0)] == [
        [False], [], [True], [], [True],
    ]  # fmt: skip


@pytest.mark.parametrize("least", [0.0, -1.0, 1e9])
def test_the_least_cost_is_a_setting_within_bounds(least: float) -> None:
    with pytest.raises(ConfigError, match="least_cost_usd"):
        settings_from({"baselines": {"least_cost_usd": least}}, "here")
