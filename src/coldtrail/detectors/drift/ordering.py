"""Judged flows put in the order of their start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.aside import Aside, in_order
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.runs import Runs, all_of, column_type
from coldtrail.detectors.drift.timed import Timed
from coldtrail.errors import BundleError
from coldtrail.records.stage import State, Store, array

AT_ONCE = 65_536
"""Flows that are given at once: enough to do much in arrays, few enough for memory."""
MOST_HELD = 65_536
"""Flows held in memory where there is a store for more."""


class InOrder:
    """Holds flows until all that start before them have come; those that start together go by their tie."""

    def __init__(self, store: Store | None = None, most_held: int = MOST_HELD) -> None:
        """Where more than so many flows are held, they are put in the store in order; without one, all are
        held in memory."""
        self._held: list[Runs] = []
        self._number = 0
        """Of the flows held in memory."""
        self._aside = None if store is None else Aside(store)
        self._most_held = most_held
        self._passed = -inf
        self.late = 0
        """Flows that came after a later one had been given: they are left out."""

    def __len__(self) -> int:
        return self._number + (0 if self._aside is None else len(self._aside))

    def push(self, batch: Sequence[Runs]) -> list[Runs]:
        """Holds the flows; gives none yet."""
        for runs in batch:
            due = runs.readings.start >= self._passed
            self.late += len(runs) - int(due.sum())
            if due.any():
                self._hold(runs if due.all() else runs.take(np.flatnonzero(due)))
        return []

    def _hold(self, runs: Runs) -> None:
        self._held.append(runs)
        self._number += len(runs)
        if self._aside is not None and self._number > self._most_held:
            self._aside.put(in_order(all_of(self._held)))
            self._held, self._number = [], 0

    def advance(self, watermark: float) -> list[Runs]:
        """The flows that start before the watermark, in order."""
        return list(self.released(watermark))

    def released(self, watermark: float) -> Iterator[Runs]:
        """The same, a part at a time."""
        self._passed = max(self._passed, watermark)
        for runs in self._taken():
            due = int(np.searchsorted(runs.readings.start, watermark))
            if due < len(runs):
                self._hold(runs.take(np.arange(due, len(runs))))
            for first in range(0, due, AT_ONCE):
                yield runs.take(np.arange(first, min(first + AT_ONCE, due)))

    def _taken(self) -> Iterator[Runs]:
        """All flows in order, a part at a time, which are then held no more."""
        held = [in_order(all_of(self._held))] if self._held else []
        self._held, self._number = [], 0
        if self._aside is None or not len(self._aside):
            yield from held
        else:
            yield from self._aside.taken(held)

    def _gather(self) -> None:
        """Holds all flows in memory."""
        if self._aside is not None and len(self._aside):
            held = list(self._taken())
            self._held, self._number = held, sum(map(len, held))

    def places(self) -> list[list[int]]:
        """The places of the flows held, each by itself."""
        self._gather()
        return [[place] for runs in self._held for place in runs.place.tolist()]

    def snapshot(self) -> State:
        """All that is held."""
        self._gather()
        state: State = {"passed": np.array([self._passed]), "late": np.array([self.late])}
        if self._held:
            held = all_of(self._held)
            self._held = [held]
            state |= held.readings._asdict()
            state |= {"tie": held.tie, "alarmed": held.alarmed, "place": held.place}
            state |= {f"timed_{name}": column for name, column in held.timed._asdict().items()}
            state |= {"flow": held.shown.flow, "kind": held.shown.kind.astype(np.int32)}
        return state

    def restore(self, state: State) -> None:
        """Hold what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._passed = float(array(state, "passed", np.float64, 1)[0])
        self.late = int(array(state, "late", np.int64, 1)[0])
        self._held, self._number, self._aside = [], 0, self._aside and self._aside.afresh()
        if "place" in state:
            self._hold(_held(state))


def _held(state: State) -> Runs:
    place = array(state, "place", np.int64)
    number = len(place)
    readings = [array(state, name, column_type(name), number) for name in Readings._fields]
    flow, kind = array(state, "flow", np.int64), array(state, "kind", np.int32)
    if len(flow) != len(kind) or (len(flow) and not 0 <= flow.min() <= flow.max() < number):
        raise BundleError("The state is damaged (what its flows show).")
    tie, alarmed = array(state, "tie", np.uint32, number), array(state, "alarmed", np.bool_, number)
    shown = Presence(flow, kind.astype(np.int64))
    return Runs(Readings._make(readings), tie, alarmed, place, shown, _timed(state, number))


def _timed(state: State, number: int) -> Timed:
    flow = array(state, "timed_flow", np.int64)
    row, value = (
        array(state, "timed_row", np.int32, len(flow)),
        array(state, "timed_value", np.int16, len(flow)),
    )
    if len(flow) and not 0 <= flow.min() <= flow.max() < number:
        raise BundleError("The state is damaged (the times of its flows).")
    return Timed(flow, row, value)
