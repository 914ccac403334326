"""Judged flows put aside in order, in a store, and merged when they are due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.runs import Runs, all_of, column_type
from coldtrail.detectors.drift.timed import Timed
from coldtrail.records.stage import Store

BLOCK = 4096
"""Flows that are read at once."""
MOST_SEQUENCES = 32
"""Sequences that are merged at once; a block of each is in memory then."""
GIVEN = 65_536
"""Flows that are given at once, about."""


class _Block(Struct, frozen=True, array_like=True):
    """The columns of flows, as bytes."""

    readings: list[bytes]
    tie: bytes
    alarmed: bytes
    place: bytes
    flow: bytes
    kind: bytes
    timed: list[bytes]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Block).decode
_Source = Iterator[Runs]


class _Stretch(NamedTuple):
    """Flows in order, in blocks that lie in the store from one number to another."""

    first: int
    end: int


def in_order(runs: Runs) -> Runs:
    """Flows in the order of their start; those that start together by their tie, and as they came."""
    return runs.take(np.lexsort((runs.tie, runs.readings.start)))


class Aside:
    """Flows in a store that belongs to them alone, as sequences that are each in order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._blocks = 0
        self._sequences: list[_Stretch] = []
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def afresh(self) -> Aside:
        """The same place without flows."""
        fresh = Aside(self._store)
        fresh._blocks = self._blocks
        return fresh

    def put(self, runs: Runs) -> None:
        """Puts flows that are in order aside; they came after those that were put aside before."""
        self._sequences.append(self._written(iter([runs])))
        self._number += len(runs)
        if len(self._sequences) == MOST_SEQUENCES:
            self._sequences = [self._written(_merged(list(map(self._read, self._sequences))))]

    def taken(self, later: Sequence[Runs]) -> Iterator[Runs]:
        """All flows, and some in order that came later, as one sequence; they are put aside no more."""
        sources = [*map(self._read, self._sequences), *(iter([runs]) for runs in later)]
        self._sequences, self._number = [], 0
        waiting: list[Runs] = []
        for runs in _merged(sources):
            waiting.append(runs)
            if sum(map(len, waiting)) >= GIVEN:
                yield all_of(waiting)
                waiting = []
        if waiting:
            yield all_of(waiting)

    def _written(self, parts: _Source) -> _Stretch:
        first = self._blocks
        for runs in parts:
            for start in range(0, len(runs), BLOCK):
                rows = np.arange(start, min(start + BLOCK, len(runs)))
                self._store.add([_encode(_block(runs.take(rows)))])
                self._blocks += 1
        return _Stretch(first, self._blocks)

    def _read(self, one: _Stretch) -> _Source:
        return (_runs(_decode(self._store.get(number))) for number in range(one.first, one.end))


class _Open:
    """A sequence that is being read: its next flows, at least one while there are more to come."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self.runs, self.has_ended = next(source), False

    @property
    def last(self) -> tuple[float, int]:
        """Start and tie of the last flow that was read."""
        return float(self.runs.readings.start[-1]), int(self.runs.tie[-1])

    def cut(self, bound: tuple[float, int]) -> Runs:
        """The flows before the bound, which are then held no more."""
        start, tie = bound
        starts = self.runs.readings.start
        before = int(np.count_nonzero((starts < start) | ((starts == start) & (self.runs.tie < tie))))
        cut = self.runs.take(np.arange(before))
        self.runs = self.runs.take(np.arange(before, len(self.runs)))
        return cut

    def read_on(self) -> None:
        """Reads more flows, if there are any."""
        more = next(self._source, None)
        if more is None:
            self.has_ended = True
        else:
            self.runs = all_of([self.runs, more])


def _merged(sources: Sequence[_Source]) -> _Source:
    """Sequences as one, a part at a time; of flows that start together with one tie, the earlier sequence's
    come first."""
    every = list(map(_Open, sources))
    while going := [one for one in every if not one.has_ended]:
        bound = min(one.last for one in going)
        some = [runs for one in every if len(runs := one.cut(bound))]
        if some:
            yield in_order(all_of(some))
        for one in going:
            if one.last == bound:
                one.read_on()
    rest = [one.runs for one in every if len(one.runs)]
    if rest:
        yield in_order(all_of(rest))


def _block(runs: Runs) -> _Block:
    return _Block(
        [column.tobytes() for column in runs.readings],
        runs.tie.tobytes(),
        runs.alarmed.tobytes(),
        runs.place.tobytes(),
        runs.shown.flow.tobytes(),
        runs.shown.kind.tobytes(),
        [column.tobytes() for column in runs.timed],
    )


def _runs(block: _Block) -> Runs:
    types = map(column_type, Readings._fields)
    return Runs(
        Readings._make(map(np.frombuffer, block.readings, types)),
        np.frombuffer(block.tie, np.uint32),
        np.frombuffer(block.alarmed, np.bool_),
        np.frombuffer(block.place, np.int64),
        Presence(np.frombuffer(block.flow, np.int64), np.frombuffer(block.kind, np.int64)),
        Timed.of(block.timed),
    )
