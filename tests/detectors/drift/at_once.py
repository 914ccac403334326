"""What is missed as it is defined, all runs looked at at once: what the stage has to agree with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.drift.absence import MOST_SHOWN
from coldtrail.detectors.drift.absence_limits import (
    FAILURES,
    WHOLE,
    applications_of,
    by_function,
    clock,
    counted,
)
from coldtrail.detectors.drift.baselines import AbsenceLimit, AbsenceLimits
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.readings import NO_FAILURES, NO_STEP, SILENCE
from coldtrail.detectors.drift.runs import Detection, Runs
from coldtrail.features.batch import Floats, Ints
from coldtrail.features.vocabulary import Vocabulary


class _Gap(NamedTuple):
    """An absence that is too long."""

    last: int
    """Flow before it, among the function's."""
    since: float
    found: float
    runs: float
    effect: Effect


def missed(limits: AbsenceLimits, words: Vocabulary, runs: Runs, *, lasting: bool = False) -> list[Detection]:
    """What has stopped in runs in the order of their start, of each thing its longest absence.

    With `lasting`, only the last absence of each step and of failures counts.
    """
    if not limits:
        return []
    readings = runs.readings
    together = _Clock(runs, applications_of(words), limits)
    own = counted(readings.function, (~runs.alarmed & (readings.complete == 1)).astype(np.float64))
    out: list[Detection] = []
    for function, rows, kinds in by_function(readings.function, runs.shown):
        for awaited, limit in limits.get(function, {}).items():
            if awaited == WHOLE:
                gap = together.silence(rows, limit)
            else:
                gap = _absence(own[rows], readings.start[rows], kinds.get(awaited), limit, awaited, lasting)
            if gap is not None:
                out.append(_found(function, awaited, gap, runs.place[rows]))
    return sorted(out, key=lambda one: (one.found, one.function, one.effect.kind))


class _Clock:
    """Runs of each application, one after the other."""

    def __init__(self, runs: Runs, applications: Ints, limits: AbsenceLimits) -> None:
        readings = runs.readings
        known = np.where(readings.function < len(applications), readings.function, 0)
        self._of = applications[known]
        self._start = readings.start
        each = np.ones(len(self._of))
        paces = np.ones(int(applications.max()) + 1)
        for function, kinds in limits.items():
            if WHOLE in kinds:
                paces[applications[function]] = kinds[WHOLE].pace
        self._at = clock(self._of, readings.start, each, paces)
        self._runs = counted(self._of, each)
        self._all = {int(one): np.flatnonzero(self._of == one) for one in np.unique(self._of)}

    def silence(self, rows: Ints, limit: AbsenceLimit) -> _Gap | None:
        """The longest absence of a function, where it is too long."""
        mine = self._all[int(self._of[rows[0]])]
        ends = np.append(rows, mine[-1])
        absent = np.diff(self._at[ends])
        last = int(np.argmax(absent))
        if absent[last] <= limit.runs:
            return None
        before, after = ends[last], ends[last + 1]
        passed = mine[np.searchsorted(self._at[mine], self._at[before] + limit.runs, "right")]
        effect = Effect(limit.usual, float(self._start[after] - self._start[before]), WHOLE)
        runs = float(self._runs[after] - self._runs[before])
        return _Gap(last, float(self._start[before]), float(self._start[passed]), runs, effect)


def _absence(
    own: Floats, start: Floats, shown: Ints | None, limit: AbsenceLimit, kind: int, lasting: bool
) -> _Gap | None:
    """The most runs of a function without a thing, where they are too many."""
    shown = np.zeros(0, np.int64) if shown is None else shown
    at = np.concatenate([[0.0], own[shown], own[-1:]])
    runs = np.diff(at)
    longest = len(runs) - 1 if lasting else int(np.argmax(runs))
    if runs[longest] <= limit.runs:
        return None
    last = int(shown[longest - 1]) if longest else 0
    passed = int(np.searchsorted(own, at[longest] + limit.runs, "right"))
    effect = Effect(limit.usual, 0.0, kind)
    return _Gap(last, float(start[last]), float(start[passed]), float(runs[longest]), effect)


def _found(function: int, kind: int, gap: _Gap, places: Ints) -> Detection:
    measure = {WHOLE: SILENCE, FAILURES: NO_FAILURES}.get(kind, NO_STEP)
    shown = places[max(gap.last + 1 - MOST_SHOWN, 0) : gap.last + 1][::-1]
    flows: tuple[int, ...] = tuple(shown.tolist())
    return Detection(function, measure, gap.since, gap.found, int(gap.runs), gap.effect, flows[0], flows)
