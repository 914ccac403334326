"""Flows of invocations that no trace tells of."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly.join.joining import Joining
from coldtrail.assembly.join.untraced import LONGEST_SESSION_S
from coldtrail.config import LimitSettings, Settings
from coldtrail.records.tally import Tally
from tests.assembly.join.told import (
    ACCOUNT,
    ARN,
    REGION,
    START,
    access,
    call,
    counts,
    flow,
    invoke,
    joined,
    report,
)


def test_a_report_alone_gives_a_flow_without_steps() -> None:
    (one,) = joined([report(0, START + 2.0, duration_s=1.5, version="7", account=ACCOUNT, region=REGION)])
    assert (one.function_name, one.function_flow_id, one.request_id) == ("Order", "r0", "r0")
    assert (one.start_time, one.end_time) == (START + 0.5, START + 2.0)
    assert (one.events, one.complete, one.version) == ((), False, "7")
    assert (one.account, one.region, one.witnesses) == (ACCOUNT, REGION, ("lambda-report",))
    assert one.facts is not None
    assert (one.facts.duration_ms, one.facts.untraced) == (1500.0, False)


def test_a_cold_start_and_a_failure_are_told_by_the_report() -> None:
    (one,) = joined([report(init_s=0.3, status="timeout")])
    assert (one.cold_start, one.error) == (True, True)


def test_all_that_names_one_untraced_invocation_is_one_flow() -> None:
    (one,) = joined([report(), invoke(), access(), report(kind="start", time=START, memory_used_mb=None)])
    assert one.witnesses == ("access-log", "cloudtrail", "lambda-report")
    assert one.facts is not None
    assert (one.facts.memory_used_mb, one.facts.principal, one.facts.http_status) == (81.0, "p-alice", 200)
    assert one.start_time == START


def test_an_invoke_event_gives_a_flow_of_the_calls_that_follow() -> None:
    told = [
        invoke(0, START, function_version="7"),
        call("b", START + 2.0, "S3", "GetObject", "arn:aws:s3:::receipts"),
        call("a", START + 2.0, "DynamoDB", "GetItem", "Stock", error_code="AccessDenied"),
        call("c", START + 3.0),
    ]
    (one,) = joined(told)
    assert (one.function_flow_id, one.request_id, one.version, one.complete) == ("r0", "r0", "7", False)
    assert [(step.event_name, step.event_type, step.event_target_resource) for step in one.events] == [
        ("GetItem", "DynamoDB", "Stock"),
        ("GetObject", "S3", "receipts"),
        ("PutObject", "S3", "receipts"),
    ]
    assert {step.witness for step in one.events} == {"cloudtrail"}
    assert all(step.start_time == step.end_time == int(step.start_time) for step in one.events)
    assert [step.error for step in one.events] == [True, False, False]
    assert (one.start_time, one.end_time, one.depths) == (START, START + 3.0, (1, 1, 1))
    assert counts(told)["calls that made a flow"] == 4


def test_calls_go_to_the_invocation_of_the_same_credentials() -> None:
    told = [
        invoke(0, START),
        invoke(1, START + 1.0),
        call("a", START, access_key="p-a"),
        call("b", START + 4.0, access_key="p-b"),
        call("c", START + 5.0, access_key="p-a"),
    ]
    found = {one.request_id: [step.event_id for step in one.events] for one in joined(told)}
    assert sorted(map(sorted, found.values())) == [["a", "c"], ["b"]]


def test_calls_of_one_instance_go_to_the_invocation_that_it_serves() -> None:
    told = [invoke(0, START), call("a", START), invoke(1, START + 11.0), call("b", START + 11.0)]
    told += [call("c", START + 11.0), invoke(2, START + 12.0), call("d", START + 15.0)]
    found = {one.request_id: [step.event_id for step in one.events] for one in joined(told)}
    assert found == {"r0": ["a"], "r1": ["b", "c"], "r2": ["d"]}


def test_an_invocation_that_goes_on_keeps_the_calls_of_its_instance() -> None:
    told = [
        invoke(0, START),
        call("a", START, access_key="p-a"),
        invoke(1, START + 5.0),
        call("b", START + 6.0, access_key="p-b"),
        call("c", START + 7.0, access_key="p-a"),
    ]
    found = {one.request_id: [step.event_id for step in one.events] for one in joined(told)}
    assert found == {"r0": ["a", "c"], "r1": ["b"]}


def test_a_session_gives_a_flow_until_it_pauses() -> None:
    told = [call(f"e{n}", START + time) for n, time in enumerate([0.0, 30.0, 90.0, 151.0, 152.0])]
    first, second = joined(told)
    assert (len(first.events), len(second.events)) == (3, 2)
    assert first.function_flow_id == "Order:e0"
    assert second.function_flow_id == "Order:e3"
    assert (first.start_time, first.end_time) == (START, START + 90.0)
    assert (first.function_name, first.account, first.region, first.version) == (
        "Order",
        ACCOUNT,
        REGION,
        "7",
    )
    assert (first.complete, first.request_id, first.witnesses) == (False, None, ("cloudtrail",))
    assert first.upstream_lost
    assert counts(told)["calls that made a flow"] == 5


def test_a_session_without_a_pause_is_cut_as_well() -> None:
    told = [call(f"e{n:04}", START + 10.0 * n) for n in range(300)]
    found = joined(told)
    assert [len(one.events) for one in found[:-1]] == [91] * 3
    assert max(one.end_time - one.start_time for one in found) <= LONGEST_SESSION_S


def test_each_instance_of_a_function_has_a_session_of_its_own() -> None:
    found = joined([call("a", START, access_key="p-a"), call("b", START, access_key="p-b")])
    assert sorted(one.function_flow_id for one in found) == ["Order:a", "Order:b"]


def test_a_session_that_names_no_region_is_of_the_one_where_most_is_done() -> None:
    place = {"credentials_of": None, "session_function": "Order"}
    told = [
        call(f"e{n}", START + n, region=name, **place) for n, name in enumerate(["us-east-1", REGION, REGION])
    ]
    (one,) = joined(told)
    assert (one.region, one.account) == (REGION, ACCOUNT)


def test_where_a_function_is_traced_its_other_calls_make_no_flows() -> None:
    told = [flow(), call("a", START + 500.0), call("b", START + 501.0)]
    assert len(joined(told)) == 1
    assert counts(told)["calls of runs that nothing else tells of"] == 2
    assert len(joined([flow(start=START + 5_000.0), call("a", START)])) == 2


def test_an_untraced_invocation_of_a_traced_function_says_so() -> None:
    found = {one.request_id: one for one in joined([flow(), report(1, START + 400.0)])}
    untraced = found["r1"].facts
    assert untraced is not None
    assert untraced.untraced


def test_what_the_platform_does_in_a_functions_name_begins_no_session() -> None:
    told = [call("a", START, "Logs", "CreateLogStream", "x")]
    assert joined(told) == []
    assert counts(told)["calls of the platform itself"] == 1


def test_a_flow_has_no_more_steps_than_flows_may_have() -> None:
    limits = LimitSettings(max_events_per_flow=3)
    joining = Joining(Settings(limits=limits), Tally())
    joining.push([call(f"e{n}", START) for n in range(9)])
    (one,) = joining.advance(float("inf"))
    assert len(one.events) == 3


def test_a_report_without_a_time_takes_that_of_others() -> None:
    bare = report(time=None)
    assert [one.start_time for one in joined([bare, invoke()])] == [START]
    assert joined([bare]) == []
    assert counts([bare])["reports without a function or a time"] == 1
    (one,) = joined([flow(), bare])
    assert one.facts is not None


def test_an_arn_names_the_function_of_an_invocation() -> None:
    (one,) = joined([invoke(target=f"{ARN}Pay:live", account="999999999999")])
    assert (one.function_name, one.account, one.region) == ("Pay", ACCOUNT, REGION)
    (other,) = joined([replace(invoke(), target="Pay", target_account=None)])
    assert (other.function_name, other.account, other.region) == ("Pay", ACCOUNT, REGION)


def test_calls_wait_for_what_names_their_run_only_at_its_end() -> None:
    joining = Joining(Settings(), Tally(), expecting=True)
    joining.push([call("a", START + 100.0), report(0, START + 600.0, duration_s=500.0, account=ACCOUNT)])
    assert joining.advance(START + 1_170.0) == []
    (one,) = joining.advance(float("inf"))
    assert (one.request_id, one.start_time) == ("r0", START + 100.0)
    assert [step.event_id for step in one.events] == ["a"]


@pytest.mark.parametrize(
    "refusal",
    [
        {"error_code": "AccessDenied"},
        {"error_code": "TooManyRequestsException", "operation": "InvokeAsync"},
        {"error_code": "ResourceNotFoundException", "operation": "InvokeWithResponseStream"},
        {"dry_run": True},
    ],
)
def test_an_invocation_that_was_refused_is_no_run(refusal: dict[str, Any]) -> None:
    refused = invoke(**refusal)
    assert joined([refused]) == []
    assert counts([refused])["calls that were refused an invocation"] == 1
    (ran,) = joined([report(), refused])
    assert (ran.witnesses, ran.error) == (("lambda-report",), False)
    assert joined([flow(), refused]) == [flow()]
    session = call("a", START + 2.0)
    assert [one.events for one in joined([session, refused])] == [one.events for one in joined([session])]
    assert counts([session, refused])["flows that no trace tells of"] == 1


def test_an_invocation_that_a_function_was_refused_is_a_step_that_failed() -> None:
    (one,) = joined(
        [call("a", START, "Lambda", "Invoke", f"{ARN}Pay", error_code="TooManyRequestsException")]
    )
    (step,) = one.events
    assert (one.function_name, step.event_name, step.event_target_resource, step.error) == (
        "Order",
        "Invoke",
        "Pay",
        True,
    )
