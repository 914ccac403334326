"""Alerts and silences for tests of what becomes of them."""

from __future__ import annotations

from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.finding import Finding, Subject
from coldtrail.records.silence import Matcher, Silence

START = 1_795_000_000.0
SUBJECT = Subject("function", "", "eu-west-1", "shop", "Order")


def make_alert(
    id: str, count: int = 1, severity: Severity = "medium", last: float = 0.0, first: float = 0.0
) -> Alert:
    """An alert of the function Order that was last seen so many seconds after `START`."""
    return Alert(
        id=id,
        kind="new_resource",
        subject=SUBJECT,
        severity=severity,
        title="Order writes to a new bucket",
        first_seen=START + first,
        last_seen=START + last,
        told_at=START + first + 1,
        count=count,
        finding=Finding("new_resource", SUBJECT, None, None, None),
        reasons=(),
        evidence=(Evidence("f1", "t1"),),
        look_at=Evidence("f1", "t1"),
        technique=None,
        rationale="",
        next_steps=(),
        p_value=0.001,
        detectors=("novelty",),
    )


def make_silence(*matchers: Matcher, id: str = "s") -> Silence:
    """A silence that is in force."""
    return Silence(id, matchers, START, START + 86_400.0, "me", "known", "benign")
