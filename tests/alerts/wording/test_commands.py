"""Commands for responders: what they ask, of whom, and for which time."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from msgspec import structs

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
    show_run,
    show_trace,
    until,
    xray_id,
)
from coldtrail.records.flow import Flow
from coldtrail.records.next_step import Command, Slot
from coldtrail.testing import make_flow

TRACE = "1-6966ae91-ffa13b811caa56a884e9e349"
AT = 1_770_000_000.0
REQUEST = "8f507cfc-1b2c-4d5e-8f60-718293a4b5c6"
EVENT, OTHER = "f2b287f3-0df1-1234-a2f4-c4bdfed47657", "f2b287f3-0df1-1234-a2f4-c4bdfed47658"
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


def of_session(**more: Any) -> Flow:
    """What a session did, as the audit log alone tells it: a call of IAM, then one of S3."""
    flow = make_flow([("ListUsers", "IAM", None, 0.0), ("GetObject", "S3", "loot", 0.0)], start=AT)
    steps = [event for event in flow.events if event.event_type in ("IAM", "S3")]
    pairs = zip(steps, (EVENT, OTHER), strict=True)
    events = tuple([structs.replace(step, event_id=event_id) for step, event_id in pairs])
    same = {"application_flow_id": "Order:1", "function_flow_id": "Order:1", "witnesses": ("cloudtrail",)}
    return structs.replace(flow, **same | {"events": events, "region": "eu-west-1"} | more)


def test_a_run_that_a_trace_tells_of_is_shown_by_it() -> None:
    flow = structs.replace(make_flow([]), application_flow_id=TRACE, region="eu-west-1")
    assert show_run(flow, None) == show_trace(TRACE, "eu-west-1")
    both = structs.replace(flow, witnesses=("cloudtrail", "xray"))
    assert show_run(both, None) == show_trace(TRACE, "eu-west-1")
    named_by_a_report = structs.replace(flow, witnesses=("lambda-report",))
    assert show_run(named_by_a_report, None) == show_trace(TRACE, "eu-west-1")


def test_a_request_is_sought_in_the_functions_log() -> None:
    asked = in_shell(show_run(of_session(request_id=REQUEST), EVENT))
    assert asked == (
        f"aws logs filter-log-events --log-group-name /aws/lambda/Order --filter-pattern '\"{REQUEST}\"'"
        " --start-time 1769999100000 --end-time 1770000900003 --region eu-west-1"
    )


def test_a_call_that_the_audit_log_alone_tells_is_sought_there_by_its_id() -> None:
    flow = of_session()
    assert in_shell(show_run(flow, EVENT)) == (f"{LOOKUP}EventId,AttributeValue={EVENT} --region eu-west-1")
    assert show_run(flow, None) == show_run(flow, EVENT)
    assert shlex.split(in_shell(show_run(flow, OTHER)))[1:5] == [
        "cloudtrail",
        "start-query",
        "--query-statement",
        "SELECT * FROM EVENT_DATA_STORE_ID WHERE userIdentity.arn LIKE '%/Order' AND eventTime BETWEEN "
        "'2026-02-02 02:25:00' AND '2026-02-02 02:55:00'",
    ]
    assert show_run(of_session(events=(), depths=(), self_times=()), None) == session(
        "Order", around(AT), "eu-west-1"
    )


def test_no_hostile_id_enters_a_command() -> None:
    hostile = "x' OR '1'='1"
    for flow in (
        of_session(request_id=hostile),
        of_session(function_name=hostile),
        structs.replace(of_session(), events=(structs.replace(of_session().events[0], event_id=hostile),)),
    ):
        for event in (*flow.events, None):
            assert " OR " not in in_shell(show_run(flow, event and event.event_id))


COMMANDS = (
    show_trace(TRACE, "eu-west-1"),
    show_run(of_session(), EVENT),
    show_run(of_session(), OTHER),
    show_run(of_session(request_id=REQUEST), None),
    of_function("Confirm", around(AT)),
    deployed("Confirm"),
    policy("Confirm"),
    mappings("Confirm"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: str(one.argv[2]))
def test_each_command_is_one_of_its_service_with_options_that_it_has(command: Command) -> None:
    _, service, verb, *rest = [one if isinstance(one, str) else one.before for one in command.argv]
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    members = model.operation_model(operations[verb]).input_shape
    assert members is not None
    known = {xform_name(name, "-"): name for name in members.members}
    options = {one.removeprefix("--") for one in rest if one.startswith("--")}
    assert options - {"region"} <= known.keys()
    assert set(members.required_members) <= {known[option] for option in options & known.keys()}


def test_the_event_history_is_asked_by_an_attribute_that_it_knows() -> None:
    keys = botocore.session.get_session().get_service_model("cloudtrail").shape_for("LookupAttributeKey").enum
    for command in COMMANDS:
        for one in command.argv:
            if isinstance(one, Slot) and one.before.startswith("AttributeKey="):
                assert one.before.split("=")[1].split(",")[0] in keys
