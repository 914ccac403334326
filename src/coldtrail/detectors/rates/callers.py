"""Who calls whom, and how often a function runs for each run of its callers.

A sale makes all functions of an application run more often, an attack on one of them only that one. So where
traces tell that known functions start nearly all runs of a function, what is expected of it follows from
their own counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.counts import HELD, SCALES, Columns, Counts, Flags
from coldtrail.detectors.rates.surges import FLOOR, READY_MINUTES
from coldtrail.detectors.rates.table import Rows, Table
from coldtrail.detectors.rates.tails import Floats, surprise

_SLOTS = 3
"""Callers of a function that are told apart."""
_FROM = 1
"""The first scale that is judged: a call and what it starts may lie in two minutes."""
_EXPLAINED = 0.8
"""Of the runs, which known functions must have started."""
_LEAST_RUNS = 50.0
_PRIOR_BLOCKS = 3.0
_PRIOR_DISPERSION = 1.5
_DRIFT = 0.02
"""Squared coefficient of variation of the runs for each run of a caller."""
_KEPT_A_DAY = 0.5 ** (1 / 28)


class Callers(Table):
    """Links from functions to those that call them."""

    caller: NDArray[np.int32]
    """Columns of the callers, -1 for none."""
    runs: Floats
    """Traced runs that each started."""
    traced: Floats
    """All traced runs."""
    fed: Floats
    """The callers' own invocations since each is known, and those of the function in the same minutes."""
    own: Floats
    since: Floats
    """Minutes that are learned."""
    squares: Floats
    """Of what was not expected of blocks, by scale, and the sum of what was."""
    expected: Floats
    worst: NDArray[np.float32]
    """The largest surprise so far, of the two hours before, and of these."""
    last_worst: NDArray[np.float32]
    new_worst: NDArray[np.float32]
    rows: ClassVar[dict[str, Rows]] = {
        "caller": Rows(_SLOTS, np.int32, -1),
        "runs": Rows(_SLOTS, np.float64),
        "traced": Rows(1, np.float64),
        "fed": Rows(_SLOTS, np.float64),
        "own": Rows(_SLOTS, np.float64),
        "since": Rows(1, np.float64),
        "squares": Rows(3, np.float64),
        "expected": Rows(3, np.float64),
        "worst": Rows(1, np.float32),
        "last_worst": Rows(1, np.float32),
        "new_worst": Rows(1, np.float32),
    }

    def note(self, column: int, traced: int, callers: Iterable[tuple[int, int]]) -> None:
        """Counts traced runs of a function, and those that known functions started."""
        self.traced[0, column] += traced
        for caller, runs in callers:
            slots = self.caller[:, column]
            found = np.flatnonzero(slots == caller)
            slot = int(found[0]) if len(found) else self._free(column, runs)
            if slot < 0:
                continue
            self.caller[slot, column] = caller
            self.runs[slot, column] += runs

    def _free(self, column: int, runs: int) -> int:
        """A slot for a new caller: an empty one, or that of who calls less often; -1 where there is none."""
        slots = self.caller[:, column]
        empty = np.flatnonzero(slots < 0)
        slot = int(empty[0]) if len(empty) else int(self.runs[:, column].argmin())
        if not len(empty) and self.runs[slot, column] >= runs:
            return -1
        for kept in (self.runs, self.fed, self.own):
            kept[slot, column] = 0.0
        return slot

    def forget(self, column: int) -> None:
        """Lets a column be that of a new function, whom nobody calls and who calls nobody."""
        super().forget(column)
        self.caller[self.caller == column] = -1

    def known(self, columns: Columns) -> Flags:
        """The functions of which the callers' counts say what is to be expected."""
        since: Flags = self.since[0, columns] >= READY_MINUTES
        if not since.any():
            return since
        enough = since & (self.own[:, columns].max(axis=0) >= _LEAST_RUNS)
        found: Flags = enough & (self._shares(columns).sum(axis=0) >= _EXPLAINED)
        return found

    def main(self, column: int) -> int:
        """The column of who calls most often, -1 where nobody is known."""
        return int(self.caller[self.runs[:, column].argmax(), column])

    def called_by(self, column: int) -> Columns:
        """The functions that mostly this one starts."""
        of = slice(0, self.functions)
        calls = self.caller[:, of] == column
        share = np.where(calls, self.runs[:, of], 0.0).sum(axis=0)
        return np.flatnonzero((share > 0) & (share >= 0.5 * self.traced[0, of]))

    def means(self, counts: Counts, columns: Columns) -> Floats:
        """What is expected of the windows that end now, by scale from 5 minutes on."""
        share = self._shares(columns)
        rate = share * self.own[:, columns] / np.maximum(self.fed[:, columns], 1.0)
        callers = self.caller[:, columns]
        sums = np.where(callers >= 0, counts.sums[_FROM:, callers], 0.0)
        rest = np.maximum(1.0 - share.sum(axis=0), 0.0) * self.own[:, columns].max(axis=0)
        alone = rest / np.maximum(self.since[0, columns], 1.0) * np.array(SCALES[_FROM:])[:, None]
        means: Floats = (sums * rate).sum(axis=1) + alone + 0.5
        return means

    def scores(self, counts: Counts, columns: Columns, share: Floats) -> tuple[Floats, Floats]:
        """By scale from 5 minutes on and function, what was expected and how strange what came is: above 1
        for what was never as surprising."""
        means = self.means(counts, columns)
        blocks = self.since[0, columns] / np.array(SCALES[_FROM:])[:, None]
        dispersion = self.squares[:, columns] / np.maximum(self.expected[:, columns], 1.0)
        prior = _PRIOR_BLOCKS * _PRIOR_DISPERSION / share
        dispersion = (blocks * dispersion + prior) / (blocks + _PRIOR_BLOCKS)
        variance = (dispersion * means + _DRIFT * means * means) * share * share
        told = surprise(
            counts.sums[_FROM:, columns] * share, means * share, np.maximum(variance, means * share)
        )
        self.new_worst[0, columns] = np.maximum(self.new_worst[0, columns], told.max(axis=0))
        return means, told / np.maximum(FLOOR, self.worst[0, columns])

    def close(self, minute: int, counts: Counts) -> None:
        """Learns from a minute that ends, but for functions that run strangely often."""
        linked = np.flatnonzero((self.caller[:, : self.functions] >= 0).any(axis=0))
        if len(linked):
            self._learn(minute, counts, linked[counts.strange_until[0, linked] < minute])
        if not (minute + 1) % HELD:
            of = slice(0, self.functions)
            strange = counts.strange_until[0, of] > minute - 2 * HELD
            self.worst[0, of] = np.where(
                strange, self.worst[0, of], np.maximum(self.worst[0, of], self.last_worst[0, of])
            )
            self.last_worst[0, of] = self.new_worst[0, of]
            self.new_worst[0, of] = 0.0

    def _learn(self, minute: int, counts: Counts, columns: Columns) -> None:
        now = counts.held[minute % HELD]
        callers = self.caller[:, columns]
        known = callers >= 0
        self.fed[:, columns] += np.where(known, now[callers], 0.0)
        self.own[:, columns] += np.where(known, now[columns], 0.0)
        self.since[0, columns] += 1.0
        if (minute + 1) % SCALES[_FROM]:
            return
        means = self.means(counts, columns)
        for row, scale in enumerate(SCALES[_FROM:]):
            if not (minute + 1) % scale:
                missed = counts.sums[row + _FROM, columns] - means[row]
                self.squares[row, columns] += missed * missed
                self.expected[row, columns] += means[row]

    def _shares(self, columns: Columns) -> Floats:
        share: Floats = self.runs[:, columns] / np.maximum(self.traced[0, columns], 1.0)
        return share

    def end_days(self, days: int, new_generation: bool) -> None:
        """Forgets as much as within so many days."""
        kept = _KEPT_A_DAY ** min(days, 10_000)
        for name in ("runs", "traced", "fed", "own", "since", "squares", "expected"):
            self._of(name)[...] *= kept
        if new_generation:
            self.worst[...] *= 0.5
