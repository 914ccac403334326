"""Contradictions as alerts: one for each function, one for a flood of them."""

from __future__ import annotations

from random import Random

from msgspec.structs import replace

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.grouping import Grouping
from coldtrail.alerts.wording.sentences import sentence
from coldtrail.records.alert import Alert
from coldtrail.records.contradiction import Contradiction, Statement
from coldtrail.records.finding import Finding, Subject
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Reason, Verdict, VerdictKind
from coldtrail.testing import make_flow
from coldtrail.verdicts.contradicting import with_contradictions
from coldtrail.verdicts.feedback import Feedback

SAID = (
    Statement(("PutObject",), "xray", "a.jsonl", "line 3"),
    Statement(("GetItem",), "xray", "b.jsonl", "line 9"),
)
STEP = Contradiction("step", "f-0", "PutObject", ("name",), SAID)


def judged(
    flow_id: str,
    function: str = "Order",
    kind: VerdictKind = "not_ready",
    *reasons: str,
    application: str = "shop",
) -> tuple[Verdict, Flow]:
    flow = make_flow(
        [("PutObject", "S3", "evil", 0.01)], flow_id=flow_id, function=function, application=application
    )
    flow = replace(flow, contradictions=(STEP,), application_flow_id=f"trace-{flow_id}")
    event = flow.events[1]
    found = tuple(
        Reason(
            Finding(one, Subject.of(flow.key), None),
            event.event_id,
            event.event_name,
            "evil",
            contribution=9.0,
        )
        for one in reasons
    )
    plain = Verdict(
        flow_id, flow.application_flow_id, *flow.key, flow.start_time, kind, 9.0 * len(reasons), 2.0, 0.001,
        reasons=found,
    )  # fmt: skip
    return with_contradictions(plain, flow, Feedback()), flow


def told(*pairs: tuple[Verdict, Flow]) -> list[Alert]:
    """The alerts, the same in any order."""
    alerts = alerts_from(pairs)
    assert [one.id for one in alerts_from(pairs[::-1])] == [one.id for one in alerts]
    return alerts


def test_a_function_that_nobody_learned_is_told_with_its_documents() -> None:
    (alert,) = told(judged("f"))
    assert (alert.kind, alert.severity, alert.subject.function_name) == ("contradiction", "high", "Order")
    assert alert.title == (
        "The telemetry of Order contradicts itself: documents disagree on the name of step PutObject"
    )
    said = sentence(alert.reasons[0])
    assert "a.jsonl, line 3" in said
    assert "b.jsonl, line 9" in said
    assert alert.technique is not None
    assert alert.technique.technique_id == "T1685.002"
    assert alert.p_value == 0.0


def test_what_else_is_strange_is_an_alert_of_its_own() -> None:
    alerts = told(judged("f", "Order", "anomalous", "new_resource"))
    assert {alert.kind for alert in alerts} == {"contradiction", "new_resource"}


def test_runs_of_one_function_are_one_alert() -> None:
    (alert,) = told(*(judged(f"f{i}") for i in range(50)))
    assert alert.count == 50


def test_functions_that_one_run_is_said_to_be_of_are_one_alert_led_by_the_learned_one() -> None:
    (alert,) = told(judged("f", "!"), judged("f", "Order", "normal"), judged("f", "a"))
    assert alert.subject.function_name == "Order"


def test_many_functions_are_one_alert_of_their_application_or_of_all() -> None:
    assert len(told(*(judged(f"f{i}", f"n{i}") for i in range(3)))) == 3
    (alert,) = told(*(judged(f"f{i}", f"n{i}") for i in range(40)))
    assert (alert.subject.kind, alert.subject.application_name, alert.count) == ("application", "shop", 40)
    assert "40 functions" in alert.title
    (alert,) = told(*(judged(f"f{i}", f"n{i}", application=f"app{i}") for i in range(40)))
    assert (alert.subject.kind, alert.subject.application_name) == ("fleet", "")


def test_what_is_held_is_taken_up_again() -> None:
    pairs = [judged(f"f{i}", f"n{i % 3}") for i in range(9)]
    Random(1).shuffle(pairs)
    one = Grouping()
    one.push(pairs[:4])
    other = Grouping()
    other.restore(one.snapshot())
    other.push(pairs[4:])
    assert other.advance(float("inf")) == alerts_from(pairs)
