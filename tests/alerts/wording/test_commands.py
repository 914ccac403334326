"""Commands for responders: complete for plain names, mere words for names that a shell could misread."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.wording.commands import (
    around,
    calls,
    deployed,
    mappings,
    policy,
    show_trace,
    trail,
    until,
    xray_id,
)

TRACE = "1-6966ae91-ffa13b811caa56a884e9e349"
AT = 1_770_000_000.0


def test_a_trace_is_fetched_by_its_xray_id() -> None:
    assert show_trace(TRACE) == f"aws xray batch-get-traces --trace-ids {TRACE}"
    assert xray_id(TRACE.replace("-", "")[1:]) == TRACE
    assert show_trace(TRACE, "eu-west-1").endswith(f"{TRACE} --region eu-west-1")
    assert show_trace("trace-7", "eu-west-1") == "trace trace-7"


def test_cloudtrail_is_asked_for_the_minutes_around() -> None:
    assert trail("ResourceName", "assets", around(AT), "eu-west-1") == (
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=assets"
        " --start-time 2026-02-02T02:25:00Z --end-time 2026-02-02T02:55:00Z --region eu-west-1"
    )
    assert trail("EventName", "PutObject", around(math.nan)).endswith("AttributeValue=PutObject")


def test_who_deployed_is_sought_as_far_back_as_cloudtrail_reaches() -> None:
    asked = trail("ResourceName", "Confirm", until(AT))
    assert asked.endswith("AttributeValue=Confirm --end-time 2026-02-02T02:55:00Z")
    assert until(math.nan) == ""


def test_calls_that_the_event_history_leaves_out_are_not_sought_there() -> None:
    assert calls("IAM", "ListUsers", around(AT)).startswith("aws cloudtrail lookup-events")
    assert calls("AWS::DynamoDB", "UpdateItem", around(AT)).startswith("UpdateItem among the data events")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (deployed, "get-function-configuration"),
        (policy, "get-policy"),
        (mappings, "list-event-source-mappings"),
    ],
)
def test_a_function_is_looked_up_where_it_is(command: Callable[..., str], name: str) -> None:
    assert command("Confirm", "eu-west-1") == (
        f"aws lambda {name} --function-name Confirm --region eu-west-1"
    )
    assert command("Confirm").endswith("--function-name Confirm")
    assert not command("$(id)").startswith("aws")


@pytest.mark.parametrize("name", ["file:///etc/passwd", "-x", "a b", "$(id)", "a,AttributeKey=b", "", "a\n"])
def test_names_that_could_act_are_no_part_of_a_command(name: str) -> None:
    assert not deployed(name).startswith("aws")
    assert not trail("ResourceName", name, around(AT)).startswith("aws")
    assert not show_trace(name).startswith("aws")
    assert deployed("Confirm", name or "x y").endswith("--function-name Confirm")
    assert show_trace(TRACE, name or "x y").endswith(TRACE)


@given(st.text())
def test_commands_hold_plain_words_only(name: str) -> None:
    for told in (deployed(name, name), trail("ResourceName", name, around(AT)), show_trace(name)):
        assert told.isprintable()
        if told.startswith("aws"):
            assert shlex.split(told) == told.split(" ")
