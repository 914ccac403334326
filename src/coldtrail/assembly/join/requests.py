"""Which step made a request: what a trace and the audit log both name, for as long as it may be asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coldtrail.assembly.join.rows import NO_KEY, Rows, key_of
from coldtrail.features.hashing import Hashes
from coldtrail.records.columns import WholeTrace
from coldtrail.records.stage import State
from coldtrail.records.telemetry import Observations

_SPAN_CHARS = 16


def step_key(step_id: str) -> int:
    """Eight bytes that stand for a step: its id itself where that is one of a trace, as nearly all are."""
    if len(step_id) == _SPAN_CHARS:
        try:
            return int(step_id, 16) or 1
        except ValueError:
            pass
    return key_of(step_id)


class Requests:
    """Steps by the ids of their requests."""

    def __init__(self) -> None:
        self._rows = Rows(request="Q", step="Q", time="d")
        self._sorted: tuple[Hashes, Hashes] | None = None
        """Requests in order, and their steps, until others come."""

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, told: Observations | WholeTrace) -> None:
        """Takes what a document tells."""
        if isinstance(told, WholeTrace):
            time = told.first_start
        else:
            time = min([step.start_time for span in told.spans for step in span.steps], default=None)
        if time is not None:
            self._add(told.requests, time)

    def _add(self, told: Sequence[str], time: float) -> None:
        self._sorted = None
        for step_id, request_id in zip(told[::2], told[1::2], strict=True):
            self._rows.add(key_of(request_id), step_key(step_id), time)

    def steps(self, requests: Hashes) -> list[int]:
        """The step of each request; `NO_KEY` for one that no step is told to have made, or several."""
        if not len(self._rows):
            return [NO_KEY] * len(requests)
        known, steps = self._sorted = self._sorted or self._in_order()
        first = np.searchsorted(known, requests, side="left")
        last = np.searchsorted(known, requests, side="right") - 1
        is_one = last >= first
        is_one[is_one] = steps[first[is_one]] == steps[last[is_one]]
        found = np.zeros(len(requests), np.uint64)
        found[is_one] = steps[first[is_one]]
        found[requests == NO_KEY] = NO_KEY
        return found.tolist()

    def _in_order(self) -> tuple[Hashes, Hashes]:
        rows = self._rows
        order = np.lexsort((rows["step"], rows["request"]))
        return rows["request"][order], rows["step"][order]

    def forget(self, until: float) -> None:
        """Forgets what documents of earlier told."""
        if len(self._rows):
            old = self._rows["time"] < until
            if old.any():
                self._rows.drop(old)
                self._sorted = None

    def state(self) -> State:
        """All of it."""
        return self._rows.state()

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        self._rows.restore(state)
        self._sorted = None
