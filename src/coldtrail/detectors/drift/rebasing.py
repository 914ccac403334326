"""Baselines of functions whose shifts a person has accepted, learned again after each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from coldtrail.detectors.drift.baselines import READY_RUNS, Baseline, ShiftBaselines
from coldtrail.detectors.drift.changing import moved
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.learning import learn_one
from coldtrail.detectors.drift.readings import Readings
from coldtrail.features.batch import Floats

ENOUGH_RUNS = 400.0
"""Since a shift, from which they alone tell how a function runs."""

Change = tuple[float, Mapping[int, Effect]]
"""Since when, and by measure what was before and what has been since."""


def rebased(
    baselines: ShiftBaselines, readings: Readings, changes: Mapping[int, Sequence[Change]]
) -> ShiftBaselines:
    """Baselines, learned from the readings, to which the changes by function are no shifts any more.

    A function is known from its runs since the last change or, while they are few, from those before it,
    moved by the change.
    """
    functions = dict(baselines.functions)
    for function, of in changes.items():
        if function in functions:
            steps = sorted(of, key=lambda change: change[0])
            functions[function] = _since(readings, function, steps, baselines.exponents)
    return replace(baselines, functions=functions)


def _since(readings: Readings, function: int, steps: Sequence[Change], together: Floats) -> Baseline:
    if not steps:
        return learn_one(readings, function, together)
    *before, (since, effects) = steps
    mine = readings.function == function
    newer = readings.start >= since
    if readings.weight[mine & newer].sum() >= ENOUGH_RUNS:
        return learn_one(readings.take(np.flatnonzero(newer)), function, together)
    if np.count_nonzero(mine & ~newer) < READY_RUNS:
        return learn_one(readings, function, together)
    older = readings.take(np.flatnonzero(~newer))
    return moved(_since(older, function, before, together), effects)
