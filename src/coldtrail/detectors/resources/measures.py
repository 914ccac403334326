"""What is measured of a function's invocations, and which record tells it."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, inf, log
from typing import NamedTuple

from coldtrail.records.traits import QuantityUnit
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report

_MOST = 1e15
"""No measure is larger: what says so is damaged."""


_FEW_BYTES = 32_768.0
"""An answer of 14 KB where others hold half of one is nothing by itself: so few bytes never are. What adds up
is for `egress` to tell."""


class Measure(NamedTuple):
    """A measure; baselines are kept of the logarithm of its value."""

    name: str
    unit: QuantityUnit
    offset: float
    """Added before the logarithm: what is much smaller than this is nothing."""
    usual_sd: float
    """How much its level wanders between hours and between days, before that is known of a function."""
    floor: float
    """No level of it is known better than by this share."""
    usual_scatter: float
    """The variance of single values, likewise."""
    drift: float
    """The least drift that is told, as a logarithm: releases move what is less sharp by more."""
    drift_sds: float
    """That a drift has to be away, in standard deviations: time scatters so much that what is slow shows in
    no day, and is told at the price of a good part of the alarms that may be false."""
    most: float = inf
    """That one value counts for in a level, as a logarithm: some starts take many times as long as others,
    and a few of them are no level."""

    def log_of(self, value: float) -> float:
        """The logarithm that baselines are kept of."""
        return log(value + self.offset)

    def value_of(self, logarithm: float) -> float:
        """The value back."""
        return max(exp(min(logarithm, 50.0)) - self.offset, 0.0)


MEASURES = (
    Measure("duration", "seconds", 1e-3, 0.1, 0.03, 0.8, 0.15, 1.2),
    Measure("init", "seconds", 1e-2, 0.1, 0.03, 0.1, 0.25, 2.0, 0.8),
    Measure("memory", "mb", 1.0, 0.015, 0.02, 0.005, 0.09, 2.0),
    Measure("cpu", "seconds", 5e-3, 0.1, 0.03, 0.8, 0.15, 1.2),
    Measure("tmp", "bytes", 1e6, 0.1, 0.03, 0.3, 0.25, 2.0),
    Measure("received", "bytes", _FEW_BYTES, 0.15, 0.03, 0.5, 0.25, 2.0),
    Measure("sent", "bytes", _FEW_BYTES, 0.15, 0.03, 0.5, 0.25, 2.0),
)
DURATION, INIT, MEMORY, CPU, TMP, RECEIVED, SENT = range(len(MEASURES))
WINDOW, INIT_REPORT, INSIGHTS, REPORT = range(1, 5)
"""Who tells a measure, the one that is believed most last: a function's measure is followed by one of them,
since they do not measure the same."""
_WHO = {"init": INIT_REPORT, "insights": INSIGHTS, "report": REPORT}
Told = tuple[int, float]
"""The number of a measure and its value."""


def told_by_report(report: Report) -> tuple[int, Iterator[Told]]:
    """Who tells, and what."""
    who = _WHO.get(report.kind, 0)
    if who == INIT_REPORT:
        took = report.init_s if report.init_s is not None else report.duration_s
        return who, _sound(((INIT, took),))
    if who:
        return who, _sound(_all_of(report))
    return 0, iter(())


def _all_of(report: Report) -> tuple[tuple[int, float | None], ...]:
    return (
        (DURATION, report.duration_s),
        (INIT, report.init_s),
        (MEMORY, report.memory_used_mb),
        (CPU, report.cpu_s),
        (TMP, report.tmp_used_bytes),
        (RECEIVED, report.rx_bytes),
        (SENT, report.tx_bytes),
    )


def told_by_window(window: Window) -> Iterator[Told]:
    """What a window tells of an invocation: sums are divided by how many there were."""
    number = window.invocations
    if not number > 0:
        return iter(())
    told = (
        (DURATION, window.duration_s_median),
        (MEMORY, window.memory_mb_max),
        (CPU, _each(window.cpu_s, number)),
        (RECEIVED, _each(window.rx_bytes, number)),
        (SENT, _each(window.tx_bytes, number)),
    )
    return _sound(told)


def _each(total: float | None, number: float) -> float | None:
    return None if total is None else total / number


def _sound(told: tuple[tuple[int, float | None], ...]) -> Iterator[Told]:
    return ((measure, value) for measure, value in told if value is not None and 0.0 <= value < _MOST)
