"""The CUSUM statistic in one measure of a function, and what was seen since it last left zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct, field

from coldtrail.detectors.drift.baselines import Baseline
from coldtrail.detectors.drift.effects import Effect, kind_of, value_of
from coldtrail.detectors.drift.readings import CALLERS, PATHS, RATE, Reading, Readings
from coldtrail.features.batch import Floats, Ints

CERTAIN = 0.5
"""Part of its threshold from which a statistic shows a shift: earlier runs may lie before its onset."""
MOST_REFERENCES = 100
MOST_KINDS = 32

_FEW, _MANY = 64, 4096
"""Runs that are passed over at once, until the statistic has been zero, and then."""
_SURE = 1e-3
"""Far more than what sums of so many log e-values differ by in whatever order they are added."""
NOWHERE = -1
"""The place of no flow."""


class Stretch(NamedTuple):
    """Runs of one function, one after the other, as far as they count in one measure."""

    baseline: Baseline
    measure: int
    readings: Readings
    """Of all runs of the function."""
    places: Sequence[int]
    """Of the readings that count, those among them."""
    lies: Ints
    """Of all runs, where their flows lie on the shelf."""
    factors: Floats
    """The log e-values by which the statistic grows, of those that count."""
    gaps: Floats | None = None
    """Of all runs, what `log_gaps` gives; None where no further shift is asked for."""
    values: Floats | None = None
    """What those that count add to the mean from which the effect is told; None where their readings tell."""
    loads: Floats | None = None
    """Of all runs, how many times as busy as usual their application is; None where that is not known."""
    limit: float | None = None
    """The log of the statistic above which a shift is told; None where the baseline says."""

    def start(self, at: int) -> float:
        """The start of one of the runs that count."""
        return float(self.readings.start[self.places[at]])

    @property
    def threshold(self) -> float:
        """The log of the statistic above which a shift is told."""
        return self.baseline.thresholds[self.measure] if self.limit is None else self.limit


class Cusum(Struct):
    """The log of a CUSUM statistic, never negative, and what was seen since it last left zero."""

    statistic: float = field(default=0.0, name="stake")
    told: bool = False
    since: float = 0.0
    runs: int = 0
    certain_since: float = 0.0
    """Start of the run before the first at which the statistic was half its threshold."""
    certain_runs: int = 0
    value: float = 0.0
    """Mean of `value_of` these."""
    kinds: dict[int, tuple[float, int]] = {}
    """Sum of log e-values and number of these by kind."""
    flows: list[int] = []
    """Where those of the first runs that raised the statistic lie."""
    look: int = NOWHERE
    """Where that of the run lies that raised it most."""
    look_factor: float = 0.0
    effects: list[Effect] = []
    """What was told since it last left zero, one a path or caller: it is compared with that from then on."""
    further: Cusum | None = None
    """The statistic of what goes beyond."""
    settled: int = 0
    """Runs since something was told."""
    told_as: int = NOWHERE
    """The measure that was told, where that depends on the effect."""
    went_on: bool = False
    """Whether something has gone beyond what was told first."""

    def pass_over(self, runs: Stretch, first: int) -> int:
        """Where the first run from `first` on stands after which the statistic is certain; those before
        count."""
        return self.pass_over_zero(runs, first)[0]

    def pass_over_zero(self, runs: Stretch, first: int) -> tuple[int, int | None]:
        """The same, and where the first of those stands that sets the statistic to zero, if one does."""
        factors, certain = runs.factors, CERTAIN * runs.threshold
        statistic, zero, end, ended = self.statistic, first - 1, len(factors), None
        at, last = first, end
        while at < last and end == last:
            some = factors[at : at + (_FEW if ended is None else _MANY)]
            passed = 0 if ended is None or len(some) < _FEW else _to_a_sure_zero(some, statistic, certain)
            if passed:
                statistic, zero = 0.0, at + passed - 1
            for place, factor in enumerate(some[passed:].tolist(), at + passed):
                grown = statistic + factor
                if grown <= 0.0:
                    statistic, zero = 0.0, place
                    ended = place if ended is None else ended
                elif grown < certain:
                    statistic = grown
                else:
                    end = place
                    break
            at += len(some)
        if zero >= first:
            self._clear()
        self.statistic = statistic
        if zero + 1 < end:
            self._note(runs, zero + 1, end)
            self.certain_since, self.certain_runs = runs.start(end - 1), 0
        return end, ended

    def grow(self, runs: Stretch, at: int) -> bool:
        """Whether a run leaves the statistic above its threshold, to which it is then cut."""
        grown = self.statistic + runs.factors.item(at)
        if grown <= 0.0:
            self._clear()
            return False
        self._note(runs, at, at + 1)
        self.statistic = min(grown, runs.threshold)
        if grown < CERTAIN * runs.threshold:
            self.certain_since, self.certain_runs = runs.start(at), 0
            return False
        self._measure(runs, at)
        return grown > runs.threshold

    def go_on(self, runs: Stretch, first: int) -> int:
        """Where the first run from `first` on stands that does not leave the statistic certain, of which a
        shift was told; those before, not more than some, count as in `grow`."""
        threshold, statistic, end = runs.threshold, self.statistic, first
        for factor in runs.factors[first : first + _MANY].tolist():
            grown = statistic + factor
            if grown <= 0.0 or grown < CERTAIN * threshold:
                break
            statistic, end = min(grown, threshold), end + 1
        if end > first:
            self.statistic = statistic
            self._note(runs, first, end)
            self._measure_all(runs, first, end)
        return end

    def _clear(self) -> None:
        """Sets the statistic back to zero, and ends a shift that was told."""
        self.statistic, self.told = 0.0, False
        self.runs, self.certain_runs = 0, 0
        self.flows = []
        self.look, self.look_factor = NOWHERE, 0.0

    def _note(self, runs: Stretch, first: int, end: int) -> None:
        if not self.runs:
            self.since = self.certain_since = runs.start(first)
        self.runs += end - first
        for at, factor in enumerate(runs.factors[first:end].tolist(), first):
            if factor <= 0.0:
                continue
            if len(self.flows) < MOST_REFERENCES:
                self.flows.append(int(runs.lies[runs.places[at]]))
            if factor > self.look_factor:
                self.look, self.look_factor = int(runs.lies[runs.places[at]]), factor

    def _measure_all(self, runs: Stretch, first: int, end: int) -> None:
        if runs.measure == RATE or runs.values is not None:
            values = runs.values if runs.values is not None else np.zeros(end)
            for value in values[first:end].tolist():
                self._add_value(value)
        elif end - first < _FEW:
            for at in range(first, end):
                self._measure(runs, at)
        else:
            readings = runs.readings.take(np.array(runs.places[first:end], np.int64))
            pairs = zip(readings.rows(), runs.factors[first:end].tolist(), strict=True)
            for reading, factor in pairs:
                self._add(runs, reading, factor)

    def _measure(self, runs: Stretch, at: int) -> None:
        if runs.values is not None:
            self._add_value(runs.values.item(at))
            return
        place = runs.places[at]
        reading = Reading._make([column.item(place) for column in runs.readings])
        self._add(runs, reading, runs.factors.item(at))

    def _add(self, runs: Stretch, reading: Reading, factor: float) -> None:
        baseline, measure = runs.baseline, runs.measure
        self._add_value(value_of(baseline, measure, reading))
        if measure in (PATHS, CALLERS):
            kind = kind_of(baseline, measure, reading)
            if kind in self.kinds or len(self.kinds) < MOST_KINDS:
                total, number = self.kinds.get(kind, (0.0, 0))
                self.kinds[kind] = total + factor, number + 1

    def _add_value(self, value: float) -> None:
        if not self.certain_runs:
            self.value, self.kinds = 0.0, {}
        self.certain_runs += 1
        self.value += (value - self.value) / self.certain_runs


def _to_a_sure_zero(factors: Floats, statistic: float, certain: float) -> int:
    """How many of the runs lead to the last one that surely sets the statistic to zero, none before which
    can have made it certain; 0 where there is none.

    A sum that is set back to zero is the sum without that, less the least that this has been so far.
    """
    summed = np.cumsum(factors) + statistic
    least = np.minimum(np.minimum.accumulate(summed), 0.0)
    grown = summed - np.append(0.0, least[:-1])
    high = np.flatnonzero(grown > certain - _SURE)
    zeros = np.flatnonzero(grown[: high[0] if len(high) else len(grown)] < -_SURE)
    return int(zeros[-1]) + 1 if len(zeros) else 0
