"""What drift needs of judged flows: their rows, and the flows themselves as bytes to be put on the shelf."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.drift.absence_limits import Presence, presence_of
from coldtrail.detectors.drift.baselines import AbsenceLimits, ShiftBaselines
from coldtrail.detectors.drift.runs import Judged, Runs, runs_of
from coldtrail.detectors.drift.shelf import Items
from coldtrail.detectors.drift.timed import Timed, times_of
from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.hashing import is_in_ascending

ONE_IN = 4
"""Of the flows with nothing rare, those that are kept whole, to be looked at if a shift shows in them.

They are drawn by their ids, so that the order of the input shows nowhere."""


class Looked(NamedTuple):
    """Judged flows as drift takes them."""

    runs: Runs
    """They lie on no shelf yet."""
    items: list[bytes]
    """One a flow."""


class Looking:
    """Looks at judged flows by themselves, whatever came before them."""

    def __init__(self, baselines: ShiftBaselines) -> None:
        self._items = Items()
        self._awaited = _awaited(baselines.absence_limits)
        self._steps = baselines.step_times
        self._known = np.array(sorted(baselines.common_paths), np.int64)

    def at(self, judged: Judged) -> Looked:
        """What drift needs of the flows."""
        timed = Timed.none()
        if len(self._steps):
            timed = self._steps.timed(times_of(judged.encoded), judged.encoded.function)
        runs = runs_of(judged, self._shown_by(judged.encoded), timed)
        readings = runs.readings
        whole = (
            readings.error.astype(bool)
            | ~is_in_ascending(readings.path, self._known)
            | (runs.tie % ONE_IN == 0)
        )
        return Looked(runs, self._items.of(judged.flows, whole.tolist()))

    def _shown_by(self, flows: Encoded) -> Presence:
        """Which flows show what of all that is awaited."""
        shown = presence_of(flows)
        if not len(self._awaited) or not len(flows):
            return Presence(shown.flow[:0], shown.kind[:0])
        keys = _keys(flows.function[shown.flow], shown.kind)
        place = np.minimum(np.searchsorted(self._awaited, keys), len(self._awaited) - 1)
        kept = self._awaited[place] == keys
        return Presence(shown.flow[kept], shown.kind[kept])


def _awaited(limits: AbsenceLimits) -> Ints:
    awaited = [(function, kind) for function, kinds in limits.items() for kind in kinds]
    return np.sort(_keys(*np.array(awaited, np.int64).reshape(-1, 2).T))


def _keys(function: Ints, kind: Ints) -> Ints:
    return (function << 32) + kind
