"""Findings and reasons made by hand, and what detectors say in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.detectors.detector import Detector, Place
from coldtrail.features.batch import Encoded
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import Finding, StepKey, StepValue, Subject, UsualStep, Value
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Reason
from coldtrail.verdicts.findings import finding_of

FUNCTION = Subject("function", "1", "r", "app", "Confirm")


class Said(NamedTuple):
    """Evidence in words."""

    kind: str
    expected: str
    seen: str


def said(detector: Detector, flows: Encoded, place: Place, flow: Flow, words: Vocabulary) -> Said:
    """What a detector says of a place, in words."""
    found, _ = finding_of(detector.evidence(flows, place, flow, words), flow, place.step)
    return Said(found.kind, expected(found), seen(found))


def step_key(words: str) -> StepKey:
    """The step of such words as `PutItem on DynamoDB Booking`, or `GET to bank.example`."""
    if " to " in words:
        action, _, target = words.partition(" to ")
        return StepKey(action, "remote", target)
    action, _, where = words.partition(" on ")
    service, _, target = where.partition(" ")
    return StepKey(action, service or "lifecycle", target or None)


def reason(
    kind: str,
    event_name: str = "PutObject",
    target: str | None = "out",
    usual: Value | None = None,
    found: Value | None = None,
    contribution: float = 5.0,
    event_id: str | None = "e1",
    event_type: str = "S3",
) -> Reason:
    """A reason that speaks of one step, or of the step that is missing."""
    step: StepKey | None = StepKey(event_name, event_type, target)
    if kind == "omission" and isinstance(usual, UsualStep):
        step = usual.step
    finding = Finding(kind, FUNCTION, None if kind == "trigger" else step, usual, found)
    return Reason(finding, event_id, event_name, target, contribution)


def usually(words: str, share: float = 1.0) -> UsualStep:
    """What usually stands at this point."""
    return UsualStep(step_key(words), share)


def step_seen(words: str, failed: bool = False) -> StepValue:
    """A step that was seen."""
    return StepValue(step_key(words), failed)


def about(reasons: Iterable[Reason], key: FunctionKey) -> tuple[Reason, ...]:
    """The reasons, found of a function."""
    subject = Subject.of(key)
    return tuple(replace(one, finding=replace(one.finding, subject=subject)) for one in reasons)
