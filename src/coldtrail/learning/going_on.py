"""Learns the few new flows of a long history without fitting all of it again.

Detectors are counts and quantiles, and are taken of all flows anew; what takes long is to calibrate them by
detectors that are blind to each flow, fold by fold, and to look at every function by itself. The model before
has not seen the new flows, so that its scores of them are as blind as those of a fold: they join the tails,
in which what was there before fades as flows do. How a function runs over time, and its profile, are looked
at again once its flows are a tenth more than when that was last done; what is rare is listed for functions
that show a kind of run that they never showed. Once a tenth of all flows were learned
in this way, all is fitted again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.bundle.model import Model, channel_scores, channels_of, new_detectors
from coldtrail.detectors.drift.absence_limits import applications_of, learn_absence_limits
from coldtrail.detectors.drift.baselines import Baseline, ShiftBaselines
from coldtrail.detectors.drift.learning import hours_of, learn_some
from coldtrail.detectors.drift.load_learning import learn_loads
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.step_learning import learn_step_times
from coldtrail.features.batch import Bools, Encoded, Ints
from coldtrail.features.encode import grouped
from coldtrail.features.hashing import is_among
from coldtrail.features.strata import HALF_LIFE_S, alike
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning import teaching
from coldtrail.learning.profile import profiles
from coldtrail.learning.teaching import Taught, folds_of
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile

GROWN = 0.1
"""By which part a function's flows, or those of all, must have grown before it is looked at again."""
_NUMBERED = ("functions", "steps", "triggers", "callers", "versions")


def can_go_on(before: Model, history: History) -> bool:
    """Whether a long history with few new flows can be learned from what a model knows of the rest.

    A network that is trained again scores on another scale: what reads words is calibrated with it.
    """
    detection = before.settings.detection
    detectors = new_detectors(detection.detectors)
    return (
        len(history.flows) >= teaching.LONG
        and not detection.hold_rare
        and before.shifts is not None
        and before.history is not None
        and history.releases == before.history.releases
        and not any(channel.has_own_threshold for channel in channels_of(detectors))
        and not any(detector.reads_words for detector in detectors.values())
        and _numbers_stay(before.vocabulary, history.vocabulary)
        and since_fitted(before, history) <= GROWN * len(history.flows)
    )


def since_fitted(before: Model, history: History) -> int:
    """How many flows of a history came after all of them were last fitted together."""
    return before.since_fitted + int(np.count_nonzero(new_rows(before, history)))


def _numbers_stay(before: Vocabulary, now: Vocabulary) -> bool:
    """Whether each word has the number that it had."""
    pairs = ((getattr(before, name).words, getattr(now, name).words) for name in _NUMBERED)
    return all(now_words[: len(words)] == words for words, now_words in pairs)


def new_rows(before: Model, history: History) -> Bools:
    """(flow,) which flows of a history the model has not learned."""
    known = np.zeros(0, np.uint64) if before.history is None else before.history.ids
    return ~is_among(history.ids, known)


def with_new_kinds(before: Model, history: History) -> Ints:
    """The numbers of the functions that have flows of a kind that the model had not met.

    What is rare about the others was told before.
    """
    known = np.zeros(0, np.uint64) if before.history is None else before.history.strata.keys
    new = new_rows(before, history) & ~is_among(alike(history.flows), known)
    return np.unique(history.flows.function[new])


def taught_more(before: Model, history: History, flows: Encoded) -> Taught:
    """Detectors of all flows (as they are to weigh), and the calibration of the model before with the new."""
    detection = before.settings.detection
    folds = folds_of(len(flows), len(flows.step), detection.folds)
    detectors = new_detectors(detection.detectors)
    for detector in detectors.values():
        detector.fit(flows, (folds - 1) / folds if folds > 1 else 1.0)
    met = new_rows(before, history) & (flows.function <= len(before.vocabulary.functions))
    new = flows.take(np.flatnonzero(met))
    new = replace(new, group=grouped(new.function, before.vocabulary))
    assert before.history is not None
    faded = float(np.exp2((before.history.reference - history.reference) / HALF_LIFE_S))
    scores = channel_scores(before.detectors, new)
    calibration = before.calibration.extended(new, scores, detection.budget, faded)
    return Taught(detectors, calibration, detection.budget)


def grown(before: Model, history: History) -> Ints:
    """The numbers of the functions whose flows are a tenth more than when they were last looked at."""
    known = {} if before.shifts is None else before.shifts.functions
    weight = np.bincount(history.flows.function, history.flows.weight * history.flows.complete)
    looked_at = np.array([known[one].runs if one in known else 0.0 for one in range(len(weight))])
    new = np.flatnonzero(new_rows(before, history))
    touched = np.unique(history.flows.function[new])
    return touched[weight[touched] >= (1.0 + GROWN) * looked_at[touched]]


def shifts_of(before: Model, history: History, functions: Ints) -> ShiftBaselines:
    """The baselines of the model before, but for some functions that are looked at again."""
    assert before.shifts is not None
    known = dict(before.shifts.functions)
    readings = readings_of(history.flows)
    hours = hours_of(readings)
    again = learn_some(readings, functions.tolist(), _together(known))
    limits = learn_absence_limits(_beside(history, functions), history.vocabulary, again)
    rows = np.flatnonzero(np.isin(history.flows.function, functions))
    steps = learn_step_times(history.flows.take(rows), again)
    kept = {one: limit for one, limit in before.shifts.absence_limits.items() if one not in again}
    return replace(
        before.shifts,
        functions=known | again,
        hours=hours,
        loads=learn_loads(readings, applications_of(history.vocabulary), hours),
        absence_limits=kept | limits,
        step_times=before.shifts.step_times.with_those_of(steps, functions),
    )


def _beside(history: History, functions: Ints) -> Encoded:
    """The flows of the applications that some functions are of: by these it is told how long is too long."""
    of = applications_of(history.vocabulary)
    return history.flows.take(np.flatnonzero(np.isin(of[history.flows.function], of[functions])))


def _together(known: Mapping[int, Baseline]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The exponents of all functions together, towards which those of the quietest lean most."""
    quietest = min(known.values(), key=lambda one: one.runs, default=None)
    return ShiftBaselines().exponents if quietest is None else quietest.exponents


def profiles_of(before: Model, history: History, functions: Ints) -> Sequence[Profile]:
    """The profiles of the model before, but for some functions that are looked at again."""
    rows = np.flatnonzero(np.isin(history.flows.function, functions))
    found: dict[FunctionKey, Profile] = {one.key: one for one in before.profiles}
    found |= {one.key: one for one in profiles(history.flows.take(rows), history.vocabulary)}
    return [found[key] for key in sorted(found)]
