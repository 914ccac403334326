"""Evidence of detectors to findings: who it is of, which step, and which event to look at first."""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.detectors.detector import Detector, Evidence, Place
from coldtrail.features.batch import Encoded
from coldtrail.features.vocabulary import Vocabulary, is_end
from coldtrail.records.finding import Finding, StepKey, Subject, UsualStep
from coldtrail.records.flow import Flow

Found = tuple[Finding, int | None]
"""A finding, and the place in its flow of the event to look at first; None where there is none."""


def findings_at(
    detector: Detector,
    vocabulary: Vocabulary,
    encoded: Encoded,
    places: Sequence[Place],
    told: Sequence[Flow],
) -> list[Found]:
    """What a detector finds at places of a batch, and the event to look at first; `told` are the flows in
    which the places lie."""
    evidences = detector.evidences(encoded, places, told, vocabulary)
    return [
        finding_of(evidence, flow, place.step)
        for evidence, flow, place in zip(evidences, told, places, strict=True)
    ]


def finding_of(evidence: Evidence, flow: Flow, place: int | None) -> Found:
    """What evidence at a step of a flow (None: of the whole) says of whom, and the event to look at first."""
    at = to_look_at(evidence, flow, place)
    step = None if at is None else StepKey.of(flow.events[at])
    if evidence.kind == "trigger":
        step = None
    elif isinstance(evidence.expected, UsualStep) and evidence.kind == "omission":
        step = evidence.expected.step
    return Finding(evidence.kind, Subject.of(flow.key), step, evidence.expected, evidence.seen), at


def to_look_at(evidence: Evidence, flow: Flow, step: int | None) -> int | None:
    """The event to look at first: where a step is missing before the end, the last call before the hole."""
    if step is None:
        return _beside(evidence, flow)
    event = flow.events[step]
    if evidence.kind == "omission" and is_end(event.event_name, event.event_type):
        return next((i for i in range(step - 1, -1, -1) if _is_call(flow, i)), step)
    return step


def _beside(evidence: Evidence, flow: Flow) -> int | None:
    """The event to look at where the reason is the whole run: next to a missing end, else the Invocation."""
    if not flow.events:
        return None
    if evidence.kind in ("omission", "order"):
        calls = [i for i in range(len(flow.events)) if _is_call(flow, i)]
        return calls[-1] if calls else len(flow.events) - 1
    names = [event.event_name for event in flow.events]
    return names.index("Invocation") if "Invocation" in names else 0


def _is_call(flow: Flow, at: int) -> bool:
    return flow.events[at].event_type != "lifecycle"
