"""Takes the records of an hour to pieces: which row each value belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from coldtrail.assembly.remembered import Remembered
from coldtrail.detectors.resources import levels
from coldtrail.detectors.resources.columns import columns
from coldtrail.detectors.resources.costs import Costs
from coldtrail.detectors.resources.measures import (
    MEASURES,
    WINDOW,
    Told,
    told_by_report,
    told_by_window,
)
from coldtrail.detectors.resources.pools import group_of
from coldtrail.detectors.resources.strange_calls import StrangeCalls
from coldtrail.detectors.resources.table import Table
from coldtrail.detectors.resources.versions import Versions
from coldtrail.records.encounter import Encounter
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Change, Report

_WIDTH = len(MEASURES)
_FAR = 0.25
"""A value as far off the baseline, and beyond what its function usually scatters, is kept for showing."""
MOST_COUNTED = 1_000
"""Reports that are remembered, and no more than twice as many: what tells one twice does so at once."""
_CHANGES = ("UpdateFunctionCode", "UpdateFunctionConfiguration")


class Counting:
    """Functions, their versions, and what each used in the hour and day that run."""

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self.versions = Versions()
        self.table = columns()
        self.told = Table(dict.fromkeys(("by",), np.float32))
        """By function and measure, who is believed."""
        self.calls = StrangeCalls()
        self.counted = Remembered(MOST_COUNTED)
        """Reports that came last: what text and JSON of one log tell is one invocation."""
        self._rows: list[int] = []
        self._logarithms: list[float] = []
        self._ids: list[str | None] = []
        self._paying: list[int] = []
        self._usd: list[float] = []
        self._number: list[float] = []

    def count(self, batch: Sequence[Encounter], day: int) -> None:
        """Count these in, all of one hour."""
        for encounter in batch:
            what = encounter.what
            if isinstance(what, Window):
                self._window(encounter, what, day)
            elif isinstance(what, Report):
                self._report(encounter, what, day)
            elif isinstance(what, Change):
                self._change(encounter, what)
        self._add()

    def _window(self, encounter: Encounter, window: Window, day: int) -> None:
        if window.source != "metrics" or encounter.actor is None:
            return
        function = self._function(encounter)
        first = function * _WIDTH
        if not self.costs.table["reported"][function]:
            self._pay(function, self.costs.of_window(window), window.invocations)
        told = list(self._believed(first, WINDOW, told_by_window(window)))
        if told:
            self._values(function, "", day, told, None)

    def _report(self, encounter: Encounter, report: Report, day: int) -> None:
        if encounter.actor is None:
            return
        who, told = told_by_report(report)
        if not who or self._is_counted(report):
            return
        function = self._function(encounter)
        if report.memory_mb is not None:
            self.costs.table["group"][function] = group_of(report.memory_mb)
        usd = self.costs.of_report(report)
        if usd is not None:
            self.costs.table["reported"][function] = 1.0
            self._pay(function, usd, 1.0)
        believed = list(self._believed(function * _WIDTH, who, told))
        if believed:
            self._values(function, report.version or "", day, believed, report.request_id)

    def _is_counted(self, report: Report) -> bool:
        """Whether the same was counted just before; remembers it. A second attempt bears the name of the
        first, and took another time; what begins an instance has no name."""
        if report.request_id is None:
            return False
        named = f"{report.kind} {report.request_id} {report.duration_s}"
        if named in self.counted:
            return True
        self.counted.add(named)
        return False

    def _change(self, encounter: Encounter, change: Change) -> None:
        if encounter.target is None or change.error_code or change.operation not in _CHANGES:
            return
        for slot in self.versions.unversioned(encounter.target):
            levels.renewed(self.table, np.arange(slot * _WIDTH, (slot + 1) * _WIDTH))

    def _function(self, encounter: Encounter) -> int:
        assert encounter.actor is not None
        number = self.versions.function(encounter.actor)
        if number >= self.costs.table.length:
            self.costs.table.grow(1)
            self.told.grow(_WIDTH)
        return number

    def _believed(self, first: int, who: int, told: Iterator[Told]) -> Iterator[Told]:
        by = self.told["by"]
        for measure, value in told:
            if who >= by[first + measure]:
                by[first + measure] = who
                yield measure, value

    def _values(self, function: int, version: str, day: int, told: list[Told], request: str | None) -> None:
        slot, before = self.versions.slot(function, version, day)
        if before is not None:
            self.table.grow(_WIDTH)
            if before >= 0:
                new = np.arange(slot * _WIDTH, (slot + 1) * _WIDTH)
                levels.inherit(self.table, new, new - (slot - before) * _WIDTH)
        for measure, value in told:
            self._rows.append(slot * _WIDTH + measure)
            self._logarithms.append(MEASURES[measure].log_of(value))
            self._ids.append(request)

    def _pay(self, function: int, usd: float, calls: float) -> None:
        self._paying.append(function)
        self._usd.append(usd)
        self._number.append(calls if 0 <= calls < 1e12 else 0.0)

    def _add(self) -> None:
        """Count what was taken to pieces, in the order in which it came."""
        if self._paying:
            self.costs.add(np.array(self._paying), self._usd, self._number)
        if self._rows:
            rows = np.array(self._rows)
            off = levels.add(self.table, rows, np.array(self._logarithms))
            bar = np.maximum(_FAR, 4.0 * np.sqrt(self.table["within"][rows]))
            for place in np.flatnonzero((off > bar) & (self.table["days"][rows] > 0)).tolist():
                request = self._ids[place]
                if request is not None:
                    self.calls.add(self._rows[place] // _WIDTH, self._rows[place] % _WIDTH, request)
        for held in (self._rows, self._logarithms, self._ids, self._paying, self._usd, self._number):
            held.clear()
