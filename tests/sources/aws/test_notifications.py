"""Messages that tell of objects, as AWS documents them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coldtrail.sources.aws.notifications import telemetry_in, told_by, unwrapped
from coldtrail.sources.aws.objects import ObjectName


def s3(key: str, event: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": event,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "logs"}, "object": {"key": key, "size": 9}},
    }


def sns(body: object) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:x", "Message": json.dumps(body)}


def event_bridge(key: str, kind: str = "Object Created") -> dict[str, Any]:
    detail = {"version": "0", "bucket": {"name": "logs"}, "object": {"key": key, "size": 9}}
    return {"version": "0", "detail-type": kind, "source": "aws.s3", "detail": detail}


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({"Records": [s3("a+b%3D1.gz"), s3("c"), s3("d", "ObjectRemoved:Delete")]}, ["a b=1.gz", "c"]),
        (sns({"Records": [s3("a+b")]}), ["a b"]),
        (event_bridge("a+b%3D1"), ["a+b%3D1"]),
        (sns(event_bridge("a")), ["a"]),
        (event_bridge("a", "Object Deleted"), []),
        ({"s3Bucket": "logs", "s3ObjectKey": ["a", "b"]}, ["a", "b"]),
        (sns({"s3Bucket": "logs", "s3ObjectKey": ["a"]}), ["a"]),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs"}, []),
    ],
)
def test_objects_are_found_however_the_message_is_wrapped(body: object, keys: list[str]) -> None:
    told = told_by(json.dumps(body))
    assert told.is_notification
    assert told.objects == [ObjectName("logs", key) for key in keys]


@pytest.mark.parametrize("body", ["", "hello", "[1]", '{"a": 1}', '{"Records": 3}', "[" * 100_000, "null"])
def test_anything_else_is_none(body: str) -> None:
    assert told_by(body) == ([], False)


def test_only_what_sns_wrapped_is_unwrapped() -> None:
    assert unwrapped(json.dumps(sns({"a": 1}))) == '{"a": 1}'
    assert unwrapped('{"Type": "Notification"}') == '{"Type": "Notification"}'
    assert unwrapped('"Notification') == '"Notification'


def test_calls_that_event_bridge_tells_of_are_taken_out_and_all_else_is_left() -> None:
    call = {
        "eventVersion": "1.09",
        "eventTime": "2026-11-30T08:00:00Z",
        "eventName": "UpdateFunctionCode20150331v2",
    }
    event = {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.lambda",
        "detail": call,
    }
    for body in (event, sns(event)):
        assert json.loads(telemetry_in(json.dumps(body))) == call
    for text in (
        '{"a": " via CloudTrail"}',
        '" via CloudTrail',
        json.dumps({"detail-type": "x via CloudTrail y", "detail": {}}),
    ):
        assert telemetry_in(text) == text.encode()
