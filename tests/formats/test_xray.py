"""X-Ray documents that are as they should be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.config import LimitSettings, Settings
from coldtrail.formats.xray import XRayParser
from coldtrail.records import Document, Event, Parsed
from tests.fixtures.telemetry import ACCOUNT, REGION, START, TraceBuilder, arn_of, as_answered, payload_of

FUNCTION = "shop-prod-pay"


def parse(value: Any, settings: Settings | None = None) -> Parsed:
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    return XRayParser(settings or Settings())(Document(payload, "test"))


def segment(*subsegments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "a000000000000001",
        "trace_id": "1-6b0023b1-374e13551aec24967b10d634",
        "name": FUNCTION,
        "start_time": START,
        "end_time": START + 1,
        "origin": "AWS::Lambda::Function",
        "aws": {"account_id": ACCOUNT, "function_arn": arn_of(FUNCTION)},
        "subsegments": list(subsegments),
        **more,
    }


def step(number: int = 1, name: str = "DynamoDB", **more: Any) -> dict[str, Any]:
    return {
        "id": f"b{number:015x}",
        "name": name,
        "start_time": START + 0.1,
        "end_time": START + 0.2,
        **more,
    }


def only_event(parsed: Parsed) -> Event:
    assert parsed.problems == []
    (fragment,) = parsed.fragments
    (event,) = fragment.events
    return event


def test_a_function_segment_is_a_flow() -> None:
    parsed = parse(segment(step(1, "Invocation"), parent_id="c000000000000001", error=True))
    (fragment,) = parsed.fragments
    assert fragment.application_name == "shop"
    assert fragment.application_flow_id == "1-6b0023b1-374e13551aec24967b10d634"
    assert fragment.function_name == FUNCTION
    assert fragment.function_flow_id == "a000000000000001"
    assert (fragment.start_time, fragment.end_time) == (START, START + 1)
    assert fragment.parent_id == "c000000000000001"
    assert fragment.error
    assert not fragment.in_progress
    assert (fragment.account, fragment.region, fragment.version) == (ACCOUNT, REGION, None)
    assert parsed.links == []


def test_an_alias_is_the_version() -> None:
    (fragment,) = parse(segment(aws={"function_arn": arn_of(FUNCTION) + ":live"})).fragments
    assert (fragment.function_name, fragment.version) == (FUNCTION, "live")


def test_without_an_arn_the_name_counts() -> None:
    (fragment,) = parse(segment(aws={"account_id": ACCOUNT})).fragments
    assert (fragment.function_name, fragment.account, fragment.region) == (FUNCTION, ACCOUNT, None)


@pytest.mark.parametrize("name", ["Initialization", "Invocation", "Overhead", "Restore"])
def test_lifecycle(name: str) -> None:
    parsed = parse(segment(step(1, name)))
    assert only_event(parsed).event_type == "lifecycle"
    assert only_event(parsed).event_name == name
    assert parsed.fragments[0].cold_start is (name in ("Initialization", "Restore"))


def test_lifecycle_names_further_down_are_functions() -> None:
    parsed = parse(segment(step(1, "work", subsegments=[step(2, "Initialization")])))
    assert [event.event_type for event in parsed.fragments[0].events] == ["function", "function"]
    assert not parsed.fragments[0].cold_start


@pytest.mark.parametrize(
    ("name", "aws", "expected"),
    [
        ("dynamodb", {"operation": "GetItem", "table_name": "Flight"}, ("GetItem", "DynamoDB", "Flight")),
        ("S3", {"operation": "getObject", "bucket_name": "invoices"}, ("GetObject", "S3", "invoices")),
        (
            "SNS",
            {"operation": "Publish", "topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"},
            ("Publish", "SNS", "t"),
        ),
        (
            "SNS",
            {"operation": "Publish", "topic_arn": f"arn:aws:sns:{REGION}:666666666666:t"},
            ("Publish", "SNS", "666666666666:t"),
        ),
        (
            "sqs",
            {"operation": "SendMessage", "queue_url": f"https://sqs.example/{ACCOUNT}/mail"},
            ("SendMessage", "SQS", "mail"),
        ),
        ("lambda", {"operation": "Invoke", "function_name": arn_of("x")}, ("Invoke", "Lambda", "x")),
        ("states", {"operation": "StartExecution"}, ("StartExecution", "StepFunctions", None)),
        ("kms", {"operation": "Decrypt", "resource_names": ["key-7"]}, ("Decrypt", "KMS", "key-7")),
        (
            "DynamoDB",
            {"operation": "BatchGetItem", "table_names": ["b", "a"]},
            ("BatchGetItem", "DynamoDB", "a,b"),
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
    found = {event.event_id[-1]: event for event in parsed.fragments[0].events}
    assert (found["1"].event_parent_id, found["1"].event_parent_name) == (None, None)
    assert (found["2"].event_parent_id, found["2"].event_parent_name) == (found["1"].event_id, "Invocation")
    assert (found["3"].event_parent_id, found["3"].event_parent_name) == (found["2"].event_id, "## handler")
    assert (found["4"].event_parent_id, found["4"].event_parent_name) == (found["3"].event_id, "Scan")


@pytest.mark.parametrize("flag", ["error", "fault", "throttle"])
def test_errors(flag: str) -> None:
    assert only_event(parse(segment(step(1, **{flag: True})))).error
    assert not only_event(parse(segment(step(1, **{flag: False})))).error
    assert parse(segment(**{flag: True})).fragments[0].error


def test_an_open_segment_is_in_progress() -> None:
    still_open = segment(in_progress=True)
    del still_open["end_time"]
    (fragment,) = parse(still_open).fragments
    assert fragment.in_progress
    assert fragment.end_time is None


def test_an_open_subsegment_leaves_the_flow_in_progress() -> None:
    part = step(1, "work", in_progress=True)
    del part["end_time"]
    parsed = parse(segment(part))
    assert only_event(parsed).end_time == START + 0.1
    assert parsed.fragments[0].in_progress


def test_clocks_may_be_read_coarsely() -> None:
    event = only_event(parse(segment(step(1, start_time=START + 0.1004, end_time=START + 0.1))))
    assert event.end_time == event.start_time


def test_links_lead_upwards() -> None:
    trace = "1-6b0023b1-374e13551aec24967b10d634"
    times = {"start_time": START, "end_time": START + 1, "trace_id": trace}
    stage = {**times, "id": "d1", "name": "dev-shop/dev", "origin": "AWS::ApiGateway::Stage", "fault": True}
    stage["subsegments"] = [{**times, "id": "d2", "name": "Lambda", "namespace": "aws"}]
    service = {**times, "id": "d3", "parent_id": "d2", "name": FUNCTION, "origin": "AWS::Lambda"}
    service["resource_arn"] = arn_of(FUNCTION)
    service["subsegments"] = [
        {**times, "id": "d4", "name": "Attempt #1", "http": {"response": {"status": 500}}},
        {**times, "id": "d5", "name": "Attempt #2", "http": {"response": {"status": 200}}},
    ]
    topic = {**times, "id": "d6", "name": "SNS", "origin": "AWS::SNS", "inferred": True, "parent_id": "b1"}
    topic["aws"] = {"topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:orders"}
    program = {**times, "id": "d7", "name": "shop frontend"}
    found = [
        (link.link_id, link.parent_id, link.kind, link.name, link.failed)
        for link in parse([stage, service, topic, program]).links
    ]
    assert found == [
        ("d1", None, "AWS::ApiGateway::Stage", "dev-shop/dev", False),
        ("d2", "d1", "subsegment", "Lambda", False),
        ("d3", "d2", "AWS::Lambda", FUNCTION, False),
        ("d4", "d3", "subsegment", "Attempt #1", True),
        ("d5", "d3", "subsegment", "Attempt #2", False),
        ("d6", "b1", "AWS::SNS", "orders", False),
        ("d7", None, "segment", "shop frontend", False),
    ]


@pytest.mark.parametrize(
    ("more", "failed"),
    [
        ({"http": {"response": {"status": 200}}}, False),
        ({"http": {"response": {"status": 202}}}, False),
        ({"http": {"response": {"status": 429}}}, True),
        ({"throttle": True}, True),
        ({"fault": True}, True),
        ({"inferred": True, "http": {"request": {"method": "POST"}}}, True),
        ({"inferred": True, "http": {"request": {}, "response": {"status": 200}}}, False),
        ({"inferred": True}, False),
    ],
)
def test_invocations_that_failed(more: dict[str, Any], failed: bool) -> None:
    (link,) = parse(segment(**{"origin": "AWS::Lambda", **more})).links
    assert link.failed is failed


def test_all_shapes_of_a_trace_say_the_same() -> None:
    trace = TraceBuilder(3).trace("shop-prod-pay", "shop-prod-mail")
    expected = parse(payload_of(trace))
    assert len(expected.fragments) == 2
    assert parse(trace) == expected
    assert parse([part["Document"] for part in trace["Segments"]]) == expected
    assert parse({"Traces": [as_answered(trace)], "UnprocessedTraceIds": []}) == expected
    alone = [parse(part["Document"]) for part in trace["Segments"]]
    assert [fragment for parsed in alone for fragment in parsed.fragments] == expected.fragments
    assert [link for parsed in alone for link in parsed.links] == expected.links


@given(st.randoms(use_true_random=False), st.integers(0, 50))
def test_the_order_of_segments_does_not_matter(random: Any, seed: int) -> None:
    trace = TraceBuilder(seed).trace("shop-prod-pay", "shop-prod-mail")
    before = parse(payload_of(trace))
    random.shuffle(trace["Segments"])
    after = parse(payload_of(trace))
    assert set(after.fragments) == set(before.fragments)
    assert set(after.links) == set(before.links)


def test_deep_nests_are_cut_with_a_sentence() -> None:
    inner = step(99, "leaf")
    for number in range(98, 0, -1):
        inner = step(number, "level", subsegments=[inner])
    parsed = parse(segment(inner), Settings(limits=LimitSettings(max_depth=10)))
    assert len(parsed.fragments[0].events) == 10
    assert any("too deep" in problem for problem in parsed.problems)


def test_too_many_events_are_cut_with_a_sentence() -> None:
    many = [step(number, "work") for number in range(50)]
    parsed = parse(segment(*many), Settings(limits=LimitSettings(max_events_per_flow=20)))
    assert len(parsed.fragments[0].events) == 20
    assert any("more than 20" in problem for problem in parsed.problems)


@pytest.mark.parametrize("payload", [b'{"Segments":[]}', b'{"trace_id":"x"}', b'[{"trace_id":"x"}]'])
def test_looks_of_xray(payload: bytes) -> None:
    assert XRayParser.matches(payload)


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b'{"function_flow_id":"x","event_id":"y"}', b'{"Records":[]}']
)
def test_looks_of_others(payload: bytes) -> None:
    assert not XRayParser.matches(payload)
