"""Judged flows on their way from a worker, and how those of several workers come into one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from coldtrail.alerts.grouping import Judged, Sorted
from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.looking import Looked
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.runs import Runs, all_of, column_type
from coldtrail.detectors.drift.timed import Timed
from coldtrail.features.batch import Ints
from coldtrail.pipeline import Prepared
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.verbs.passed import Passed, PassedPart


class JudgedPart(Struct, frozen=True, array_like=True):
    """Some flows of one worker, in their order."""

    numbers: bytes
    """Where the trace of each flow stands among all; int64, as all whole numbers that no record holds."""
    readings: list[bytes]
    tie: bytes
    alarmed: bytes
    shown_flow: bytes
    shown_kind: bytes
    timed: list[bytes]
    items: list[bytes]
    runs: list[tuple[FunctionKey, str | None, int]]
    strange: list[tuple[int, Verdict, Flow]]
    """The anomalous flows, with their places among these."""
    contradictory: list[Judged]
    passed: PassedPart


def part_of(numbers: Sequence[int], prepared: Prepared, passed: Passed) -> JudgedPart:
    """What was made of flows, to be sent."""
    runs, items = prepared.looked
    sorted_out = prepared.sorted_out
    assert sorted_out is not None
    strange = np.flatnonzero(runs.alarmed).tolist()
    return JudgedPart(
        np.array(numbers, np.int64).tobytes(),
        [column.tobytes() for column in runs.readings],
        runs.tie.tobytes(),
        runs.alarmed.tobytes(),
        runs.shown.flow.astype(np.int64).tobytes(),
        runs.shown.kind.astype(np.int64).tobytes(),
        [column.tobytes() for column in runs.timed],
        items,
        [(*of, number) for of, number in sorted_out.runs.items()],
        [(row, *pair) for row, pair in zip(strange, sorted_out.strange, strict=True)],
        list(sorted_out.contradictory),
        passed.part(),
    )


class _Rows(NamedTuple):
    """Flows of a part that were not taken yet; what is counted by function, and which flows contradict
    themselves, is so of all of the part."""

    numbers: Ints
    runs: Runs
    items: list[bytes]
    counted: Mapping[tuple[FunctionKey, str | None], int]
    strange: list[tuple[int, Judged]]
    contradictory: Sequence[Judged] = ()

    def parted(self, bound: int) -> tuple[_Rows | None, _Rows | None]:
        """The flows of traces up to that number, by which all are counted, and the others."""
        end, of = int(np.searchsorted(self.numbers, bound, side="right")), len(self.numbers)
        if end in (0, of):
            return (self, None) if end else (None, self)
        first = self._rows(0, end, self.counted)._replace(contradictory=self.contradictory)
        return first, self._rows(end, of, {})

    def _rows(self, first: int, end: int, counted: Mapping[tuple[FunctionKey, str | None], int]) -> _Rows:
        return _Rows(
            self.numbers[first:end],
            self.runs.take(np.arange(first, end)),
            self.items[first:end],
            counted,
            [(row - first, pair) for row, pair in self.strange if first <= row < end],
        )


def _rows_of(part: JudgedPart) -> _Rows:
    names = zip(Readings._fields, part.readings, strict=True)
    readings = Readings._make(np.frombuffer(column, column_type(name)) for name, column in names)
    numbers = np.frombuffer(part.numbers, np.int64)
    shown = Presence(np.frombuffer(part.shown_flow, np.int64), np.frombuffer(part.shown_kind, np.int64))
    runs = Runs(
        readings,
        np.frombuffer(part.tie, np.uint32),
        np.frombuffer(part.alarmed, np.bool_),
        np.full(len(numbers), -1),
        shown,
        Timed.of(part.timed),
    )
    counted = {(key, version): number for key, version, number in part.runs}
    strange = [(row, (one, flow)) for row, one, flow in part.strange]
    return _Rows(numbers, runs, part.items, counted, strange, part.contradictory)


def in_order(workers: Sequence[Iterator[JudgedPart]]) -> Iterator[Prepared]:
    """The flows of all workers in the order of their traces; each worker gives its own in that order."""
    held: dict[int, _Rows] = {}
    going = dict(enumerate(workers))
    while True:
        for number in [one for one in going if one not in held]:
            part = next(going[number], None)
            if part is None:
                del going[number]
            else:
                held[number] = _rows_of(part)
        if not held:
            return
        bound = min(int(rows.numbers[-1]) for rows in held.values())
        due = []
        for number, rows in list(held.items()):
            some, rest = rows.parted(bound)
            due += [some] if some else []
            if rest:
                held[number] = rest
            else:
                del held[number]
        yield _together(due)


def _together(parts: Sequence[_Rows]) -> Prepared:
    """The flows of several workers, by their traces."""
    numbers = np.concatenate([part.numbers for part in parts])
    order = np.argsort(numbers, kind="stable")
    items = [item for part in parts for item in part.items]
    counted: dict[tuple[FunctionKey, str | None], int] = {}
    strange: list[tuple[int, Judged]] = []
    for part in parts:
        for of, number in part.counted.items():
            counted[of] = counted.get(of, 0) + number
        strange += [(int(part.numbers[row]), pair) for row, pair in part.strange]
    strange.sort(key=lambda one: one[0])
    looked = Looked(all_of([part.runs for part in parts]).take(order), [items[i] for i in order.tolist()])
    contradictory = [pair for part in parts for pair in part.contradictory]
    return Prepared(looked, Sorted(counted, [pair for _, pair in strange], contradictory))
