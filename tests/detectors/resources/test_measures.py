"""Which record tells which measure, and in which unit."""

from __future__ import annotations

from math import inf, nan

import msgspec
import pytest

from coldtrail.detectors.resources.measures import (
    CPU,
    DURATION,
    INIT,
    INIT_REPORT,
    INSIGHTS,
    MEASURES,
    MEMORY,
    RECEIVED,
    REPORT,
    SENT,
    TMP,
    told_by_report,
    told_by_window,
)
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report

FULL = Report(
    0.0, "r", "pay", duration_s=0.2, init_s=0.5, memory_used_mb=90.0, cpu_s=0.1, tmp_used_bytes=5.0,
    rx_bytes=6.0, tx_bytes=7.0,
)  # fmt: skip


@pytest.mark.parametrize(("kind", "who"), [("report", REPORT), ("insights", INSIGHTS)])
def test_an_invocation_tells_all_that_it_used(kind: str, who: int) -> None:
    by, told = told_by_report(msgspec.structs.replace(FULL, kind=kind))
    assert by == who
    assert dict(told) == {
        DURATION: 0.2, INIT: 0.5, MEMORY: 90.0, CPU: 0.1, TMP: 5.0, RECEIVED: 6.0, SENT: 7.0,
    }  # fmt: skip


def test_a_start_tells_how_long_it_took() -> None:
    by, told = told_by_report(Report(0.0, None, "pay", "init", duration_s=0.4))
    assert (by, list(told)) == (INIT_REPORT, [(INIT, 0.4)])


def test_other_reports_tell_nothing() -> None:
    by, told = told_by_report(Report(0.0, "r", "pay", "runtime done", duration_s=0.4))
    assert (by, list(told)) == (0, [])


@pytest.mark.parametrize("value", [-1.0, nan, inf, 1e16, None])
def test_what_cannot_be_is_left_out(value: float | None) -> None:
    _, told = told_by_report(Report(0.0, "r", "pay", duration_s=value, memory_used_mb=90.0))
    assert dict(told) == {MEMORY: 90.0}


def test_sums_of_a_window_are_of_one_invocation() -> None:
    window = Window(
        "", "", "", "pay", start_time=0.0, source="metrics", invocations=4.0, cpu_s=2.0, tx_bytes=400.0,
        duration_s_median=0.3, memory_mb_max=80.0,
    )  # fmt: skip
    assert dict(told_by_window(window)) == {DURATION: 0.3, MEMORY: 80.0, CPU: 0.5, SENT: 100.0}
    assert list(told_by_window(msgspec.structs.replace(window, invocations=0.0))) == []


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
def test_values_come_back_from_their_logarithms(measure: object) -> None:
    assert isinstance(measure, type(MEASURES[0]))
    assert measure.value_of(measure.log_of(123.0)) == pytest.approx(123.0, rel=1e-6)
    assert measure.value_of(1e6) < inf


def test_an_answer_of_few_kilobytes_is_hardly_more_than_half_a_one() -> None:
    for measure in (MEASURES[RECEIVED], MEASURES[SENT]):
        assert measure.log_of(14_000.0) - measure.log_of(500.0) < 0.4
        assert measure.log_of(1_400_000.0) - measure.log_of(50_000.0) > 2.5
