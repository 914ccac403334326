"""Rollbacks of releases without a version: what was new in them no longer happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.readings import NO_STEP
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.releases import Rollback

MOST_BEFORE = 2
"""Runs that may have taken a step before the release that brought it."""

Steps = Mapping[int, frozenset[int]]
"""By function, numbers of steps."""


def steps_of_releases(history: History) -> Steps:
    """The steps that unnamed releases brought to half of the runs since, or more."""
    flows, numbers = history.flows, history.vocabulary.functions.numbers
    of, start = flows.function[flows.flow_of], flows.start[flows.flow_of]
    out = {}
    for key, since in history.releases.items():
        own = (of == numbers.get(key, 0)) & (flows.step > 0) & ~flows.starting
        before, times = np.unique(flows.step[own & (start < since)], return_counts=True)
        after, often = np.unique(flows.step[own & (start >= since)], return_counts=True)
        runs = np.count_nonzero((flows.function == numbers.get(key, 0)) & (flows.start >= since))
        new = np.setdiff1d(after[2 * often >= runs], before[times > MOST_BEFORE])
        if key in numbers and len(new):
            out[numbers[key]] = frozenset(new.tolist())
    return out


def unnamed_rollbacks(steps: Steps, stopped: Sequence[Found], words: Vocabulary) -> list[Rollback]:
    """The functions that take a step of their last release no more."""
    since: dict[int, float] = {}
    for one in stopped:
        if one.measure == NO_STEP and one.effect.kind in steps.get(one.function, ()):
            since[one.function] = max(since.get(one.function, one.since), one.since)
    return [Rollback(*words.functions[function], None, None, at) for function, at in sorted(since.items())]
