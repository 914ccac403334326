"""Causes: what two flows must share to be one trouble, and what is kept of them."""

from __future__ import annotations

from coldtrail.alerts.parts import Causes, part_of
from coldtrail.records.finding import FindingKey, Origin
from coldtrail.verdicts.causes import MOST_CAUSES
from tests.alerts.test_alerts import make_pair, make_reason
from tests.findings import usually


def test_what_is_missing_names_the_cause_wherever_the_hole_lies() -> None:
    beside = [
        make_reason("omission", name, "x", usually("PutObject on S3 audit", share))
        for name, share in (("GetItem", 1.0), ("Query", 0.82))
    ]
    found = {reason.finding.key for reason in beside}
    assert found == {FindingKey("1", "r", "app", "Confirm", "omission", "PutObject", "S3", "audit")}


def test_triggers_are_causes_of_their_own() -> None:
    one, other = (make_reason("trigger", found=Origin(name)) for name in ("SNS a", "SNS b"))
    assert one.finding.key != other.finding.key


def test_many_causes_of_a_kind_keep_the_strangest_flow_alone() -> None:
    causes = Causes()
    for place in range(50):
        verdict, flow = make_pair(f"f{place}", make_reason(target=f"b{place}"), score=5.0 + place * 7 % 50)
        causes.add(part_of(verdict, flow, verdict.reasons))
    assert len(causes.parts) == 50
    kept = [part for part in causes.parts.values() if part.flow is not None]
    assert [part.verdict.score for part in kept] == [54.0]


def test_few_causes_keep_the_strangest_flow_of_each() -> None:
    causes = Causes()
    for place in range(4 * MOST_CAUSES):
        reason = make_reason(target=f"b{place % MOST_CAUSES}")
        verdict, flow = make_pair(f"f{place}", reason, score=5.0 + place)
        causes.add(part_of(verdict, flow, verdict.reasons))
    parts = causes.parts.values()
    assert sorted(part.shown_flow.function_flow_id for part in parts) == ["f10", "f11", "f9"]
    assert {len(part.sightings) for part in parts} == {4}
