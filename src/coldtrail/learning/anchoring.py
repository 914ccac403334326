"""Keeps what a function usually does where it was first learned, and what was told of it since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from functools import cached_property
from math import log

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift import anchoring
from coldtrail.detectors.drift.anchoring import OPEN
from coldtrail.detectors.drift.baselines import Level, Levels, ShiftBaselines, Span
from coldtrail.detectors.drift.readings import (
    CALLERS,
    DURATION,
    LOAD,
    OWN_TIME,
    PATHS,
    STEP_TIME,
    STOPPED,
    TOLD,
    readings_of,
)
from coldtrail.detectors.drift.runs import Lasting
from coldtrail.detectors.drift.step_learning import learn_step_times
from coldtrail.detectors.drift.timed import OWN, WHOLE
from coldtrail.features.batch import Encoded
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.newest import newest
from coldtrail.verdicts.feedback import AcceptedShift

_TIMES = frozenset((DURATION, OWN_TIME, STEP_TIME))
LEAST_LASTING_RUNS, LEAST_LASTING_SHARE = 50, 0.2
"""Runs that a shift must have gone on for to be the new level, and their share of the new runs."""


def levels_of(lasting: Iterable[Lasting], of_runs: Mapping[int, int]) -> Levels:
    """How far functions have moved for good, by shifts that go on; `of_runs` are the new runs by function."""
    out: Levels = {}
    for one in lasting:
        if one.runs >= max(LEAST_LASTING_RUNS, LEAST_LASTING_SHARE * of_runs.get(one.function, 0)):
            level = Level(one.since, one.effect.before, one.effect.after)
            out[one.function, one.measure, one.effect.kind] = level
    return out


def anchored(model: Model, before: Model | None = None, new: Levels | None = None) -> Model:
    """The model, just learned from its history, that knows functions by the runs of their spans.

    `before` is the model that judged what is new in it, and `new` is how far functions have moved since, by
    the numbers of its words.
    """
    if model.history is None or model.shifts is None:
        return model
    spans: dict[int, Span] = {}
    levels: Levels = {}
    if before is not None and before.shifts is not None and before.history is not None:
        names = _Renumbered(before, model.vocabulary, model.history)
        spans = names.spans(before.shifts)
        levels = names.levels(before.shifts.levels | _since_before(before.shifts.levels, new or {}))
    accepted = _accepted(model)
    for function, since in accepted.items():
        if spans.get(function, OPEN).since < since:
            spans[function] = Span(since, 0.0)
            levels = {key: level for key, level in levels.items() if key[0] != function}
    readings = readings_of(model.history.flows)
    spans = anchoring.spans_of(readings, spans)
    levels = {key: level for key, level in levels.items() if spans.get(key[0], OPEN).until}
    done = set() if before is None else _untouched(model.shifts, before) - {one for one, _, _ in new or {}}
    shifts = anchoring.anchored(model.shifts, readings, spans, levels, done)
    shifts = anchoring.with_ways_of(shifts, readings, newest(model.history))
    return replace(model, shifts=_with_steps_of_spans(shifts, model.history.flows, done))


def _with_steps_of_spans(shifts: ShiftBaselines, flows: Encoded, done: Set[int]) -> ShiftBaselines:
    """The baselines with how long steps took in the runs of their function's span, moved by what was told
    since; of functions that are known from all of their runs, as they are."""
    last = float(flows.start.max(initial=0.0))
    spans = {
        function: span
        for function, span in shifts.spans.items()
        if function not in done and (span.since > 0.0 or 0.0 < span.until < last)
    }
    most = int(flows.function.max(initial=0)) + 1
    since, until = np.full(most, np.inf), np.full(most, np.inf)
    for function, span in spans.items():
        since[function], until[function] = span.since, span.until or np.inf
    held = (flows.start >= since[flows.function]) & (flows.start <= until[flows.function])
    known = {one: shifts.functions[one] for one in spans if one in shifts.functions}
    of_spans = learn_step_times(flows.take(np.flatnonzero(held)), known)
    steps = shifts.step_times.with_those_of(of_spans, np.array(sorted(spans), np.int64))
    return replace(shifts, step_times=steps.moved(_risen(shifts.levels, spans)))


def _risen(levels: Levels, spans: Mapping[int, Span]) -> dict[tuple[int, int], float]:
    """By function and step, how far times have risen as logarithms; of steps that nothing was told of, as
    far as all together, where no step of the function was told by itself."""
    out: dict[tuple[int, int], float] = {}
    for (function, measure, kind), level in levels.items():
        if function in spans and measure in _TIMES and min(level.before, level.after) > 0.0:
            row = {DURATION: WHOLE, OWN_TIME: OWN}.get(measure, kind)
            out[function, row] = log(level.after / level.before)
    alone = {function for function, row in out if row != WHOLE}
    return {key: rise for key, rise in out.items() if key[1] != WHOLE or key[0] not in alone}


def _untouched(now: ShiftBaselines, before: Model) -> set[int]:
    """The functions whose baselines are those of the model before, which were not learned again."""
    known = {} if before.shifts is None else before.shifts.functions
    return {one for one, baseline in now.functions.items() if one in known and known[one] is baseline}


def _since_before(known: Levels, new: Levels) -> Levels:
    """New levels, since the first that was told of each."""
    return {
        key: level._replace(since=known[key].since) if key in known else level for key, level in new.items()
    }


def _accepted(model: Model) -> dict[int, float]:
    """By function, since when the last change of it is that a person accepted."""
    out: dict[int, float] = {}
    for one in model.feedback.shifts:
        number = model.vocabulary.functions.numbers.get(one.key, 0)
        if number and _is_change(one):
            out[number] = max(out.get(number, 0.0), one.since)
    return out


def _is_change(one: AcceptedShift) -> bool:
    return any(TOLD.index(name) not in (*STOPPED, LOAD) for name in one.effects)


class _Renumbered:
    """The functions, callers and paths of one model by the numbers of the next one's words."""

    def __init__(self, before: Model, words: Vocabulary, history: History) -> None:
        self._old, self._new = before.vocabulary, words
        self._before, self._history = before.history, history

    @cached_property
    def _paths(self) -> dict[int, int]:
        """The paths of the next model by those of the one before."""
        assert self._before is not None
        _, mine, others = np.intersect1d(self._before.ids, self._history.ids, return_indices=True)
        old = readings_of(self._before.flows).path[mine].tolist()
        return dict(zip(old, readings_of(self._history.flows).path[others].tolist(), strict=True))

    def spans(self, before: ShiftBaselines) -> dict[int, Span]:
        """The spans by new numbers."""
        return {
            number: before.spans[one] for one, number in self._functions(before.spans) if number is not None
        }

    def levels(self, levels: Levels) -> Levels:
        """The levels by new numbers, but for those of paths that no flow takes any more."""
        functions = dict(self._functions({function for function, _, _ in levels}))
        out: Levels = {}
        for (function, measure, kind), level in levels.items():
            number, what = functions[function], self._kind(measure, kind)
            if number is not None and what is not None:
                out[number, measure, what] = level
        return out

    def _functions(self, numbers: Iterable[int]) -> list[tuple[int, int | None]]:
        return [(one, self._new.functions.numbers.get(self._old.functions[one])) for one in numbers]

    def _kind(self, measure: int, kind: int) -> int | None:
        if kind <= 0 or measure not in (PATHS, CALLERS, STEP_TIME):
            return kind
        if measure == PATHS:
            return self._paths.get(kind)
        if measure == STEP_TIME:
            return self._new.steps.numbers.get(self._old.steps[kind])
        return self._new.triggers.numbers.get(self._old.triggers[kind])
