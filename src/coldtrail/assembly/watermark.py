"""Event time: up to when documents have come."""

from __future__ import annotations

from array import array
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Observations

STRAY_S = 86_400.0
"""What is dated so long after all before it moves no clock until most of what comes is: one wrong date must
not make everything else late."""
LEAST_AFTER_PAUSE = 100
"""Documents (a run has many) that have to lie behind a pause of that length before a clock that goes on
passes it: a call that brings one wrong date and nothing else must not make all later ones late."""

MOST_AHEAD_S = 366 * 86_400.0
"""What is dated so long after what earlier calls were given is not of this world: kept, it would be open for
years."""
LEAST_BELIEVED = 100
"""Documents that earlier calls have to have given before that is said of any: one that comes first and is
dated in 1970 must not make all the others wrong."""


class EventTime:
    """The latest start of what came, but for stray dates; it never goes back."""

    def __init__(self, behind_s: float = 0.0) -> None:
        """What tells of no run (metrics, changes, network logs) moves it so much less far, since what does
        may come later."""
        self._behind_s = behind_s
        self._before = -inf
        self._seen_before = 0
        self._beyond: list[float] = []
        """Starts beyond a pause that it has not passed yet."""
        self._starts = array("d")

    def see(self, document: Observations | WholeTrace) -> bool:
        """Takes the start of what a document tells of; False where that is years ahead, and not believed."""
        start = document.first_start if isinstance(document, WholeTrace) else _start_of(document)
        if start is not None:
            if self._is_years_ahead(start):
                return False
            self._starts.append(start)
            return True
        starts = [one - self._behind_s for one in _beside(document)]
        if starts and self._is_years_ahead(starts[0]):
            return False
        self._starts.extend(starts)
        return True

    def _is_years_ahead(self, start: float) -> bool:
        return self._seen_before >= LEAST_BELIEVED and start > self._before + MOST_AHEAD_S

    @property
    def now(self) -> float:
        """The latest start, minus infinity where nothing has come."""
        return self._now_and_beyond()[0]

    def _now_and_beyond(self) -> tuple[float, list[float]]:
        starts = np.sort(np.array(self._starts))
        pause = self._before + STRAY_S
        if isfinite(pause):
            near = starts[starts <= pause]
            if not len(near):
                starts = np.sort(np.append(starts, self._beyond))
            if len(starts) - len(near) < LEAST_AFTER_PAUSE:
                beyond = [] if len(near) else starts.tolist()
                return max(self._before, float(near.max(initial=-inf))), beyond
        later = starts[len(starts) // 2 :]
        strays = np.flatnonzero(np.diff(later) > STRAY_S)
        latest = later[strays[0]] if len(strays) else later[-1] if len(later) else -inf
        return max(self._before, float(latest)), []

    def state(self) -> NDArray[np.float64]:
        """All that the next one needs."""
        now, beyond = self._now_and_beyond()
        return np.array([now, min(self._seen_before + len(self._starts), LEAST_BELIEVED), *beyond])

    def restore(self, state: NDArray[np.float64]) -> None:
        """Forget what came, and go on from what `state` gave."""
        self._before, self._starts = float(state[0]), array("d")
        self._seen_before = int(state[1])
        self._beyond = state[2:].tolist()


def _start_of(parsed: Observations) -> float | None:
    """The first start that a document tells of."""
    told = [one.time for some in (parsed.reports, parsed.calls, parsed.accesses) for one in some]
    if parsed.spans or parsed.links:
        told += [span.start_time for span in parsed.spans]
        told += [link.start_time for link in parsed.links]
        told += [step.start_time for span in parsed.spans for step in span.steps]
    elif len(told) == 1:
        return told[0]
    return min([start for start in told if start is not None], default=None)


def _beside(parsed: Observations | WholeTrace) -> list[float]:
    """The last moments of what a document tells that is of no run: an answer may hold a day of minutes."""
    if isinstance(parsed, WholeTrace):
        return []
    told = {one.start_time for one in parsed.metrics} | {one.time for one in parsed.changes}
    told |= {one.end_time for one in parsed.networks}
    return sorted(told)[-LEAST_AFTER_PAUSE:]
