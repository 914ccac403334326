"""Who uses a little more each day: a mean with short memory against one with long memory.

A baseline that adapts learns an attacker who adds 1 % a day. With half-lives of 14 and 180 days and a bar of
e^0.3 he is told on day 48, by which time the function uses 1.6 times as much; a mean of 5 days, judged by how
much the function's own days differ, tells him by day 30.

Days that lie above the last ones are followed by others that do (a week of load, a cache that fills), so that
the short mean strays by more than single steps between days say: by how much, the function's own days tell. A
release moves both means by what its first days show, and leaves the distance as it was, known a little worse.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.resources.levels import SETTLING_DAYS, Judged
from coldtrail.detectors.resources.measures import MEASURES
from coldtrail.detectors.resources.table import Column, Rows, Table

READY_DAYS = 14.0
_FAST_DAYS, _SLOW_DAYS, _SURE_DAYS = 5.0, 180.0, 28.0
_FAST, _SLOW = (1.0 - 0.5 ** (1.0 / days) for days in (_FAST_DAYS, _SLOW_DAYS))
_FAST_SHARE = _FAST / (2.0 - _FAST)
"""The variance of the fast mean, in that of days that have nothing to do with each other."""
_MOST_LASTING = 0.9
_SHARP, _LAG_SHARE = 0.02, 0.15
_FLOOR = 0.03
_LEAST = np.array([measure.drift for measure in MEASURES])
_SDS = np.array([measure.drift_sds for measure in MEASURES])
_VARIANCES = np.array([measure.usual_sd**2 for measure in MEASURES])


def follow(table: Table, found: Judged, day: int) -> tuple[Column, Column]:
    """Take days in, before baselines learn them, but those of which a strange level is told already; of each
    row how far the means are apart, and how far they have to be to be told, which is infinite where that
    cannot be said."""
    calm = (table["told"][found.rows] == 0) | (table["told_day"][found.rows] != day)
    apart, bars = np.zeros(len(calm)), np.full(len(calm), np.inf)
    settling = table["settling"][found.rows] > 0
    effect = np.where(settling, found.whole, found.effect)
    apart[calm], bars[calm] = _follow(table, found.rows[calm], effect[calm])
    return apart, bars


def _follow(table: Table, rows: Rows, effect: Column) -> tuple[Column, Column]:
    days = table["days"][rows].astype(np.float64)
    level = table["mean"][rows] + effect
    new = _settle(table, rows, level, days)
    _step(table, rows, level, days, new)
    apart = (table["fast"][rows] - table["slow"][rows]).astype(np.float64)
    measure = rows % len(MEASURES)
    bar = np.maximum(_LEAST[measure], _SDS[measure] * _noise(table, rows, days))
    return apart, np.where(days + 1.0 >= READY_DAYS, bar, np.inf)


def _noise(table: Table, rows: Rows, days: Column) -> Column:
    """The standard deviation of the distance between the means."""
    wander = table["wander"][rows] + _FLOOR**2
    lasting = np.clip(1.0 - (table["steps"][rows] + _FLOOR**2) / wander, 0.0, _MOST_LASTING) * (1.0 - _FAST)
    longer = (1.0 + lasting) / (1.0 - lasting)
    shares = _FAST_SHARE + 1.0 / np.minimum(days + 1.0, _SURE_DAYS)
    return np.asarray(np.sqrt(wander * longer * shares + table["shaken"][rows]))


def _settle(table: Table, rows: Rows, level: Column, days: Column) -> Column:
    """Move both means by what a release's first days show."""
    nth = SETTLING_DAYS - table["settling"][rows] + 1.0
    known = table["wander"][rows] + _VARIANCES[rows % len(MEASURES)] / (days + 1.0)
    needs = np.clip(np.ceil(np.sqrt(known) / _SHARP), 1.0, SETTLING_DAYS)
    new = (nth <= needs) & (days > 0)
    begins, sharp = new & (nth <= 1), needs <= 1
    of_last = level - table["last"][rows]
    of_days = (level - table["fast"][rows] - table["lag"][rows]) / np.maximum(nth, 1.0)
    jump = np.where(new, np.where(sharp, of_last, of_days), 0.0)
    table["fast"][rows] += jump
    table["slow"][rows] += jump
    of_several = table["wander"][rows] * (_FAST_SHARE + 1.0 / needs)
    table["shaken"][rows] += np.where(begins, np.where(sharp, 2.0 * table["steps"][rows], of_several), 0.0)
    table["last"][rows] = np.where(begins, level, table["last"][rows])
    table["settling"][rows] = np.where(new & (nth < needs), table["settling"][rows], 0.0)
    return np.asarray(new)


def _step(table: Table, rows: Rows, level: Column, days: Column, new: Column) -> None:
    """Move the means by the days, but while a release settles."""
    first = days == 0
    usual = _VARIANCES[rows % len(MEASURES)]
    share = np.where(first, 0.0, np.maximum(1.0 / np.maximum(days, 1.0), 0.05))
    above = np.where(first, 0.0, level - table["fast"][rows])
    variance = table["wander"][rows] + usual / (days + 1.0)
    most = 3.0 * np.sqrt(variance + _FLOOR**2)
    slow_gain = np.where(days < _SURE_DAYS, 1.0 / (days + 1.0), _SLOW)
    for name, gain in (("fast", np.maximum(_FAST, 1.0 / (days + 1.0))), ("slow", slow_gain)):
        mean = table[name][rows]
        moved = np.where(new, 0.0, gain * np.clip(level - mean, -most, most))
        table[name][rows] = np.where(first, level, mean + moved)
    table["shaken"][rows] *= (1.0 - slow_gain) ** 2
    off = np.clip(above - table["lag"][rows], -most, most)
    calm = np.where(new, 0.0, share)
    table["lag"][rows] += np.where(new, 0.0, np.maximum(share, _LAG_SHARE) * (days > 0)) * off
    table["wander"][rows] += calm * ((1.0 - share) * off**2 - table["wander"][rows])
    step = np.minimum((level - table["last"][rows]) ** 2 / 2.0, 9.0 * variance)
    table["steps"][rows] += share * (step - table["steps"][rows])
    table["last"][rows] = level
    table["settling"][rows] = np.maximum(table["settling"][rows] - 1.0, 0.0)
