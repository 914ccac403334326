"""The segments that lead from a function to whoever triggered it."""

from typing import Any

import pytest

from tests.fixtures.telemetry import ACCOUNT, REGION, START, arn_of
from tests.formats.xray_parts import FUNCTION, parse, segment


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
    links = parse([stage, service, topic, program]).links
    assert [link.role for link in links] == [
        "source", "hop", "invocation", "hop", "hop", "service", "service",
    ]  # fmt: skip
    found = [(link.link_id, link.parent_id, link.kind, link.name, link.failed) for link in links]
    assert found == [
        ("d1", None, "AWS::ApiGateway::Stage", "dev-shop/dev", True),
        ("d2", "d1", "subsegment", "Lambda", False),
        ("d3", "d2", "AWS::Lambda", arn_of(FUNCTION), False),
        ("d4", "d3", "subsegment", "Attempt #1", True),
        ("d5", "d3", "subsegment", "Attempt #2", False),
        ("d6", "b1", "AWS::SNS", topic["aws"]["topic_arn"], False),
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


@pytest.mark.parametrize(("status", "failed"), [(402, True), (500, True), (200, False)])
def test_a_stage_that_refused_has_failed_whether_flagged_or_not(status: int, failed: bool) -> None:
    stage = segment(origin="AWS::ApiGateway::Stage", http={"response": {"status": status}})
    (link,) = parse(stage).links
    assert link.failed is failed


@pytest.mark.parametrize(
    ("request_id", "kept"), [("8d2f527e-72da", "8d2f527e-72da"), ("", None), ("a\n", None), ("x" * 999, None)]
)
def test_an_invocation_tells_of_the_function_that_it_invokes(request_id: str, kept: str | None) -> None:
    more = {
        "origin": "AWS::Lambda",
        "resource_arn": f"{arn_of(FUNCTION)}:7",
        "aws": {"request_id": request_id},
    }
    (link,) = parse(segment(**more)).links
    assert (link.request_id, link.account, link.region, link.version) == (kept, ACCOUNT, REGION, "7")
    assert (link.start_time, link.end_time) == (START, START + 1)


@pytest.mark.parametrize(
    ("operation", "role"),
    [
        (None, "invocation"),
        ("Invoke", "invocation"),
        ("InvokeAsync", "invocation"),
        ("InvokeWithResponseStream", "invocation"),
        ("GetFunction", "service"),
        ("ListFunctions", "service"),
        ("UpdateFunctionCode", "service"),
    ],
)
def test_calls_of_lambdas_api_are_no_invocations(operation: str | None, role: str) -> None:
    more = {"origin": "AWS::Lambda", "inferred": True, "aws": {"operation": operation}, "fault": True}
    (link,) = parse(segment(**more)).links
    assert link.role == role


@pytest.mark.parametrize(("origin", "kind"), [("AWS::SQS::Queue", "AWS::SQS"), ("AWS::SNS", "AWS::SNS")])
def test_a_kind_of_service_has_one_name(origin: str, kind: str) -> None:
    (link,) = parse(segment(origin=origin, inferred=True)).links
    assert link.kind == kind


def test_an_invocation_that_the_caller_records_tells_what_its_call_told() -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:Charge"
    aws = {"operation": "Invoke", "function_name": arn}
    (link,) = parse(segment(origin="AWS::Lambda", inferred=True, name="Lambda", aws=aws)).links
    assert (link.name, link.account, link.region) == (arn, "111122223333", "us-east-1")


WAITED = {"id": "d4", "name": "Dwell Time", "start_time": START, "end_time": START + 1}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"http": {"response": {"status": 200}}}, "synchronous"),
        ({"http": {"response": {"status": 202}}}, "asynchronous"),
        ({"http": {"response": {"status": 429}}}, "synchronous"),
        ({"subsegments": [WAITED]}, "asynchronous"),
        ({"http": {"response": {"status": 0}}}, None),
        ({}, None),
    ],
)
def test_an_invocation_tells_how_it_was_asked_for(more: dict[str, Any], told: str | None) -> None:
    link = parse(segment(**{"origin": "AWS::Lambda", **more})).links[0]
    assert link.invocation_type == told


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://abc1.lambda-url.eu-west-1.on.aws/x?y", "abc1"),
        ("https://lambda.eu-west-1.amazonaws.com/x", None),
        ("https://abc1.lambda-url.evil.example/", None),
        ("", None),
    ],
)
def test_an_invocation_tells_by_which_function_url_it_was_asked_for(url: str, own: str | None) -> None:
    (link,) = parse(segment(origin="AWS::Lambda", http={"request": {"url": url}})).links
    assert link.url == own
