"""Whether an hour or a day of a function uses more than usual, by an exponentially weighted baseline.

Calls of one hour are no independent witnesses (they share instances, callers and load), so a mean is judged
by how much means of hours and of days differ, and a baseline is as sure as it has days.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from coldtrail.detectors.resources.columns import DAY, HOUR, HOURS, INHERITED, RECENT
from coldtrail.detectors.resources.measures import INIT, MEASURES
from coldtrail.detectors.resources.pools import Pools
from coldtrail.detectors.resources.table import Column, Rows, Table

HALF_LIFE_DAYS = 14.0
READY_DAYS = 5.0
LEAST_VALUES = 3.0
"""A level is that of several values: one that is strange is told as a peak at most."""
LEAST_STARTS = 5.0
"""Of starts more: three in a row that take long by chance are nothing rare."""
LIMIT = 3.5
"""The z from which on something is strange, where the function's own past holds nothing larger."""
PEAK_LIMIT = 6.0
"""That of single values."""
MARGIN = 1.1
"""By so much the worst of the past has to be passed."""
WORST_HALF_LIFE_DAYS = 120.0
DOUBT_OF_VERSION = 0.16
"""Variance of the logarithm that a new version may differ by: twice as much is nothing, 11 times is."""
NEW_DAYS = 2.0
"""It does so on the day that it begins and the next."""
YOUNG = 0.02
"""A version of which more is in doubt is new."""
JUMP = 0.04
"""A new version that uses as much more than the day before is a release, and no part of a drift."""
RECENT_HALF_LIFE_H = 6.0
SETTLING_DAYS = 4.0
"""So long a release's own level is learned before what follows is a drift."""
_GAIN = 1.0 - 0.5 ** (1.0 / HALF_LIFE_DAYS)
_RAISED = 1.1
_CUT_SDS, _CUT_LEVELS, _LEAST_CUT = 4.0, 10.0, 0.3
_USUAL_DAYS = 2.0
_LONG_H = 1_000
_FLOORS = np.array([measure.floor**2 for measure in MEASURES])
_LEAST = np.where(np.arange(len(MEASURES)) == INIT, LEAST_STARTS, LEAST_VALUES)
_MOST = np.array([measure.most for measure in MEASURES])
_USUAL_VARIANCES = np.array([measure.usual_sd**2 for measure in MEASURES])


class Judged(Struct):
    """Rows with what was found of each; all arrays are as long as the rows."""

    rows: Rows
    effect: Column
    """Logarithm of the ratio of the level to the usual one, single values cut off."""
    whole: Column
    """As it is."""
    number: Column
    """Of values."""
    z: Column
    bar: Column
    """That z has to reach."""
    young_z: Column
    """As if the version were not new; 0 where it is not."""


def bounds(table: Table, rows: Rows) -> tuple[Column, Column]:
    """The baseline of rows, and how far off a value counts: of a new version farther, it may lie there."""
    known = table["days"][rows] > 0
    between = np.sqrt(table["between_hours"][rows] + table["between_days"][rows])
    cut = np.maximum(_CUT_SDS * np.sqrt(table["within"][rows]), _LEAST_CUT + _CUT_LEVELS * between)
    cut = np.minimum(cut, _MOST[rows % len(MEASURES)])
    doubt = table["doubt"][rows]
    cut += np.where(doubt > YOUNG, _CUT_SDS * np.sqrt(doubt), 0.0)
    return table["mean"][rows].astype(np.float64), np.where(known, cut, np.inf)


def add(table: Table, rows: Rows, logarithms: Column) -> Column:
    """Count values in; each one's deviation from the baseline."""
    means, cuts = bounds(table, rows)
    off = logarithms - means
    cut = np.clip(off, -cuts, cuts)
    fresh = table["hour_n"][rows] == 0
    table["most"][rows[fresh]] = -np.inf
    table["top"][rows[table["n"][rows] == 0]] = -np.inf
    np.add.at(table["hour_n"], rows, 1.0)
    np.add.at(table["n"], rows, 1.0)
    np.add.at(table["sum"], rows, cut)
    np.add.at(table["squares"], rows, cut * cut)
    np.add.at(table["total"], rows, off)
    np.maximum.at(table["most"], rows, np.minimum(off, _MOST[rows % len(MEASURES)]))
    np.maximum.at(table["top"], rows, cut)
    return off


