"""How long each step of each function usually takes, and how strange a time is by that.

A time is compared with the step's own history by the score of its rank (`rank_scores.py`): so heavy tails,
caches and calls of any length count alike. What the hour of the day explains is taken out. The log e-value is
the likelihood ratio of a mean that has risen (Page, "Continuous Inspection Schemes", 1954,
https://doi.org/10.1093/biomet/41.1-2.100) beyond a margin: the error of the history's own mean, and how much
the mean differs between parts of it, as it does between busy and calm days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.drift.rank_scores import POINTS, RankScores
from coldtrail.detectors.drift.timed import A_UNIT, WHOLE, Timed, Times, Values
from coldtrail.features.batch import Bools, Floats, Ints

HOURS = 24
RISE = 1 / 3
"""The rise of the mean that is waited for, in standard deviations: what shows best within 200 runs."""
EXACT = 2.0**-20
"""Log e-values are multiples of this, so that their sums are the same in whatever parts they are added."""
COLUMNS = ("function", "kind", "points", "mean", "margin", "spread", "limit", "counts", "hours")


@dataclass(frozen=True)
class StepTimes:
    """The steps of all functions that are followed, by function and kind ascending."""

    function: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    kind: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    points: Values = field(default_factory=lambda: np.zeros((0, POINTS), np.int16))
    """(step, point) quantiles; of all steps together, of the scores as `together` adds them."""
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    """(step,) of log times, far ones cut; of all steps together, of log ratios of runs to their medians."""
    margin: Floats = field(default_factory=lambda: np.zeros(0))
    """(step,) standard deviations by which the mean may have risen by chance."""
    spread: Floats = field(default_factory=lambda: np.zeros(0))
    """(step,) by how many standard deviations as independent runs would the mean of some runs, one after the
    other, varies: more than one where what slows a run slows the next ones as well."""
    limit: Floats = field(default_factory=lambda: np.zeros(0))
    """(step,) the log CUSUM statistic above which a rise is told."""
    counts: Floats = field(default_factory=lambda: np.zeros(0))
    """(step,) how much it counts among all: one by the standard deviation of its log times. Of all steps
    together, how much the scores of one run have in common (intraclass correlation)."""
    hours: Floats = field(default_factory=lambda: np.zeros((0, HOURS)))
    """(step, hour) by how many standard deviations times are longer at this hour of the day (UTC)."""

    def __len__(self) -> int:
        return len(self.function)

    @cached_property
    def whole(self) -> Ints:
        """(step,) the row of all steps of its function together; -1 where there is none."""
        rows = np.flatnonzero(self.kind == WHOLE)
        if not len(rows):
            return np.full(len(self), -1)
        at = np.minimum(np.searchsorted(self.function[rows], self.function), len(rows) - 1)
        return np.where(self.function[rows[at]] == self.function, rows[at], -1)

    @cached_property
    def median(self) -> Floats:
        """(step,) of the log times."""
        middle: Floats = self.points[:, POINTS // 2] / A_UNIT
        return middle

    def timed(self, times: Times, function: Ints) -> Timed:
        """The times of steps that are followed; `function` are those of the runs."""
        rows = self.find(function[times.flow], times.kind)
        kept = np.flatnonzero(rows >= 0)
        return Timed(times.flow[kept], rows[kept].astype(np.int32), times.value[kept])

    def find(self, function: Ints, kind: Ints) -> Ints:
        """(time,) the row of a function's step, -1 where it is not followed."""
        if not len(self):
            return np.full(len(function), -1)
        most = max(int(self.kind.max()), int(kind.max(initial=0))) + 2
        known, asked = self.function * most + self.kind + 1, function * most + kind + 1
        at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        return np.where(known[at] == asked, at, -1)

    @cached_property
    def _rank_scores(self) -> RankScores:
        return RankScores(self.points, self.kind == WHOLE)

    def scores(self, timed: Timed, start: Floats) -> Floats:
        """(time,) how strange each is, in standard deviations; `start` are those of the runs."""
        hour = (start // 3600).astype(np.int64) % HOURS
        return self._rank_scores.of(timed.row, timed.value) - self.hours[timed.row, hour[timed.flow]]

    def together(self, timed: Timed, scores: Floats) -> tuple[Timed, Floats]:
        """The steps of each run as one time, for functions that are followed so, and how strange that is."""
        some = np.flatnonzero(self.whole[timed.row] >= 0)
        flow, row, counts = timed.flow[some], timed.row[some], self.counts[timed.row[some]]
        runs = int(flow.max(initial=-1)) + 1
        added = np.bincount(flow, counts * scores[some], runs)
        square, total = np.bincount(flow, counts**2, runs), np.bincount(flow, counts, runs)
        whole = np.full(runs, -1)
        whole[flow] = self.whole[row]
        known = np.flatnonzero(whole >= 0)
        common = self.counts[whole[known]]
        spread = np.sqrt(square[known] + common * (total[known] ** 2 - square[known]))
        value = as_values(added[known] / spread)
        told = Timed(known, whole[known].astype(np.int32), value)
        return told, self._rank_scores.of(told.row, value)

    def log_e_values(self, row: NDArray[np.integer], scores: Floats) -> Floats:
        """(time,) by how much each raises the log CUSUM statistic."""
        risen = RISE * (scores - self.margin[row]) / self.spread[row] - RISE**2 / 2
        exact: Floats = np.rint(risen / EXACT) * EXACT
        return exact

    def ratios(self, timed: Timed) -> Floats:
        """(run,) by how much longer the steps of each took together than their medians, as a logarithm; 0
        for runs without steps."""
        runs = int(timed.flow.max(initial=-1)) + 1
        took = np.bincount(timed.flow, np.exp(timed.value / A_UNIT), runs)
        usual = np.bincount(timed.flow, np.exp(self.median[timed.row]), runs)
        return np.log(np.where(took > 0, took, 1.0) / np.where(usual > 0, usual, 1.0))

    def take(self, rows: Ints | Bools) -> StepTimes:
        """Only those of the given rows, which ascend."""
        return StepTimes.of({name: column[rows] for name, column in self.columns().items()})

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[Any]]) -> StepTimes:
        """Those of arrays by their names."""
        return cls(**{name: columns[name] for name in COLUMNS})

    def columns(self) -> dict[str, NDArray[Any]]:
        """The arrays by their names."""
        return {name: getattr(self, name) for name in COLUMNS}

    def with_those_of(self, other: StepTimes, functions: Ints) -> StepTimes:
        """These, but for some functions those of another."""
        kept = self.take(~np.isin(self.function, functions))
        return kept.beside(other.take(np.isin(other.function, functions)))

    def moved(self, risen: Mapping[tuple[int, int], float]) -> StepTimes:
        """The steps to which longer times are usual: by function and step, or by function and `WHOLE` for all
        of its steps, how far they have risen as logarithms."""
        rise = np.zeros(len(self))
        for (function, kind), by in risen.items():
            mine = self.function == function
            rise[mine & ((self.kind == kind) | (kind == WHOLE))] = by
        rise[self.kind == WHOLE] = 0.0
        points = self.points + np.rint(A_UNIT * rise).astype(np.int64)[:, None]
        points = np.clip(points, -32_000, 32_000).astype(np.int16)
        return replace(self, points=points, mean=self.mean + rise)

    def beside(self, other: StepTimes) -> StepTimes:
        """These and those of another, of which none are the same."""
        parts = self.columns(), other.columns()
        every = StepTimes.of({name: np.concatenate([one[name] for one in parts]) for name in COLUMNS})
        return every.take(np.lexsort((every.kind, every.function)))


def as_values(amounts: Floats) -> Values:
    """Numbers in thousandths, as far as they fit."""
    values: Values = np.clip(np.rint(A_UNIT * amounts), -32_000, 32_000).astype(np.int16)
    return values
