"""Verdicts on runs of which the telemetry contradicts itself: that is evidence, whatever the scores say.

Honest documents of one run agree, so no budget of false alarms is spent on it, and no history is needed.
"""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.records.contradiction import CONTRADICTION, Contradiction
from coldtrail.records.finding import Finding, Subject
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Reason, Verdict
from coldtrail.verdicts.feedback import Feedback

DETECTOR = "contradiction"
"""What stands among the detectors that alarmed."""


def with_contradictions(verdict: Verdict, flow: Flow, feedback: Feedback) -> Verdict:
    """The verdict with a reason for each kind of contradiction that nobody calls legitimate, the last ones.

    A function that is ready is anomalous by it; of another there is still too little history to say more.
    """
    accepted = {one.cause for one in feedback.of(flow)}
    found = [_reason(one, flow) for one in flow.contradictions]
    found = [reason for reason in found if reason.finding.key not in accepted]
    if not found:
        return verdict
    verdict = replace(verdict, reasons=(*verdict.reasons, *found))
    if verdict.verdict == "not_ready":
        return verdict
    return replace(verdict, verdict="anomalous", detectors=(*verdict.detectors, DETECTOR))


def contradicts(verdict: Verdict) -> bool:
    """Whether a verdict tells of contradictions."""
    return any(reason.kind == CONTRADICTION for reason in verdict.reasons)


def without_contradictions(verdict: Verdict) -> Verdict:
    """The verdict as it is for all else that is strange."""
    rest = tuple([reason for reason in verdict.reasons if reason.kind != CONTRADICTION])
    return verdict if len(rest) == len(verdict.reasons) else replace(verdict, reasons=rest)


def _reason(one: Contradiction, flow: Flow) -> Reason:
    """The reason, which adds nothing to the score."""
    at = next((event for event in flow.events if one.of == "step" and event.event_id == one.id), None)
    first = flow.events[0] if at is None and flow.events else at
    return Reason(
        Finding(CONTRADICTION, Subject.of(flow.key), seen=one),
        None if first is None else first.event_id,
        flow.function_name if at is None else at.event_name,
        None if at is None else at.event_target_resource,
    )
