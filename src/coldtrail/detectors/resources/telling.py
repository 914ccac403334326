"""What is strange, as signals: each thing once, until it has grown or comes back."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources.costs import PERIODS_S, Cost
from coldtrail.detectors.resources.levels import LIMIT, MARGIN, Judged
from coldtrail.detectors.resources.measures import CPU, DURATION, MEASURES
from coldtrail.detectors.resources.pools import Pools
from coldtrail.detectors.resources.table import Column, Table
from coldtrail.records.finding import Finding, Subject
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity

LEVEL, RELEASE, PEAK, DRIFT, COST = (
    "resource_level",
    "resource_release",
    "resource_peak",
    "resource_drift",
    "cost",
)
MINING = "mining"
"""Invocations that take longer and compute for longer, both at least twice as usual, at once."""
MINED = 0.7
PEAK_DAYS = 7
"""Single values are told once in so many days."""
JUDGED = 3
"""No way to be strange may take more than one part in so many of the budget: it has to be stranger then."""
_GROWN, _GROWN_MORE, _DRIFT_GROWN = 2.0, 0.2, 3.0


class Period(Struct, frozen=True):
    """The hour or days that ended."""

    way: str
    since: float
    at: float
    day: int


class Hit(Struct):
    """A row that is strange."""

    row: int
    kind: str
    effect: float
    number: float
    ratio: float
    """Of what was found to the bar that it passed."""


def hits(table: Table, found: Judged, day: int) -> list[Hit]:
    """What is to be told of an hour or day; remembers what is."""
    strange = (found.z >= LIMIT) | (found.young_z >= LIMIT)
    told = []
    for place in np.flatnonzero(strange).tolist():
        row = int(found.rows[place])
        if found.z[place] >= found.bar[place]:
            if _is_news(table, "told", row, float(found.whole[place])):
                told.append(_hit(found, place, LEVEL, float(found.z[place] / found.bar[place])))
        elif found.young_z[place] >= found.bar[place] and _is_news(
            table, "released", row, float(found.whole[place])
        ):
            told.append(_hit(found, place, RELEASE, float(found.young_z[place] / found.bar[place])))
        if found.z[place] >= LIMIT:
            table["told_day"][row] = day
    return told


def over(table: Table, found: Judged, day: int) -> None:
    """Forget that a level was told where the day was quiet; what was told as a level is no drift."""
    quiet = (found.z < LIMIT / 2) & (table["told_day"][found.rows] != day)
    over_now = quiet & (table["told"][found.rows] > 0)
    ended = found.rows[over_now]
    table["told"][ended] = 0.0
    for name in ("fast", "slow", "last"):
        table[name][ended] = table["mean"][ended] + found.effect[over_now]


def peak_hits(table: Table, peaks: Judged, day: int) -> list[Hit]:
    """What single values are to be told: no part of a level that is told already, and seldom."""
    told = []
    for place in np.flatnonzero(peaks.z >= MARGIN * peaks.bar).tolist():
        row = int(peaks.rows[place])
        if table["told"][row] == 0 and abs(day - table["peak_day"][row]) > PEAK_DAYS:
            table["peak_day"][row] = day
            told.append(_hit(peaks, place, PEAK, float(peaks.z[place] / peaks.bar[place])))
    return told


def _hit(found: Judged, place: int, kind: str, ratio: float) -> Hit:
    return Hit(int(found.rows[place]), kind, float(found.whole[place]), float(found.number[place]), ratio)


def _is_news(table: Table, name: str, row: int, effect: float) -> bool:
    """Whether nothing like it lasts, or it has grown much since it was told."""
    before = float(table[name][row])
    if before > 0 and effect < _GROWN * before + _GROWN_MORE:
        return False
    table[name][row] = effect
    return True


def drift_hits(table: Table, found: Judged, apart: Column, bars: Column) -> list[Hit]:
    """What drifted: each row once, until it has come back by half. A level that was told is no drift."""
    told = []
    for place in np.flatnonzero((apart >= bars) | (table["told_drift"][found.rows] > 0)).tolist():
        row = int(found.rows[place])
        before, ratio = table["told_drift"][row], float(apart[place] / bars[place])
        if apart[place] >= bars[place] and (before == 0 or apart[place] >= _DRIFT_GROWN * before):
            table["told_drift"][row] = apart[place]
            if table["told"][row] == 0:
                told.append(Hit(row, DRIFT, float(apart[place]), float(found.number[place]), ratio))
        elif before > 0 and apart[place] < before / 2:
            table["told_drift"][row] = 0.0
    return told


def with_mining(told: list[Hit]) -> list[Hit]:
    """The hits; of a version that takes longer and computes longer, mining in place of both."""
    rows = {hit.row: hit for hit in told if hit.kind == LEVEL and hit.effect >= MINED}
    width = len(MEASURES)
    mined = {row - CPU for row in rows if row % width == CPU and row - CPU + DURATION in rows}
    kept = []
    for hit in told:
        first = hit.row - hit.row % width
        if first not in mined or hit.kind != LEVEL or hit.row - first not in (CPU, DURATION):
            kept.append(hit)
        elif hit.row - first == CPU:
            hit.kind = MINING
            kept.append(hit)
    return kept


class Telling:
    """Makes signals."""

    def __init__(self, settings: BaselineSettings, table: Table, pools: Pools) -> None:
        self._table, self._pools = table, pools
        self._share = settings.alarms_a_function_day / JUDGED
        self._prices = settings.price_per_gb_second, settings.price_per_million_requests

    def signal(
        self, hit: Hit, whose: FunctionKey, version: str | None, period: Period, refs: tuple[str, ...]
    ) -> Signal:
        """What a hit says."""
        number = hit.row % len(MEASURES)
        way = {PEAK: "call", DRIFT: "drift"}.get(hit.kind, period.way)
        alone = hit.kind not in (PEAK, RELEASE)
        chance = self._pools.chance(way, number, hit.ratio)
        strength = self._pools.strength(way, number, hit.ratio)
        if hit.kind != RELEASE:
            self._pools.count(way, number)
        usual, seen = self._quantities(hit)
        return Signal(
            detector="resources",
            finding=Finding(hit.kind, Subject.of(whose), expected=usual, seen=seen),
            strength=min(strength, 3.0) if hit.kind == RELEASE else strength,
            since=period.since,
            at=period.at,
            refs=_refs(refs, period.since),
            count=max(int(hit.number), 1),
            alone=alone and chance <= self._share,
            version=version,
        )

    def _quantities(self, hit: Hit) -> tuple[Quantity, Quantity]:
        measure, table = MEASURES[hit.row % len(MEASURES)], self._table
        before = float(table["slow" if hit.kind == DRIFT else "mean"][hit.row])
        days = float(table["days"][hit.row])
        usual = Quantity(round(measure.value_of(before), 6), measure.unit, measure.name, days=days)
        return usual, Quantity(round(measure.value_of(before + hit.effect), 6), measure.unit, measure.name)

    def cost(self, cost: Cost, whose: FunctionKey, period: Period, young: bool) -> Signal:
        """What a period cost, and usually does."""
        ratio = cost.ratio
        dearer = cost.is_much and cost.dearer**2 >= ratio * 3.0 and not young
        chance, strength = self._pools.chance("cost", 0, ratio), self._pools.strength("cost", 0, ratio)
        self._pools.count("cost", 0)
        period_s = PERIODS_S[cost.period]
        return Signal(
            detector="resources",
            finding=Finding(
                COST,
                Subject.of(whose),
                expected=Quantity(cost.usual, "usd", "cost", period_s, most=cost.most, days=cost.days),
                seen=Quantity(cost.usd, "usd", "cost", period_s, prices=self._prices),
            ),
            strength=strength,
            since=period.since,
            at=period.at,
            refs=_refs((), period.since),
            count=max(int(cost.calls), 1),
            alone=dearer and chance <= self._share,
        )


def _refs(requests: tuple[str, ...], since: float) -> tuple[Ref, ...]:
    if requests:
        return tuple(Ref("request", one) for one in requests)
    return (Ref("minute", f"{since:.0f}"),)
