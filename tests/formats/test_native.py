import json
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.native import NativeParser
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Document, Parsed

LINE = {
    "application_name": "airline",
    "application_flow_id": "1-5f",
    "function_name": "ConfirmBooking",
    "function_flow_id": "8a9f",
    "event_id": "e3",
    "start_time": 1700000000.123,
    "end_time": 1700000000.141,
    "event_name": "UpdateItem",
    "event_type": "DynamoDB",
    "event_parent_id": "e2",
    "event_parent_name": "lambda_handler",
    "event_target_resource": "Booking",
}


def parse(value: Any) -> Parsed:
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    return NativeParser(Settings())(Document(payload, "test"))


def test_a_line_is_one_event() -> None:
    (fragment,) = parse(LINE).fragments
    assert fragment.events == (
        Event(
            "e3", 1700000000.123, 1700000000.141,
            "UpdateItem", "DynamoDB", "e2", "lambda_handler", "Booking", False,
        ),
    )  # fmt: skip
    assert (fragment.start_time, fragment.end_time, fragment.parent_id) == (None, None, None)
    assert not fragment.in_progress


def test_optional_keys() -> None:
    more = {"error": True, "caller": "Pay", "trigger": "SNS t-1234567", "version": "7", "cold_start": True}
    (fragment,) = parse(
        {**LINE, **more, "account": "123456789012", "region": "eu-west-1", "body": "x"}
    ).fragments
    assert fragment.events[0].error
    assert (fragment.caller, fragment.trigger, fragment.version) == ("Pay", "SNS t-*", "7")
    assert (fragment.account, fragment.region, fragment.cold_start) == ("123456789012", "eu-west-1", True)


def test_nulls_and_random_names() -> None:
    nulls = dict.fromkeys(
        ("event_parent_id", "event_parent_name", "event_target_resource", "error", "caller")
    )
    (event,) = parse({**LINE, **nulls}).fragments[0].events
    assert (event.event_parent_id, event.event_parent_name, event.event_target_resource) == (None, None, None)
    target = {"event_target_resource": "job-6f1b2c3d-0000-4abc-8def-0123456789ab"}
    assert parse({**LINE, **target}).fragments[0].events[0].event_target_resource == "job-*"


@pytest.mark.parametrize(
    "key", [key for key in LINE if not key.startswith("event_parent") and key != "event_target_resource"]
)
def test_missing_keys_are_named(key: str) -> None:
    line = {name: value for name, value in LINE.items() if name != key}
    with pytest.raises(DocumentError, match=key):
        parse(line)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("start_time", "x"),
        ("start_time", -1),
        ("start_time", 1700000000123),
        ("end_time", None),
        ("end_time", 1699999999.0),
        ("event_id", 3),
        ("event_id", ""),
        ("event_id", "e\n"),
        ("function_name", ""),
        ("function_flow_id", "x" * 1_000),
        ("event_target_resource", ["x"]),
        ("error", "no"),
        ("cold_start", 1),
    ],
)
def test_wrong_values_are_named(key: str, value: Any) -> None:
    with pytest.raises(DocumentError, match=key):
        parse({**LINE, key: value})


@pytest.mark.parametrize(
    "payload", [b"", b"7", b"[]", b"{", b"\xff", b'{"x":' * 100_000, b'{"start_time":NaN}']
)
def test_what_is_no_native_event_is_refused(payload: bytes) -> None:
    with pytest.raises(DocumentError, match="native event"):
        parse(payload)
