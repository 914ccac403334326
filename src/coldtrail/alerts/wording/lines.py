"""Verdicts as they are written down: findings in words, under the promised keys."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.records.verdict import Reason, Verdict

Line = Mapping[str, object] | Verdict


class ReasonLine(Struct, frozen=True):
    """A reason under the keys that scripts rely on."""

    kind: str
    event_id: str | None
    event_name: str
    target: str | None
    expected: str
    seen: str
    contribution: float
    odds: float | None
    runs: int
    near: str | None
    elsewhere: bool


def verdict_line(verdict: Verdict) -> Line:
    """The verdict, ready for JSON; one without reasons is so already."""
    if not verdict.reasons:
        return verdict
    return structs.asdict(verdict) | {"reasons": [reason_line(reason) for reason in verdict.reasons]}


def reason_line(reason: Reason) -> ReasonLine:
    """The reason with its finding in words."""
    return ReasonLine(
        reason.kind,
        reason.event_id,
        reason.event_name,
        reason.target,
        expected(reason.finding),
        seen(reason.finding),
        reason.contribution,
        reason.odds,
        reason.runs,
        reason.near,
        reason.elsewhere,
    )
