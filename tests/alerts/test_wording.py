"""Words of alerts: failures, missing callers and commands are told for what they are."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.phrases import RUN_FAILED, WHICH_FAILED
from coldtrail.records.alert import Alert
from coldtrail.records.flow import NOBODY
from tests.alerts.test_alerts import make_pair, make_reason


def told(kind: str, expected: str, seen: str) -> Alert:
    reason = msgspec.structs.replace(make_reason(kind), expected=expected, seen=seen)
    (alert,) = alerts_from([make_pair(reason=reason)])
    return alert


CALL = "PutObject on S3 out"


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (f"{CALL} (nearly always at this point)", CALL + WHICH_FAILED),
        ("the end of the run (85 % of runs at this point); failed in 1 of 251 runs", RUN_FAILED),
    ],
)
def test_a_failure_is_not_called_an_unusual_order(expected: str, seen: str) -> None:
    alert = told("order", expected, seen)
    assert alert.title == "Confirm failed at a step that seldom or never fails: PutObject on out"
    assert "who changed the role" in " ".join(alert.next_steps)


def test_a_call_out_of_order_that_fails_is_out_of_order() -> None:
    alert = told("order", "GetItem on DynamoDB Booking (nearly always at this point)", CALL + WHICH_FAILED)
    assert alert.title == "Confirm called PutObject on out out of its usual order"


def test_a_run_that_nobody_started_is_told_without_inventing_a_starter() -> None:
    alert = told("trigger", "AWS::ApiGateway::Stage shop/Prod (in 166 runs)", NOBODY)
    assert alert.title == "Confirm was started by nobody on record, as it never was before"
    assert alert.technique is not None
    assert alert.technique.technique_id == "T1078.004"
    named = told("trigger", "AWS::ApiGateway::Stage shop/Prod (in 166 runs)", "AWS::SNS topic")
    assert named.title == "Confirm was started by AWS::SNS topic, which never started it before"


def test_what_is_missing_is_named_without_how_often_it_comes() -> None:
    usual = "PutItem on DynamoDB Audit (94 % of runs at this point)"
    for expected in (usual, f"{usual}; failed in 3 of 1,251 runs"):
        assert told("omission", expected, RUN_FAILED).title == (
            "Confirm left out a usual step: PutItem on DynamoDB Audit"
        )


def test_commands_ask_where_the_function_runs() -> None:
    commands = [step for step in told("trigger", "", NOBODY).next_steps if ": aws " in step]
    assert len(commands) == 2
    assert all(step.endswith("--region r") for step in commands)
