"""The events of function segments."""

from typing import Any

import pytest

from coldtrail.config import LimitSettings, Settings
from tests.fixtures.telemetry import ACCOUNT, REGION, START, arn_of
from tests.formats.xray_parts import only_event, parse, segment, step


@pytest.mark.parametrize("name", ["Initialization", "Invocation", "Overhead", "Restore"])
def test_lifecycle(name: str) -> None:
    parsed = parse(segment(step(1, name)))
    assert only_event(parsed).event_type == "lifecycle"
    assert only_event(parsed).event_name == name
    assert parsed.spans[0].cold_start is (name in ("Initialization", "Restore"))


def test_lifecycle_names_further_down_are_functions() -> None:
    parsed = parse(segment(step(1, "work", subsegments=[step(2, "Initialization")])))
    assert [event.event_type for event in parsed.spans[0].steps] == ["function", "function"]
    assert not parsed.spans[0].cold_start


@pytest.mark.parametrize(
    ("name", "aws", "expected"),
    [
        ("dynamodb", {"operation": "GetItem", "table_name": "Flight"}, ("GetItem", "DynamoDB", "Flight")),
        ("S3", {"operation": "getObject", "bucket_name": "invoices"}, ("GetObject", "S3", "invoices")),
        (
            "SNS",
            {"operation": "Publish", "topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"},
            ("Publish", "SNS", f"arn:aws:sns:{REGION}:{ACCOUNT}:t"),
        ),
        (
            "sqs",
            {"operation": "SendMessage", "queue_url": f"https://sqs.example/{ACCOUNT}/mail"},
            ("SendMessage", "SQS", f"arn:aws:sqs::{ACCOUNT}:mail"),
        ),
        ("lambda", {"operation": "Invoke", "function_name": arn_of("x")}, ("Invoke", "Lambda", arn_of("x"))),
        ("states", {"operation": "StartExecution"}, ("StartExecution", "StepFunctions", None)),
        ("kms", {"operation": "Decrypt", "resource_names": ["key-7"]}, ("Decrypt", "KMS", "key-7")),
        (
            "DynamoDB",
            {"operation": "BatchGetItem", "table_names": ["b", "a"]},
            ("BatchGetItem", "DynamoDB", "b\na"),
        ),
        ("DynamoDB", {"table_name": ""}, ("DynamoDB", "DynamoDB", None)),
        ("STS", None, ("STS", "STS", None)),
        ("brandnew", {"operation": "DoIt"}, ("DoIt", "brandnew", None)),
    ],
)
def test_calls_of_the_cloud(
    name: str, aws: dict[str, Any] | None, expected: tuple[str, str, str | None]
) -> None:
    event = only_event(parse(segment(step(1, name, namespace="aws", aws=aws))))
    assert (event.event_name, event.event_type, event.event_target_resource) == expected


@pytest.mark.parametrize(
    ("name", "http", "expected"),
    [
        ("api.example.com", {"request": {"method": "post", "url": "https://x"}}, ("POST", "api.example.com")),
        ("https://u:p@API.example.com/path?q", {"response": {"status": 200}}, ("call", "api.example.com")),
        ("api.example.com", None, ("call", "api.example.com")),
        ("api.example.com", {"request": {"method": "GET / HTTP/1.1"}}, ("call", "api.example.com")),
        ("api.example.com", {"request": "GET"}, ("call", "api.example.com")),
    ],
)
def test_remote_calls(name: str, http: Any, expected: tuple[str, str]) -> None:
    event = only_event(parse(segment(step(1, name, namespace="remote", http=http))))
    assert (event.event_name, event.event_target_resource) == expected
    assert event.event_type == "remote"


