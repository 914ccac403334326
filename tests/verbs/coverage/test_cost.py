"""What telemetry costs a month."""

from __future__ import annotations

import pytest

from coldtrail.verbs.coverage.cost import LEAST_S, MONTH_S, Volume, cost_of


def test_a_month_costs_what_its_parts_cost() -> None:
    cost = cost_of(Volume(1_000_000, 100_000, 10**9), MONTH_S)
    assert cost is not None
    assert (cost.traces, cost.data_events, cost.logs) == pytest.approx((5.0, 0.10, 0.50))
    assert cost.total == pytest.approx(5.60)


def test_an_hour_stands_for_all_hours() -> None:
    cost = cost_of(Volume(traces=1_000), 3_600.0)
    assert cost is not None
    assert cost.total == pytest.approx(1_000 * 24 * 30 * 5e-6)


@pytest.mark.parametrize("seconds", [float("-inf"), 0.0, LEAST_S / 2])
def test_too_little_time_tells_nothing(seconds: float) -> None:
    assert cost_of(Volume(traces=9), seconds) is None


def test_what_costs_nothing_is_not_told() -> None:
    assert cost_of(Volume(), MONTH_S) is None


def test_spans_whose_price_is_not_known_are_told_and_in_no_sum() -> None:
    cost = cost_of(Volume(span_bytes=10**9), MONTH_S)
    assert cost is not None
    assert (cost.total, cost.span_bytes) == (0.0, pytest.approx(1e9))
