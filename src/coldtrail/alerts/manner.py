"""How a reason is told: by its kind, or by what says more than that."""

from __future__ import annotations

from coldtrail.features.vocabulary import is_end
from coldtrail.records.finding import Finding, Origin, Seconds, StepKey, StepValue, UsualStep
from coldtrail.records.verdict import Reason


def told_as(reason: Reason) -> str:
    """The kind by which an alert is told: that of its reason, unless there is more to say."""
    if reason.near:
        return "look_alike"
    if reason.elsewhere:
        return "shared_resource"
    if is_otherwise(reason.finding):
        return "started_otherwise"
    if by_nobody(reason.finding):
        return "untriggered"
    return "failed_call" if is_failure(reason.finding) else reason.kind


def manner(reason: Reason) -> str:
    """The kind, told apart where its sentence would say too much or name no step."""
    finding = reason.finding
    if is_failure(finding):
        return "failed_run" if is_of_run(finding) else "failed_call"
    if finding.kind == "duration" and isinstance(finding.seen, Seconds):
        return {"own_code": "own_duration", "run_itself": "rest_duration"}.get(finding.seen.of, finding.kind)
    if is_otherwise(finding):
        return "started_otherwise"
    return "untriggered" if by_nobody(finding) else finding.kind


def is_otherwise(finding: Finding) -> bool:
    """Whether what is strange is how a known trigger started the run."""
    return isinstance(finding.seen, Origin) and finding.seen.invocation_type is not None


def is_failure(finding: Finding) -> bool:
    """Whether nothing but the failure of a call, or of the run, is strange."""
    seen, expected = finding.seen, finding.expected
    if finding.kind != "order" or not isinstance(seen, StepValue) or not seen.failed:
        return False
    return seen.step is None or (isinstance(expected, UsualStep) and _same(expected.step, seen.step))


def is_of_run(finding: Finding) -> bool:
    """Whether what was seen is the end of the run."""
    return isinstance(finding.seen, StepValue) and finding.seen.step is None


def by_nobody(finding: Finding) -> bool:
    """Whether nobody on record started the run, where somebody always did."""
    seen = finding.seen
    return (
        finding.kind == "trigger"
        and isinstance(seen, Origin)
        and not seen.trigger
        and seen.invocation_type is None
        and not (seen.by_caller and seen.caller)
    )


def _same(one: StepKey | None, other: StepKey | None) -> bool:
    return _at_end(one) == _at_end(other)


def _at_end(step: StepKey | None) -> StepKey | None:
    return None if step is not None and is_end(step.action, step.type) else step
