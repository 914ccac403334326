"""How long the steps of runs took, as it is followed: a row for each step of a run, and for its own code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Bools, Encoded, Ints

LEAST_SECONDS = 1e-4
WHOLE, OWN = -1, 0
"""All steps of a run together, and its own code; any other kind is a step's number."""
A_UNIT = 1000.0
"""Times are logarithms of seconds in thousandths, as whole numbers: what differs less is a clock's noise."""
_OWN_PLACES = 4
"""Of own times, which are differences: to a tenth of a millisecond."""

Values = NDArray[np.int16]


class Timed(NamedTuple):
    """The steps of runs that are followed, those of a run together."""

    flow: Ints
    """The run, by its place among those that are looked at together."""
    row: NDArray[np.int32]
    """Which of the steps that are followed: its row in the table of these."""
    value: Values

    @classmethod
    def none(cls) -> Timed:
        """No steps."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int16))

    @classmethod
    def of(cls, columns: Sequence[bytes]) -> Timed:
        """Those whose columns are these bytes."""
        return cls(*map(np.frombuffer, columns, (np.int64, np.int32, np.int16)))

    def at(self, rows: Ints | Bools) -> Timed:
        """Only some of the steps."""
        return Timed(self.flow[rows], self.row[rows], self.value[rows])

    def beside(self, other: Timed) -> Timed:
        """These and the steps of another."""
        return Timed(
            np.concatenate([self.flow, other.flow]),
            np.concatenate([self.row, other.row]),
            np.concatenate([self.value, other.value]),
        )

    def take(self, rows: Ints, runs: int) -> Timed:
        """The steps of the chosen of so many runs, in the given order."""
        where = np.full(runs, -1, np.int64)
        where[rows] = np.arange(len(rows))
        flow = where[self.flow]
        kept = flow >= 0
        return Timed(flow[kept], self.row[kept], self.value[kept])


class Times(NamedTuple):
    """How long each step of runs took on average, and their own code; those of a run by kind."""

    flow: Ints
    kind: Ints
    value: Values


def times_of(flows: Encoded) -> Times:
    """The times of warm runs that are whole and went well. Calls that failed say nothing of the service."""
    parts = [_times(first, block) for first, block in flows.blocks()]
    return Times(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _times(first: int, flows: Encoded) -> Times:
    calm = ~flows.cold & flows.complete & ~flows.failed
    running = ~flows.starting
    inside = running & ~flows.call
    own = np.maximum(flows.own_time, 0.0)
    own = own + np.bincount(flows.flow_of[inside], flows.self_time[inside], len(flows))
    rows = np.flatnonzero(running & flows.call & ~flows.error & (flows.step > 0) & calm[flows.flow_of])
    logs = np.log(np.maximum(flows.self_time[rows], LEAST_SECONDS))
    most = int(flows.step.max(initial=0)) + 1
    pair, of, number = np.unique(
        flows.flow_of[rows] * most + flows.step[rows], return_inverse=True, return_counts=True
    )
    means = np.bincount(of, logs, len(pair)) / number
    quiet = np.flatnonzero(calm)
    own_logs = np.log(np.maximum(np.round(own[quiet], _OWN_PLACES), LEAST_SECONDS))
    flow, kind = np.concatenate([quiet, pair // most]), np.append(np.zeros(len(quiet), np.int64), pair % most)
    order = np.lexsort((kind, flow))
    values = np.rint(A_UNIT * np.concatenate([own_logs, means])[order]).astype(np.int16)
    return Times(flow[order] + first, kind[order], values)
