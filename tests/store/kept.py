"""What a service keeps, made for tests."""

from __future__ import annotations

from typing import Any

import msgspec

from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery, Message
from coldtrail.records.episode import Episode, EpisodeState
from coldtrail.store.database import AlertRow, Checkpoint, VerdictRow
from coldtrail.testing import make_flow
from tests.alerts.live_alerts import START, SUBJECT, make_alert


def alert_row(id: str, last: float = 0.0, state: EpisodeState = "open", count: int = 1) -> AlertRow:
    """An alert that was last seen so many seconds after `START`."""
    alert = msgspec.structs.replace(
        make_alert(id, count=count, last=last),
        flow=make_flow([("GetItem", "AWS::DynamoDB::Table", "orders", 0.01)]),
    )
    episode = Episode(
        alert_id=id,
        episode=1,
        state=state,
        severity=alert.severity,
        count=count,
        first_seen=START,
        last_seen=START + last,
        told_at=START + 1,
        told_count=1,
        told_severity=alert.severity,
    )
    return AlertRow(alert, episode)


def make_case(id: str, last: float = 0.0, **fields: Any) -> Case:
    """A case that was last seen so many seconds after `START`."""
    plain: dict[str, Any] = {
        "title": "Order, and who calls it",
        "subject": SUBJECT,
        "state": "open",
        "severity": "high",
        "score": 7.5,
        "members": (),
        "functions": ("Order",),
        "principals": (),
        "credentials": (),
        "indicators": (("country", "NZ"),),
        "opened_at": START,
        "first_seen": START,
        "timeline": (),
    }
    return Case(id=id, last_seen=START + last, **plain | fields)


def make_delivery(id: str, **fields: Any) -> Delivery:
    """A delivery to the channel `team`."""
    message = Message(
        what="trigger",
        dedup_key="a1/1",
        alert_id="a1",
        case_id=None,
        severity="high",
        title="Order writes to a new bucket",
        lines=("It did so once.",),
        function="Order",
        application="shop",
        account="",
        region="eu-west-1",
        at=START,
        first_seen=START,
        count=1,
        alert=b'{"id":"a1"}',
    )
    return Delivery(id=id, **{"channel": "team", "message": message, "made_at": START} | fields)


def make_verdict(id: str, start: float = 0.0, verdict: str = "normal", **fields: Any) -> VerdictRow:
    """A verdict of a flow that began so many seconds after `START`."""
    return VerdictRow(id, START + start, verdict, b'{"id":"%s"}' % id.encode("utf-8", "replace"), **fields)


def make_checkpoint(number: int = 1, size: int = 10) -> Checkpoint:
    """The checkpoint of a moment."""
    return Checkpoint({"trail": b'{"n":%d}' % number, "spool": b"\x00"}, bytes(size), "b1", START + number)
