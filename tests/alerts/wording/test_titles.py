"""Words of alerts: failures, missing callers and commands are told for what they are."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.records.alert import Alert
from coldtrail.records.finding import Known, Met, Origin, StepValue, UsualStep, Value
from coldtrail.records.next_step import Slot
from tests.alerts.test_alerts import make_pair, make_reason
from tests.findings import step_seen, usually


def told(kind: str, expected: Value, seen: Value) -> Alert:
    (alert,) = alerts_from([make_pair(reason=make_reason(kind, usual=expected, found=seen))])
    return alert


CALL = "PutObject on S3 out"


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (usually(CALL), step_seen(CALL, failed=True)),
        (UsualStep(None, 0.85, failed=(1.0, 251.0)), StepValue(None, failed=True)),
    ],
)
def test_a_failure_is_not_called_an_unusual_order(expected: Value, seen: Value) -> None:
    alert = told("order", expected, seen)
    assert alert.title == "Confirm failed at a step that seldom or never fails: PutObject on out"
    assert "who changed the role" in " ".join(step.told for step in alert.next_steps)


def test_a_call_out_of_order_that_fails_is_out_of_order() -> None:
    alert = told("order", usually("GetItem on DynamoDB Booking"), step_seen(CALL, failed=True))
    assert alert.title == "Confirm called PutObject on out out of its usual order"


def test_a_run_that_nobody_started_is_told_without_inventing_a_starter() -> None:
    known = Known((Met("AWS::ApiGateway::Stage shop/Prod", 166.0),))
    alert = told("trigger", known, Origin(None))
    assert alert.title == "Confirm was started by nobody on record, as it never was before"
    assert alert.technique is not None
    assert alert.technique.technique_id == "T1078.004"
    named = told("trigger", known, Origin("AWS::SNS topic"))
    assert named.title == "Confirm was started by AWS::SNS topic, which never started it before"


def test_a_run_that_was_started_in_another_way_is_told_with_the_way() -> None:
    known = Known((Met("asynchronously", 166.0),))
    alert = told("trigger", known, Origin(None, invocation_type="synchronous"))
    assert alert.title == "Confirm was started synchronously, by nobody on record, as it never was before"
    named = told("trigger", known, Origin("AWS::SNS topic", invocation_type="synchronous"))
    assert named.title == "Confirm was started synchronously, by AWS::SNS topic, as it never was before"
    assert named.id != alert.id


def test_what_is_missing_is_named_without_how_often_it_comes() -> None:
    usual = usually("PutItem on DynamoDB Audit", 0.94)
    for expected in (usual, msgspec.structs.replace(usual, failed=(3.0, 1251.0))):
        assert told("omission", expected, StepValue(None, failed=True)).title == (
            "Confirm left out a usual step: PutItem on DynamoDB Audit"
        )


def test_commands_ask_where_the_function_runs() -> None:
    commands = [step.command for step in told("trigger", Known(()), Origin(None)).next_steps if step.command]
    assert len(commands) == 3
    assert all(command.argv[-2:] == ("--region", Slot("region", "r")) for command in commands)
