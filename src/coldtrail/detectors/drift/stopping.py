"""What a function did now and then, and does no more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.drift.baselines import Pause, Pauses
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.pauses import (
    FAILURES,
    WHOLE,
    Presence,
    applications_of,
    by_function,
    clock,
    counted,
    presence_of,
)
from coldtrail.detectors.drift.readings import NO_FAILURES, NO_STEP, SILENCE, Readings
from coldtrail.detectors.drift.stakes import Reference
from coldtrail.detectors.drift.watch import Found
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary

MOST_SHOWN = 20
"""Flows named of those before a pause."""


class _Gap(NamedTuple):
    """A pause that is too long."""

    last: int
    """Flow before it, among the function's."""
    since: float
    found: float
    runs: float
    effect: Effect


class Stopping:
    """Takes flows as they are judged, and finds once what they lack."""

    def __init__(self, pauses: Pauses, words: Vocabulary) -> None:
        self._pauses = pauses
        self._applications = applications_of(words)
        awaited = [(function, kind) for function, kinds in pauses.items() for kind in kinds]
        self._awaited = np.sort(_keys(*np.array(awaited, np.int64).reshape(-1, 2).T))
        self._shown: list[Presence] = []
        self._flows = 0

    def take(self, flows: Encoded) -> None:
        """Notes which flows of a batch show what is waited for."""
        if len(self._awaited) and len(flows):
            shown = presence_of(flows)
            keys = _keys(flows.function[shown.flow], shown.kind)
            place = np.minimum(np.searchsorted(self._awaited, keys), len(self._awaited) - 1)
            kept = self._awaited[place] == keys
            self._shown.append(Presence(shown.flow[kept] + self._flows, shown.kind[kept]))
        self._flows += len(flows)

    def found(self, readings: Readings, alarmed: Bools, order: Ints, *, lasting: bool = False) -> list[Found]:
        """What has stopped, of each thing its longest pause; the readings are in the order of taking.

        `order` gives their places by start. Of flows that alarmed by themselves it is only counted what they
        do, and not what they lack. References are places, as text. With `lasting`, only the last pause of
        each step and of failures counts.
        """
        if not self._shown:
            return []
        readings, quiet = readings.take(order), ~alarmed[order]
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        flow, kind = (np.concatenate(column) for column in zip(*self._shown, strict=True))
        together = _Clock(readings, self._applications, self._pauses)
        own = counted(readings.function, (quiet & (readings.complete == 1)).astype(np.float64))
        out: list[Found] = []
        for function, rows, kinds in by_function(readings.function, Presence(place[flow], kind)):
            for awaited, pause in self._pauses.get(function, {}).items():
                if awaited == WHOLE:
                    gap = together.silence(rows, pause)
                else:
                    gap = _absence(
                        own[rows], readings.start[rows], kinds.get(awaited), pause, awaited, lasting
                    )
                if gap is not None:
                    out.append(_found(function, awaited, gap, order[rows]))
        return sorted(out, key=lambda one: (one.found, one.function, one.effect.kind))


class _Clock:
    """Runs of each application, one after the other."""

    def __init__(self, readings: Readings, applications: Ints, pauses: Pauses) -> None:
        known = np.where(readings.function < len(applications), readings.function, 0)
        self._of = applications[known]
        self._start = readings.start
        each = np.ones(len(self._of))
        paces = np.ones(int(applications.max()) + 1)
        for function, kinds in pauses.items():
            if WHOLE in kinds:
                paces[applications[function]] = kinds[WHOLE].pace
        self._at = clock(self._of, readings.start, each, paces)
        self._runs = counted(self._of, each)
        self._all = {int(one): np.flatnonzero(self._of == one) for one in np.unique(self._of)}

    def silence(self, rows: Ints, pause: Pause) -> _Gap | None:
        """The longest pause of a function, where it is too long."""
        mine = self._all[int(self._of[rows[0]])]
        ends = np.append(rows, mine[-1])
        paused = np.diff(self._at[ends])
        last = int(np.argmax(paused))
        if paused[last] <= pause.runs:
            return None
        before, after = ends[last], ends[last + 1]
        passed = mine[np.searchsorted(self._at[mine], self._at[before] + pause.runs, "right")]
        effect = Effect(pause.usual, float(self._start[after] - self._start[before]), WHOLE)
        runs = float(self._runs[after] - self._runs[before])
        return _Gap(last, float(self._start[before]), float(self._start[passed]), runs, effect)


def _absence(
    own: Floats, start: Floats, shown: Ints | None, pause: Pause, kind: int, lasting: bool
) -> _Gap | None:
    """The most runs of a function without a thing, where they are too many."""
    shown = np.zeros(0, np.int64) if shown is None else shown
    at = np.concatenate([[0.0], own[shown], own[-1:]])
    runs = np.diff(at)
    longest = len(runs) - 1 if lasting else int(np.argmax(runs))
    if runs[longest] <= pause.runs:
        return None
    last = int(shown[longest - 1]) if longest else 0
    passed = int(np.searchsorted(own, at[longest] + pause.runs, "right"))
    effect = Effect(pause.usual, 0.0, kind)
    return _Gap(last, float(start[last]), float(start[passed]), float(runs[longest]), effect)


def _found(function: int, kind: int, gap: _Gap, places: Ints) -> Found:
    measure = {WHOLE: SILENCE, FAILURES: NO_FAILURES}.get(kind, NO_STEP)
    shown = places[max(gap.last + 1 - MOST_SHOWN, 0) : gap.last + 1][::-1]
    references: list[Reference] = [(str(place), "") for place in shown.tolist()]
    return Found(
        function, measure, gap.since, gap.found, int(gap.runs), gap.effect, tuple(references), references[0]
    )


def _keys(function: Ints, kind: Ints) -> Ints:
    return (function << 32) + kind
