"""The shifts that were found, with the names of what has shifted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from coldtrail.alerts.wording.phrases import step
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.readings import CALLERS, NO_STEP, TOLD
from coldtrail.features.vocabulary import ABSENT, Vocabulary
from coldtrail.records.shift import Shift

_NOBODY = "nobody that the telemetry names"


def shifts_from(found: Iterable[Found], baselines: ShiftBaselines, vocabulary: Vocabulary) -> list[Shift]:
    """The shifts with the names of what has shifted, in the order in which they were found."""
    return [_shift(one, baselines, vocabulary) for one in found]


def _shift(one: Found, baselines: ShiftBaselines, vocabulary: Vocabulary) -> Shift:
    return Shift(
        *vocabulary.functions[one.function],
        TOLD[one.measure],
        one.since,
        one.found,
        one.runs,
        one.effect.before,
        one.effect.after,
        _what(one, vocabulary),
        baselines.functions[one.function].runs_a_false_shift,
        one.look[0],
        one.look[1],
        tuple(flow_id for flow_id, _ in one.references),
        tuple(trace for _, trace in one.references),
        _id(one, vocabulary),
    )


def _id(one: Found, vocabulary: Vocabulary) -> str:
    """What has stopped is one shift however often it pauses; a change is another each time it begins."""
    begin = None if one.has_stopped else one.since
    thing = vocabulary.steps[one.effect.kind] if one.measure == NO_STEP else None
    told = (*vocabulary.functions[one.function], TOLD[one.measure], thing, begin)
    return f"cs-{hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]}"


def _what(one: Found, vocabulary: Vocabulary) -> str:
    if one.measure == NO_STEP:
        name, _, _, target, _ = vocabulary.steps[one.effect.kind]
        return step(name, target)
    return _caller(one.effect.kind, vocabulary) if one.measure == CALLERS else ""


def _caller(number: int, vocabulary: Vocabulary) -> str:
    if number == ABSENT:
        return _NOBODY
    return vocabulary.triggers[number] if number > 0 else "something that seldom or never started it"


def caller_number(name: str, vocabulary: Vocabulary) -> int:
    """The number of a caller by what a shift says of it; 0 for one that seldom or never started anything."""
    return ABSENT if name == _NOBODY else vocabulary.triggers.numbers.get(name, 0)
