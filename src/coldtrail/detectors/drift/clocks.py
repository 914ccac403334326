"""The clocks by which an absence is counted: a function's own runs, and those of its application.

Sums go from run to run, so that where the input is cut changes no bit of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from coldtrail.detectors.drift.absence_limits import WHOLE, applications_of
from coldtrail.detectors.drift.baselines import AbsenceLimits
from coldtrail.detectors.drift.runs import Runs
from coldtrail.features.batch import Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.stage import State, packed, unpacked


class Time(NamedTuple):
    """What a clock shows after a run."""

    clock: float = 0.0
    runs: float = 0.0
    """All that have come."""
    start: float = 0.0
    """Of the run, UTC epoch seconds."""


class Line(NamedTuple):
    """The runs of one function, or of one application, among some."""

    rows: Ints
    clock: Floats
    runs: Floats
    """(run,) how many have come, this one included."""
    start: Floats

    def time(self, at: int) -> Time:
        """What the clock shows after one of the runs."""
        return Time(float(self.clock[at]), float(self.runs[at]), float(self.start[at]))

    def passes(self, clock: float) -> float | None:
        """The start of the first run after which the clock shows more; None where it never does."""
        at = int(np.searchsorted(self.clock, clock, "right"))
        return float(self.start[at]) if at < len(self.clock) else None


class Clocks:
    """All clocks of what is awaited."""

    def __init__(self, limits: AbsenceLimits, words: Vocabulary) -> None:
        self._applications = applications_of(words)
        self._awaited = limits.keys()
        self._paces = {
            self.application(function): kinds[WHOLE].pace
            for function, kinds in limits.items()
            if WHOLE in kinds
        }
        self.own: dict[int, Time] = {}
        """By function; its clock counts the runs that are complete and did not alarm."""
        self.together: dict[int, Time] = {}
        """By application; its clock goes no faster than one run in its pace."""

    def application(self, function: int) -> int:
        """The number of a function's application."""
        return int(self._applications[function])

    def each_own(self, runs: Runs) -> dict[int, Line]:
        """By function, the runs that move its own clock, which they do."""
        quiet = ~runs.alarmed & (runs.readings.complete == 1)
        lines: dict[int, Line] = {}
        for function, rows in _by(runs.readings.function):
            if function in self._awaited:
                before, start = self.own.get(function, Time()), runs.readings.start[rows]
                clock = before.clock + np.cumsum(quiet[rows])
                lines[function] = Line(rows, clock, clock, start)
                self.own[function] = lines[function].time(-1)
        return lines

    def each_together(self, runs: Runs) -> dict[int, Line]:
        """By application, the runs that move its clock, which they do."""
        function = runs.readings.function
        of = self._applications[np.where(function < len(self._applications), function, 0)]
        lines: dict[int, Line] = {}
        for application, rows in _by(of):
            if application in self._paces:
                start = runs.readings.start[rows]
                before = self.together.get(application, Time(start=float(start[0])))
                since = np.maximum(np.diff(start, prepend=before.start), 0.0)
                passed = np.minimum(1.0, since / self._paces[application])
                clock = np.cumsum(np.concatenate([[before.clock], passed]))[1:]
                count = before.runs + np.arange(1.0, len(rows) + 1)
                lines[application] = Line(rows, clock, count, start)
                self.together[application] = lines[application].time(-1)
        return lines

    def snapshot(self) -> State:
        """What the clocks show."""
        return {"own": packed(self.own), "together": packed(self.together)}

    def restore(self, state: State) -> None:
        """Set the clocks to what `snapshot` gave; raises `BundleError` where that is damaged."""
        self.own = unpacked(state, "own", dict[int, Time])
        self.together = unpacked(state, "together", dict[int, Time])


def _by(groups: Ints) -> Iterator[tuple[int, Ints]]:
    """Each group with its rows, in order."""
    order = np.argsort(groups, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        if len(rows):
            yield int(groups[rows[0]]), rows
