"""The shifts that were found, with the names of what has shifted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from coldtrail.alerts.wording.levels import starter
from coldtrail.alerts.wording.phrases import step as step_words
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.readings import CALLERS, NO_STEP, STEP_TIME, TOLD
from coldtrail.features.vocabulary import ABSENT, UNKNOWN, Vocabulary
from coldtrail.records.finding import Origin, StepKey
from coldtrail.records.flow import NOBODY
from coldtrail.records.shift import Shift

_OF_STEPS = (NO_STEP, STEP_TIME)


def shifts_from(found: Iterable[Found], baselines: ShiftBaselines, vocabulary: Vocabulary) -> list[Shift]:
    """The shifts with the names of what has shifted, in the order in which they were found."""
    return [_shift(one, baselines, vocabulary) for one in found]


def _shift(one: Found, baselines: ShiftBaselines, vocabulary: Vocabulary) -> Shift:
    step, origin = step_of(one, vocabulary), _origin(one, vocabulary)
    return Shift(
        *vocabulary.functions[one.function],
        TOLD[one.measure],
        one.since,
        one.found,
        one.runs,
        one.effect.before,
        one.effect.after,
        _what(one, step, origin),
        baselines.functions[one.function].runs_a_false_shift,
        one.look[0],
        one.look[1],
        tuple(flow_id for flow_id, _ in one.references),
        tuple(trace for _, trace in one.references),
        _id(one, vocabulary),
        step,
        origin,
    )


def _id(one: Found, vocabulary: Vocabulary) -> str:
    """What has stopped is one shift however often it pauses; a change is another each time it begins."""
    begin = None if one.has_stopped else one.since
    thing = vocabulary.steps[one.effect.kind] if one.measure in _OF_STEPS and one.effect.kind else None
    told = (*vocabulary.functions[one.function], TOLD[one.measure], thing, begin)
    return f"cs-{hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]}"


def step_of(one: Found, vocabulary: Vocabulary) -> StepKey | None:
    """The step that has stopped, or takes longer."""
    if one.measure not in _OF_STEPS:
        return None
    name, kind, _, target, _ = vocabulary.steps[one.effect.kind]
    return StepKey(name, kind, target)


def _origin(one: Found, vocabulary: Vocabulary) -> Origin | None:
    """The trigger that has become frequent; None where it has no name."""
    number = one.effect.kind
    if one.measure != CALLERS or number == UNKNOWN:
        return None
    if number == ABSENT:
        return Origin(None, lost=True)
    name = vocabulary.triggers[number]
    return Origin(None if name == NOBODY else name)


def _what(one: Found, step: StepKey | None, origin: Origin | None) -> str:
    if step is not None:
        return step_words(step.action, step.target)
    return starter(origin) if one.measure == CALLERS else ""


def caller_number(origin: Origin, vocabulary: Vocabulary) -> int:
    """The number of a trigger by what a shift says of it; 0 for one that was never met."""
    return ABSENT if origin.lost else vocabulary.triggers.numbers.get(origin.trigger or NOBODY, UNKNOWN)
