"""Durations, times and shares as people read them."""

from __future__ import annotations

import math

import pytest

from coldtrail.alerts.wording.amounts import counted, duration, moment, number, roughly, share


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 ms"), (0.0042, "4.2 ms"), (0.008, "8.0 ms"), (0.149, "149 ms"), (0.9999, "1 s"),
        (4.65, "4.65 s"), (59.99, "1 min 0 s"), (185, "3 min 5 s"), (7380, "2 h 3 min"),
        (math.nan, "unknown"),
    ],
)  # fmt: skip
def test_durations_have_fitting_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (0, "0 %"),
        (0.0004, "< 0.1 %"),
        (0.003, "0.3 %"),
        (0.0215, "2.1 %"),
        (0.5, "50 %"),
        (0.9977, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_shares_have_no_false_precision(part: float, told: str) -> None:
    assert share(part) == told


def test_numbers_are_grouped_and_counted() -> None:
    assert [number(value) for value in (3, 9.7, 12345.678)] == ["3", "9.7", "12,345.68"]
    assert [number(value) for value in (math.inf, math.nan)] == ["unbounded", "unknown"]
    assert (counted(1, "alert"), counted(1204, "alert")) == ("1 alert", "1,204 alerts")


def test_times_are_utc_and_never_fail() -> None:
    assert moment(1_763_630_000) == "2025-11-20 09:13:20"
    assert [moment(value) for value in (math.nan, math.inf, 1e30, -1e30)] == ["unknown"] * 4


@pytest.mark.parametrize(("amount", "told"), [(3812.0, "3,800"), (1.44, "1.4"), (1.0, "1")])
def test_rough_numbers_have_two_figures(amount: float, told: str) -> None:
    assert roughly(amount) == told