def judge_hour(table: Table, pools: Pools, groups: Column, elapsed: int) -> tuple[Judged, Judged]:
    """What the hour that ends holds, by itself or with those before it, so many hours after the last: levels,
    once there are several values, which are then added to their day, and the largest single values. Baselines
    stay as they are until the day ends."""
    active = np.flatnonzero(table["hour_n"][: table.length] > 0)
    peaks = _peaks(table, active, pools.within(table, active, groups))
    rows = active[table["n"][active] >= _LEAST[active % len(MEASURES)]]
    number = table["n"][rows]
    off = table["sum"][rows] / number
    within = pools.within(table, rows, groups)
    hours, days = _variances(table, rows)
    others = number - 1.0
    without_top = (table["sum"][rows] - table["top"][rows]) / others
    usual = within / others + hours + days + _floor(rows)
    recent, noise = _recent(table, rows, without_top, others, elapsed)
    lately = Lately(recent, noise[0] * within + noise[1] * hours + days + _floor(rows))
    found = _judged(table, rows, off, (without_top, usual), "worst_hour", lately)
    most = 3.0 * np.sqrt(usual)
    begins = rows[table["day_n"][rows] == 0]
    table["day_top"][begins] = -np.inf
    table["day_top"][rows] = np.maximum(table["day_top"][rows], table["top"][rows])
    for name in HOURS:
        table[f"day_{name}"][rows] += table[name][rows]
        table[name][rows] = 0.0
    table["day_hours"][rows] += 1.0
    table["day_spread"][rows] += np.clip(off, -most, most) ** 2 - within / number
    for name in HOUR:
        table[name][active] = 0.0
    return found, peaks


def _recent(
    table: Table, rows: Rows, off: Column, number: Column, elapsed: int
) -> tuple[Column, tuple[Column, Column]]:
    """The mean deviation of the last hours, and by what variances of values and of hours make its own."""
    weight = 0.5 ** (min(max(elapsed, 1), _LONG_H) / RECENT_HALF_LIFE_H)
    of = {"recent_n": number, "recent_sum": number * off}
    for name in RECENT:
        column = table[name]
        column[: table.length] *= weight if name in of else weight**2
        column[rows] += of.get(name, number if name == "recent_doubt" else number**2)
    total = table["recent_n"][rows].astype(np.float64)
    return table["recent_sum"][rows] / total, (
        table["recent_doubt"][rows] / total**2,
        table["recent_hours"][rows] / total**2,
    )


def _peaks(table: Table, rows: Rows, within: Column) -> Judged:
    """The largest value of each row in this hour, as if it were a level."""
    hours, days = _variances(table, rows)
    off, sd = table["most"][rows], np.sqrt(within + hours + days + _floor(rows) + table["doubt"][rows])
    z = np.where(_ready(table, rows), off / sd, 0.0)
    bar = np.maximum(PEAK_LIMIT, MARGIN * table["worst_call"][rows]).astype(np.float64)
    _remember(table, rows, "worst_call", z, bar)
    return Judged(rows, off, off, np.ones(len(rows)), z, bar, np.zeros(len(rows)))


def judge_day(table: Table, pools: Pools, groups: Column) -> Judged:
    """What the day that ends holds; hours with few values are still open and become part of the next."""
    rows = np.flatnonzero(table["day_n"][: table.length] > 0)
    number = table["day_n"][rows]
    off = table["day_sum"][rows] / number
    _, days = _variances(table, rows)
    others = number - 1.0
    usual = pools.within(table, rows, groups) / others + days + _floor(rows)
    without_top = (table["day_sum"][rows] - table["day_top"][rows]) / others
    return _judged(table, rows, off, (without_top, usual), "worst_day")


def learn_day(table: Table, pools: Pools, groups: Column, found: Judged) -> None:
    """Take the days into the baselines, none by more than three standard deviations."""
    rows, number, off = found.rows, found.number, found.effect
    first = table["days"][rows] == 0
    within = np.maximum(table["day_squares"][rows] - number * off**2, 0.0) / (number - 1.0)
    pools.learn(rows, groups, within, number)
    known = pools.within(table, rows, groups)
    _, days = _variances(table, rows)
    noise = known / number + days + _floor(rows)
    doubt = np.where(first, noise, table["doubt"][rows])
    step = np.clip(off, -3.0 * np.sqrt(noise + doubt), 3.0 * np.sqrt(noise + doubt))
    gain = np.where(first, 1.0, np.maximum(doubt / (doubt + noise), _GAIN))
    moved = np.where(first, off, gain * step)
    table["mean"][rows] += moved
    _shift(table, rows, moved)
    table["new_days"][rows] = np.maximum(table["new_days"][rows] - 1.0, 0.0)
    left = np.where(table["new_days"][rows] > 0, DOUBT_OF_VERSION, (1.0 - gain) * doubt)
    table["doubt"][rows] = np.where(first, noise, left)
    _learn_variances(table, rows, found, within, step**2 - doubt - known / number)
    table["days"][rows] += 1.0
    table["calls"][rows] = np.minimum(table["calls"][rows] + number, 1e6)
    for name in ("worst_call", "worst_hour", "worst_day"):
        table[name][rows] *= 0.5 ** (1.0 / WORST_HALF_LIFE_DAYS)
    for name in DAY:
        table[name][rows] = 0.0


