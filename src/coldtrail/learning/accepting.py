"""Takes shifts that people call benign into a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coldtrail.alerts.drifts import alert_ids
from coldtrail.alerts.shifts import caller_number, shifts_from, step_of
from coldtrail.alerts.shifts_together import family_of
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift import rebasing
from coldtrail.detectors.drift.absence_limits import FAILURES, learn_absence_limits
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.readings import (
    CALLERS,
    MEASURES,
    NO_FAILURES,
    NO_STEP,
    PATHS,
    STEP_TIME,
    STOPPED,
    TOLD,
    readings_of,
)
from coldtrail.detectors.drift.rebasing import Change
from coldtrail.features.vocabulary import ABSENT, UNKNOWN, Vocabulary
from coldtrail.learning.releases import Rollback
from coldtrail.learning.remarks import Remarks
from coldtrail.records.shift import Shift
from coldtrail.verdicts.feedback import AcceptedShift, Feedback, NamedShift, ShiftRemark

_LOST = "nobody that the telemetry names"
"""As earlier versions print a caller that the telemetry lost: it has no other name in what they print."""


def accept(remarks: Remarks, feedback: Feedback, found: Sequence[Found], words: Vocabulary) -> Feedback:
    """The feedback with the shifts that remarks call benign, as far as they are found or told in full."""
    causes = _causes(found)
    more = []
    for remark in remarks.of_shifts:
        shifts = [_accepted(cause, remark.note, words) for cause in causes if _is_meant(remark, cause, words)]
        shifts = shifts or _told(remark, words)
        (remarks.applied if shifts else remarks.unknown).append(remark)
        more += shifts
    return feedback.shifted(more)


def not_accepted(
    found: Sequence[Found], feedback: Feedback, model: Model, back: Sequence[Rollback]
) -> list[Shift]:
    """The shifts that nobody calls benign and no rollback explains, without the flows that show them."""
    benign = {(one.key, name) for one in feedback.shifts for name in one.effects}
    benign |= {(one.key, TOLD[NO_STEP]) for one in back}
    words = model.vocabulary
    left = [one for one in found if (words.functions[one.function], TOLD[one.measure]) not in benign]
    return shifts_from(left, model.shifts or ShiftBaselines(), words)


def _causes(found: Sequence[Found]) -> list[list[Found]]:
    """Shifts of one function that one alert tells; steps that have stopped each by itself."""
    groups: dict[tuple[int, str, int], list[Found]] = {}
    for one in found:
        kind = one.effect.kind if one.measure == NO_STEP else 0
        groups.setdefault((one.function, family_of(TOLD[one.measure]), kind), []).append(one)
    return list(groups.values())


def _is_meant(remark: ShiftRemark, cause: Sequence[Found], words: Vocabulary) -> bool:
    named = remark.shift
    whose = words.functions[cause[0].function]
    measures = {TOLD[one.measure] for one in cause}
    if isinstance(named, str):
        steps = {step_of(one, words) for one in cause}
        return any(named in alert_ids(whose, one, step) for one in measures for step in (None, *steps))
    if not named.names(whose):
        return False
    return named.measure is None or family_of(named.measure) == family_of(TOLD[cause[0].measure])


def _accepted(cause: Sequence[Found], note: str, words: Vocabulary) -> AcceptedShift:
    largest = sorted(cause, key=lambda one: one.effect.after)
    effects = {TOLD[one.measure]: (one.effect.before, one.effect.after, one.effect.kind) for one in largest}
    return AcceptedShift(*words.functions[cause[0].function], min(one.since for one in cause), effects, note)


def _told(remark: ShiftRemark, words: Vocabulary) -> list[AcceptedShift]:
    """A shift of which the remark says enough; of paths and steps it does not say which."""
    named = remark.shift
    if not isinstance(named, NamedShift) or named.measure not in TOLD:
        return []
    if named.measure in (TOLD[PATHS], TOLD[NO_STEP], TOLD[STEP_TIME]):
        return []
    if named.since is None or named.before is None or named.after is None:
        return []
    whose = [key for key in words.functions.words if named.names(key)]
    if len(whose) != 1:
        return []
    kind = _caller(named, words) if named.measure == TOLD[CALLERS] else 0
    kind = FAILURES if named.measure == TOLD[NO_FAILURES] else kind
    effects = {named.measure: (named.before, named.after, kind)}
    return [AcceptedShift(*whose[0], named.since, effects, remark.note)]


def _caller(named: NamedShift, words: Vocabulary) -> int:
    """The number of the trigger that a remark names, 0 for one that was never met."""
    if named.origin is not None:
        return caller_number(named.origin, words)
    return ABSENT if named.what == _LOST else words.triggers.numbers.get(named.what, UNKNOWN)


def rebased(model: Model) -> Model:
    """The model, just learned, that takes all accepted shifts for normal."""
    if not model.feedback.shifts or model.history is None or model.shifts is None:
        return model
    changes: dict[int, list[Change]] = {}
    stopped: dict[tuple[int, int], float] = {}
    for one in model.feedback.shifts:
        number = model.vocabulary.functions.numbers.get(one.key, 0)
        effects = {TOLD.index(name): Effect(*effect) for name, effect in one.effects.items()}
        moved = {measure: effect for measure, effect in effects.items() if measure < len(MEASURES)}
        if moved:
            changes.setdefault(number, []).append((one.since, moved))
        gone = [effect for measure, effect in effects.items() if measure in STOPPED]
        stopped |= {(number, effect.kind): one.since for effect in gone}
    flows = model.history.flows
    baselines = rebasing.rebased(model.shifts, readings_of(flows), changes)
    absence_limits = learn_absence_limits(flows, model.vocabulary, baselines.functions, stopped)
    return replace(model, shifts=replace(baselines, absence_limits=absence_limits))