def test_parents_are_named_below_the_first_level() -> None:
    inner = step(3, "DynamoDB", namespace="aws", aws={"operation": "Scan"}, subsegments=[step(4, "attempt")])
    parsed = parse(segment(step(1, "Invocation", subsegments=[step(2, "## handler", subsegments=[inner])])))
    found = {event.event_id[-1]: event for event in parsed.spans[0].steps}
    assert (found["1"].event_parent_id, found["1"].event_parent_name) == (None, None)
    assert (found["2"].event_parent_id, found["2"].event_parent_name) == (found["1"].event_id, "Invocation")
    assert (found["3"].event_parent_id, found["3"].event_parent_name) == (found["2"].event_id, "## handler")
    assert (found["4"].event_parent_id, found["4"].event_parent_name) == (found["3"].event_id, "Scan")


@pytest.mark.parametrize("flag", ["error", "fault", "throttle"])
def test_errors(flag: str) -> None:
    assert only_event(parse(segment(step(1, **{flag: True})))).error
    assert not only_event(parse(segment(step(1, **{flag: False})))).error
    assert parse(segment(**{flag: True})).spans[0].error


def test_an_open_subsegment_leaves_the_flow_in_progress() -> None:
    part = step(1, "work", in_progress=True)
    del part["end_time"]
    parsed = parse(segment(part))
    assert only_event(parsed).end_time == START + 0.1
    assert parsed.spans[0].in_progress


def test_clocks_may_be_read_coarsely() -> None:
    event = only_event(parse(segment(step(1, start_time=START + 0.1004, end_time=START + 0.1))))
    assert event.end_time == event.start_time


def test_deep_nests_are_cut_with_a_sentence() -> None:
    inner = step(99, "leaf")
    for number in range(98, 0, -1):
        inner = step(number, "level", subsegments=[inner])
    parsed = parse(segment(inner), Settings(limits=LimitSettings(max_depth=10)))
    assert len(parsed.spans[0].steps) == 10
    assert any("too deep" in problem for problem in parsed.problems)


def test_too_many_events_are_cut_with_a_sentence() -> None:
    many = [step(number, "work") for number in range(50)]
    parsed = parse(segment(*many), Settings(limits=LimitSettings(max_events_per_flow=20)))
    assert len(parsed.spans[0].steps) == 20
    assert any("more than 20" in problem for problem in parsed.problems)


def test_a_step_that_ends_before_it_starts_stays_and_its_clock_is_told() -> None:
    parsed = parse(segment(step(start_time=START + 0.06, end_time=START + 0.05)))
    ((event,),) = [span.steps for span in parsed.spans]
    assert event.start_time == event.end_time == START + 0.06
    assert "ends 10 ms before it starts" in parsed.problems[0]
    assert "clock" in parsed.problems[0]


@pytest.mark.parametrize("late", [60.0, 600.0])
def test_a_step_minutes_after_the_end_of_its_run_stays(late: float) -> None:
    parsed = parse(segment(step(), step(2, start_time=START + late, end_time=START + late + 1)))
    assert [event.start_time for event in parsed.spans[0].steps] == [START + 0.1, START + late]
    assert parsed.spans[0].end_time == START + 1


@pytest.mark.parametrize(
    ("more", "action"),
    [
        ({"aws": {"invocation_type": "Event"}}, "InvokeAsync"),
        ({"aws": {"invocation_type": "RequestResponse"}}, "Invoke"),
        ({"http": {"response": {"status": 202}}}, "InvokeAsync"),
        ({"http": {"response": {"status": 200}}}, "Invoke"),
        ({"aws": {"invocation_type": "DryRun"}, "http": {"response": {"status": 204}}}, "Invoke"),
        ({}, "Invoke"),
    ],
)
def test_to_leave_an_event_for_a_function_is_another_thing_than_to_ask_it(
    more: dict[str, Any], action: str
) -> None:
    aws = {"operation": "Invoke", "function_name": "Pay", **more.get("aws", {})}
    event = only_event(
        parse(segment(subsegments=[step(**{**more, "name": "Lambda", "namespace": "aws", "aws": aws})]))
    )
    assert (event.event_name, event.event_target_resource) == (action, "Pay")
