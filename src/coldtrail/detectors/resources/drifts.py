"""Who uses a little more each day: a mean with short memory against one with long memory.

A baseline that adapts learns an attacker who adds 1 % a day. With half-lives of 14 and 180 days and a bar of
e^0.3 he is told on day 48, by which time the function uses 1.6 times as much; a mean of 5 days, judged by how
much the function's own days differ, tells him by day 30.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.resources.levels import JUMP, YOUNG, Judged
from coldtrail.detectors.resources.measures import MEASURES
from coldtrail.detectors.resources.table import Column, Rows, Table

READY_DAYS = 14.0
_FAST_DAYS, _SLOW_DAYS, _SURE_DAYS = 5.0, 180.0, 28.0
_FAST, _SLOW = (1.0 - 0.5 ** (1.0 / days) for days in (_FAST_DAYS, _SLOW_DAYS))
_SDS = 6.0
_FAST_SHARE = (_FAST / (2.0 - _FAST)) ** 0.5
"""The standard deviation of the fast mean, in those of days."""
_FLOOR = 0.03
_WORST_DAYS = 30.0
_MARGIN = 1.5
_JUMP_SDS = 2.0
_FEW = 5.0
"""A day of so few values shows no release for what it is, so that releases add up: twice as much is asked."""
_LEAST = np.array([measure.drift for measure in MEASURES])
_VARIANCES = np.array([measure.usual_sd**2 for measure in MEASURES])


def follow(table: Table, found: Judged, day: int) -> tuple[Column, Column]:
    """Take days in, before baselines learn them, but those of which a strange level is told already; of each
    row how far the means are apart, and how far they have to be to be told, which is infinite where that
    cannot be said."""
    calm = (table["told"][found.rows] == 0) | (table["told_day"][found.rows] != day)
    apart, bars = np.zeros(len(calm)), np.full(len(calm), np.inf)
    apart[calm], bars[calm] = _follow(table, found.rows[calm], found.effect[calm], found.number[calm])
    return apart, bars


def _follow(table: Table, rows: Rows, effect: Column, number: Column) -> tuple[Column, Column]:
    days = table["days"][rows].astype(np.float64)
    level = table["mean"][rows] + effect
    step = level - table["last"][rows]
    least = np.maximum(JUMP, _JUMP_SDS * np.sqrt(table["steps"][rows]))
    new = (table["doubt"][rows] > YOUNG) & (days > 0) & (np.abs(step) > least)
    _step(table, rows, level, np.where(new, step, 0.0), days)
    apart = (table["fast"][rows] - table["slow"][rows]).astype(np.float64)
    noise = np.sqrt(table["steps"][rows] + _FLOOR**2) * _FAST_SHARE
    few = 1.0 + _FEW / np.maximum(number, 1.0)
    least_told = np.maximum(few * _LEAST[rows % len(MEASURES)], _SDS * noise)
    bar = np.maximum(least_told, _MARGIN * table["worst_drift"][rows])
    table["worst_drift"][rows] += np.maximum(apart - table["worst_drift"][rows], 0.0) / _WORST_DAYS
    return apart, np.where(days + 1.0 >= READY_DAYS, bar, np.inf)


def _step(table: Table, rows: Rows, level: Column, jump: Column, days: Column) -> None:
    """Move the means by the days; those of a release by its jump."""
    first = days == 0
    variance = table["steps"][rows] + _VARIANCES[rows % len(MEASURES)] / (days + 1.0)
    most = 3.0 * np.sqrt(variance + _FLOOR**2)
    for name, gain in (
        ("fast", np.maximum(_FAST, 1.0 / (days + 1.0))),
        ("slow", np.where(days < _SURE_DAYS, 1.0 / (days + 1.0), _SLOW)),
    ):
        mean = table[name][rows] + jump
        table[name][rows] = np.where(first, level, mean + gain * np.clip(level - mean, -most, most))
    step = np.minimum((level - table["last"][rows] - jump) ** 2 / 2.0, 9.0 * variance)
    share = np.where(first, 0.0, np.maximum(1.0 / np.maximum(days, 1.0), 0.05))
    table["steps"][rows] += share * (step - table["steps"][rows])
    table["last"][rows] = level
