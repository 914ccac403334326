"""Judged flows as drift looks at them: readings, and what they show of what is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.readings import Readings, readings_of
from coldtrail.detectors.drift.timed import Timed
from coldtrail.features.batch import Bools, Encoded, Ints
from coldtrail.records.columns import AnyFlow
from coldtrail.records.verdict import Verdict

_COMPACT: dict[str, type[np.generic]] = {
    "function": np.int32,
    "cold": np.int8,
    "complete": np.int8,
    "error": np.int8,
    "calls": np.int32,
    "caller": np.int32,
    "weight": np.float32,
}


class Judged(NamedTuple):
    """A batch of flows with what was made of them, and said of them."""

    encoded: Encoded
    flows: Sequence[AnyFlow]
    verdicts: Sequence[Verdict]


class Detection(NamedTuple):
    """A shift in numbers."""

    function: int
    measure: int
    since: float
    """Start of the first run since which the statistic has been above zero; for what has stopped, of the last
    run that showed it."""
    found: float
    """Start of the run that made it certain."""
    runs: int
    """Runs since then, the last one included."""
    effect: Effect
    look: int
    """Place of the flow to look at first."""
    places: tuple[int, ...]
    """Of the flows that show it."""


class Lasting(NamedTuple):
    """A shift that was told, and goes on."""

    function: int
    measure: int
    since: float
    runs: int
    """Since then."""
    effect: Effect
    """Up to now."""


@dataclass(frozen=True)
class Runs:
    """Judged flows, one row each."""

    readings: Readings
    tie: NDArray[np.uint32]
    """(flow,) orders flows that start together."""
    alarmed: Bools
    """(flow,)"""
    place: Ints
    """(flow,) where it lies on the shelf."""
    shown: Presence
    """Of what is awaited."""
    timed: Timed
    """The steps that are followed."""

    def __len__(self) -> int:
        return len(self.place)

    def lying(self, place: Ints) -> Runs:
        """The same flows, put on the shelf."""
        return replace(self, place=place)

    def take(self, rows: Ints) -> Runs:
        """The chosen flows, in the given order."""
        where = np.full(len(self), -1, np.int64)
        where[rows] = np.arange(len(rows))
        flow = where[self.shown.flow]
        kept = flow >= 0
        return Runs(
            self.readings.take(rows),
            self.tie[rows],
            self.alarmed[rows],
            self.place[rows],
            Presence(flow[kept], self.shown.kind[kept]),
            self.timed.take(rows, len(self)),
        )


def runs_of(judged: Judged, shown: Presence, timed: Timed) -> Runs:
    """The rows of judged flows, which lie on no shelf yet."""
    readings = readings_of(judged.encoded)._asdict()
    return Runs(
        Readings._make(column.astype(column_type(name), copy=False) for name, column in readings.items()),
        np.array([tie_of(flow) for flow in judged.flows], np.uint32),
        np.array([one.verdict == "anomalous" for one in judged.verdicts], np.bool_),
        np.full(len(judged.flows), -1),
        shown,
        timed,
    )


def column_type(name: str) -> type[np.generic]:
    """How a column of readings is held: no larger than need be, since many flows are."""
    return _COMPACT.get(name, np.float64 if name in ("start", "duration", "own_time") else np.int64)


def tie_of(flow: AnyFlow) -> int:
    """Orders flows that start together whatever the order in which they come."""
    return crc32(flow.function_flow_id.encode("utf-8", "replace"))


def all_of(parts: Sequence[Runs]) -> Runs:
    """The rows of all parts (at least one), one part after another."""
    before = np.cumsum([0, *(len(part) for part in parts[:-1])])
    flow = [part.shown.flow + first for part, first in zip(parts, before.tolist(), strict=True)]
    timed = [part.timed.flow + first for part, first in zip(parts, before.tolist(), strict=True)]
    readings = zip(*(part.readings for part in parts), strict=True)
    return Runs(
        Readings._make(np.concatenate(column) for column in readings),
        np.concatenate([part.tie for part in parts]),
        np.concatenate([part.alarmed for part in parts]),
        np.concatenate([part.place for part in parts]),
        Presence(np.concatenate(flow), np.concatenate([part.shown.kind for part in parts])),
        Timed(
            np.concatenate(timed),
            np.concatenate([part.timed.row for part in parts]),
            np.concatenate([part.timed.value for part in parts]),
        ),
    )
