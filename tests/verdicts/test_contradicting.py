"""Verdicts on runs of which the telemetry contradicts itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.records.contradiction import Contradiction, Statement
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict, VerdictKind
from coldtrail.testing import make_flow
from coldtrail.verdicts.contradicting import contradicts, with_contradictions, without_contradictions
from coldtrail.verdicts.feedback import Accepted, Feedback

CALLS = [("PutObject", "S3", "evil", 0.01)]
NAME = Contradiction("step", "00000000000000f0-0", "PutObject", ("name",), (Statement(("PutObject",)),))
FLOW = replace(make_flow(CALLS), contradictions=(NAME, replace(NAME, of="run", id="f")))


def verdict(kind: VerdictKind, flow: Flow = FLOW) -> Verdict:
    whose = flow.key
    return Verdict(
        flow.function_flow_id, flow.application_flow_id, *whose, flow.start_time, kind, 0.5, 2.0, 0.3
    )


@pytest.mark.parametrize(
    ("kind", "becomes"), [("normal", "anomalous"), ("anomalous", "anomalous"), ("not_ready", "not_ready")]
)
def test_a_contradiction_is_told_whatever_was_learned(kind: VerdictKind, becomes: VerdictKind) -> None:
    told = with_contradictions(verdict(kind), FLOW, Feedback())
    assert told.verdict == becomes
    assert [reason.event_name for reason in told.reasons] == ["PutObject", "Order"]
    assert [reason.target for reason in told.reasons] == ["evil", None]
    assert (told.score, told.threshold, told.p_value) == (0.5, 2.0, 0.3)
    assert contradicts(told)
    assert not without_contradictions(told).reasons


def test_what_people_called_legitimate_is_not_told_and_the_rest_is() -> None:
    both = with_contradictions(verdict("normal"), FLOW, Feedback())
    one = Feedback((Accepted(both.reasons[0].finding.key),))
    assert len(with_contradictions(verdict("normal"), FLOW, one).reasons) == 1
    all_ = Feedback(tuple(Accepted(reason.finding.key) for reason in both.reasons))
    assert with_contradictions(verdict("normal"), FLOW, all_) == verdict("normal")


def test_the_same_aspects_of_the_same_kind_of_thing_are_one_cause() -> None:
    other = replace(FLOW, contradictions=(replace(NAME, id="x", name="y"), replace(NAME, aspects=("times",))))
    keys = [
        [reason.finding.key for reason in with_contradictions(verdict("normal"), flow, Feedback()).reasons]
        for flow in (FLOW, other)
    ]
    assert keys[0][0] == keys[1][0]
    assert len({*keys[0], *keys[1]}) == 3


def test_where_nothing_contradicts_the_verdict_stays() -> None:
    assert with_contradictions(verdict("normal"), replace(FLOW, contradictions=()), Feedback()) == verdict(
        "normal"
    )
