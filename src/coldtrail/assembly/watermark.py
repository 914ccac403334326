"""Event time: up to when documents have come."""

from __future__ import annotations

from array import array
from math import inf

import numpy as np

from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Observations

STRAY_S = 86_400.0
"""What is dated so long after all before it moves no clock until most of what comes is: one wrong date must
not make everything else late."""


class EventTime:
    """The latest start of what came, but for stray dates; it never goes back."""

    def __init__(self) -> None:
        self._before = -inf
        self._starts = array("d")

    def see(self, document: Observations | WholeTrace) -> None:
        """Takes the start of what a document tells of."""
        start = document.first_start if isinstance(document, WholeTrace) else _start_of(document)
        if start is not None:
            self._starts.append(start)

    @property
    def now(self) -> float:
        """The latest start, minus infinity where nothing has come."""
        starts = np.sort(np.array(self._starts))
        later = starts[len(starts) // 2 :]
        strays = np.flatnonzero(np.diff(later) > STRAY_S)
        latest = later[strays[0]] if len(strays) else later[-1] if len(later) else -inf
        return max(self._before, float(latest))

    def go_on_from(self, now: float) -> None:
        """Forget what came, and be no earlier than that."""
        self._before, self._starts = now, array("d")


def _start_of(parsed: Observations) -> float | None:
    """The first start that a document tells of."""
    told = [span.start_time for span in parsed.spans] + [link.start_time for link in parsed.links]
    starts = [start for start in told if start is not None]
    starts += [step.start_time for span in parsed.spans for step in span.steps]
    starts += [witness.time for witness in parsed.witnesses if witness.time is not None]
    return min(starts, default=None)
