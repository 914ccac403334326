"""Commands for responders: what they ask, of whom, and for which time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from coldtrail.alerts.showing.shell import in_shell
from coldtrail.alerts.wording.commands import (
    around,
    calls,
    deployed,
    mappings,
    of_function,
    of_resource,
    policy,
    session,
    show_trace,
    until,
    xray_id,
)
from coldtrail.records.next_step import Command

TRACE = "1-6966ae91-ffa13b811caa56a884e9e349"
AT = 1_770_000_000.0
LOOKUP = "aws cloudtrail lookup-events --lookup-attributes AttributeKey="


def test_a_trace_is_fetched_by_its_xray_id() -> None:
    assert in_shell(show_trace(TRACE)) == f"aws xray batch-get-traces --trace-ids {TRACE}"
    assert xray_id(TRACE.replace("-", "")[1:]) == TRACE
    assert in_shell(show_trace(TRACE, "eu-west-1")).endswith(f"{TRACE} --region eu-west-1")


def test_cloudtrail_is_asked_for_the_minutes_around() -> None:
    assert in_shell(of_resource("S3", "assets", around(AT), "eu-west-1")) == (
        f"{LOOKUP}ResourceName,AttributeValue=assets"
        " --start-time 2026-02-02T02:25:00Z --end-time 2026-02-02T02:55:00Z --region eu-west-1"
    )
    assert in_shell(session("Pay", around(math.nan))) == f"{LOOKUP}Username,AttributeValue=Pay"


def test_a_resource_of_another_account_is_asked_for_by_its_own_name() -> None:
    command = of_resource("SNS", "210987654321:orders", ())
    assert in_shell(command).endswith("AttributeValue=orders")


def test_who_deployed_is_sought_as_far_back_as_cloudtrail_reaches() -> None:
    asked = in_shell(of_function("Confirm", until(AT)))
    assert asked.endswith("AttributeValue=Confirm --end-time 2026-02-02T02:55:00Z")
    assert until(math.nan) == ()


def test_calls_that_the_event_history_leaves_out_are_not_sought_there() -> None:
    asked = calls("IAM", "ListUsers", ())
    assert asked is not None
    assert in_shell(asked) == f"{LOOKUP}EventName,AttributeValue=ListUsers"
    assert calls("AWS::DynamoDB", "UpdateItem", around(AT)) is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (deployed, "get-function-configuration"),
        (policy, "get-policy"),
        (mappings, "list-event-source-mappings"),
    ],
)
def test_a_function_is_looked_up_where_it_is(command: Callable[..., Command], name: str) -> None:
    asked = in_shell(command("Confirm", "eu-west-1"))
    assert asked == f"aws lambda {name} --function-name Confirm --region eu-west-1"
    assert in_shell(command("Confirm")).endswith("--function-name Confirm")
