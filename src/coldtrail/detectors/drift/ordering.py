"""Judged flows put in the order of their start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.runs import Runs, all_of, column_type
from coldtrail.errors import BundleError
from coldtrail.records.stage import State, array

AT_ONCE = 65_536
"""Flows that are given at once: enough to do much in arrays, few enough for memory."""


class InOrder:
    """Holds flows until all that start before them have come; those that start together go by their tie."""

    def __init__(self) -> None:
        self._held: list[Runs] = []
        self._passed = -inf
        self.late = 0
        """Flows that came after a later one had been given: they are left out."""

    def __len__(self) -> int:
        return sum(map(len, self._held))

    def push(self, batch: Sequence[Runs]) -> list[Runs]:
        """Holds the flows; gives none yet."""
        for runs in batch:
            due = runs.readings.start >= self._passed
            self.late += len(runs) - int(due.sum())
            if due.any():
                self._held.append(runs if due.all() else runs.take(np.flatnonzero(due)))
        return []

    def advance(self, watermark: float) -> list[Runs]:
        """The flows that start before the watermark, in order."""
        return list(self.released(watermark))

    def released(self, watermark: float) -> Iterator[Runs]:
        """The same, a part at a time."""
        self._passed = max(self._passed, watermark)
        if not self._held:
            return
        held = all_of(self._held)
        start = held.readings.start
        due = np.flatnonzero(start < watermark)
        order = due[np.lexsort((held.tie[due], start[due]))]
        rest = np.flatnonzero(start >= watermark)
        self._held = [held.take(rest)] if len(rest) else []
        for first in range(0, len(order), AT_ONCE):
            yield held.take(order[first : first + AT_ONCE])

    def places(self) -> list[list[int]]:
        """The places of the flows held, each by itself."""
        return [[place] for runs in self._held for place in runs.place.tolist()]

    def snapshot(self) -> State:
        """All that is held."""
        state: State = {"passed": np.array([self._passed]), "late": np.array([self.late])}
        if self._held:
            held = all_of(self._held)
            self._held = [held]
            state |= held.readings._asdict()
            state |= {"tie": held.tie, "alarmed": held.alarmed, "place": held.place}
            state |= {"flow": held.shown.flow, "kind": held.shown.kind.astype(np.int32)}
        return state

    def restore(self, state: State) -> None:
        """Hold what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._passed = float(array(state, "passed", np.float64, 1)[0])
        self.late = int(array(state, "late", np.int64, 1)[0])
        self._held = [_held(state)] if "place" in state else []


def _held(state: State) -> Runs:
    place = array(state, "place", np.int64)
    number = len(place)
    readings = [array(state, name, column_type(name), number) for name in Readings._fields]
    flow, kind = array(state, "flow", np.int64), array(state, "kind", np.int32)
    if len(flow) != len(kind) or (len(flow) and not 0 <= flow.min() <= flow.max() < number):
        raise BundleError("The state is damaged (what its flows show).")
    tie, alarmed = array(state, "tie", np.uint32, number), array(state, "alarmed", np.bool_, number)
    return Runs(Readings._make(readings), tie, alarmed, place, Presence(flow, kind.astype(np.int64)))