def _shift(table: Table, rows: Rows, moved: Column) -> None:
    """What is counted of hours that are still open lies elsewhere now, as seen from the baseline."""
    number, total = table["n"][rows], table["sum"][rows]
    table["squares"][rows] += moved * (number * moved - 2.0 * total)
    for name in ("sum", "total", "top"):
        table[name][rows] -= moved * (number if name != "top" else 1.0)
    table["recent_sum"][rows] -= moved * table["recent_n"][rows]


def _learn_variances(table: Table, rows: Rows, found: Judged, within: Column, between: Column) -> None:
    days, number = table["days"][rows], found.number
    weight = np.where(days == 0, 1.0, number / (number + np.clip(table["calls"][rows], 1.0, 4.0 * number)))
    table["within"][rows] += weight * (within - table["within"][rows])
    share = np.where(days == 0, 0.0, np.maximum(1.0 / (days + 1.0), _GAIN))
    hours = table["day_spread"][rows] / table["day_hours"][rows] - found.effect**2
    for name, seen in (("between_hours", hours), ("between_days", between)):
        known = table[name][rows]
        most = 9.0 * (known + _USUAL_VARIANCES[rows % len(MEASURES)])
        table[name][rows] += share * (np.clip(seen, 0.0, most) - known)


def _variances(table: Table, rows: Rows) -> tuple[Column, Column]:
    """Between hours and between days, with what is usual for a measure until more is known."""
    usual = _USUAL_VARIANCES[rows % len(MEASURES)]
    days = np.minimum(table["days"][rows], 30.0)

    def of(name: str) -> Column:
        return (table[name][rows] * days + usual * _USUAL_DAYS) / (days + _USUAL_DAYS)

    return of("between_hours"), of("between_days")


def _floor(rows: Rows) -> Column:
    return _FLOORS[rows % len(MEASURES)]


def _ready(table: Table, rows: Rows) -> NDArray[np.bool_]:
    return np.asarray(table["days"][rows] >= READY_DAYS)


class Lately(Struct):
    """The mean deviation of the last hours, and its variance."""

    off: Column
    variance: Column


def _judged(
    table: Table,
    rows: Rows,
    off: Column,
    others: tuple[Column, Column],
    worst: str,
    lately: Lately | None = None,
) -> Judged:
    """Judges by the mean and variance of all values but the largest: one value is no level."""
    sums = ("day_n", "day_total") if worst == "worst_day" else ("n", "total")
    number, whole = (table[name][rows] for name in sums)
    doubt = table["doubt"][rows]
    fit = _ready(table, rows)
    whole = whole / number
    without_top, usual = others
    z = np.where(fit, without_top / np.sqrt(usual + doubt), 0.0)
    young = np.where(fit & (doubt > YOUNG), without_top / np.sqrt(usual), 0.0)
    if lately is not None:
        other = np.where(fit, lately.off / np.sqrt(lately.variance + doubt), 0.0)
        off, whole = np.where(other > z, lately.off, off), np.where(other > z, lately.off, whole)
        z = np.maximum(z, other)
    bar = np.maximum(LIMIT, MARGIN * table[worst][rows])
    _remember(table, rows, worst, z, bar)
    return Judged(rows, off, whole, number, z, bar.astype(np.float64), young)


def _remember(table: Table, rows: Rows, worst: str, z: Column, bar: Column) -> None:
    """The past's worst. What is strange just now raises it by little and once: it may come back."""
    before = table[worst][rows]
    raised = np.where(table["told"][rows] > 0, before, _RAISED * np.maximum(before, LIMIT / MARGIN))
    table[worst][rows] = np.maximum(before, np.where(z < bar, z, np.minimum(z, raised)))


def renewed(table: Table, rows: Rows) -> None:
    """The function of these rows was changed: what it now uses is in doubt, and none of what the open hours
    and the day hold is of it."""
    known = rows[table["days"][rows] > 0]
    table["doubt"][known] = np.maximum(table["doubt"][known], DOUBT_OF_VERSION)
    table["new_days"][known], table["released"][rows] = NEW_DAYS, 0.0
    table["settling"][known] = SETTLING_DAYS
    for name in (*HOURS, *DAY, *RECENT):
        table[name][rows] = 0.0


def inherit(table: Table, rows: Rows, before: Rows) -> None:
    """A new version begins from the baseline of the one before."""
    for name in INHERITED:
        table[name][rows] = table[name][before]
    renewed(table, rows)
