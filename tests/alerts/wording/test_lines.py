"""Lines: the promised keys in their order, whatever the records hold."""

from __future__ import annotations

import msgspec

from coldtrail.alerts.wording.lines import verdict_line
from tests.alerts.test_alerts import make_pair, make_reason

REASON = [
    "kind", "event_id", "event_name", "target", "expected", "seen",
    "contribution", "odds", "runs", "near", "elsewhere",
]  # fmt: skip


def test_a_verdict_line_has_the_promised_keys_in_their_order() -> None:
    verdict, _ = make_pair(reason=make_reason())
    line = msgspec.json.decode(msgspec.json.encode(verdict_line(verdict)))
    assert list(line) == list(verdict.__struct_fields__)
    (reason,) = line["reasons"]
    assert list(reason) == REASON
    assert reason["expected"] == "PutItem on DynamoDB Booking (nearly always at this point)"
    assert reason["seen"] == "PutObject on S3 out"


def test_a_verdict_without_reasons_is_its_own_line() -> None:
    verdict, _ = make_pair(verdict="normal", reasons=())
    assert verdict_line(verdict) is verdict
