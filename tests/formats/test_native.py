import json
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.native import NativeParser
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Document, Observations

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


def parse(value: Any) -> Observations:
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    return NativeParser(Settings())(Document(payload, "test"))


def test_a_line_is_one_event() -> None:
    (span,) = parse(LINE).spans
    assert span.steps == (
        Event(
            "e3", 1700000000.123, 1700000000.141,
            "UpdateItem", "DynamoDB", "e2", "lambda_handler", "Booking", False,
        ),
    )  # fmt: skip
    assert (span.start_time, span.end_time, span.parent_id) == (None, None, None)
    assert not span.in_progress


def test_optional_keys() -> None:
    more = {
        "error": True,
        "request_id": "r-1",
        "caller": "Pay",
        "trigger": "SNS t-1234567",
        "version": "7",
        "cold_start": True,
    }
    (span,) = parse({**LINE, **more, "account": "123456789012", "region": "eu-west-1", "body": "x"}).spans
    assert span.steps[0].error
    assert (span.caller, span.trigger, span.version) == ("Pay", "SNS t-1234567", "7")
    assert span.request_id == "r-1"
    assert (span.account, span.region, span.cold_start) == ("123456789012", "eu-west-1", True)


@pytest.mark.parametrize("name", ["Invocation", "Initialization", "Overhead"])
@pytest.mark.parametrize("kind", ["lifecycle", "segment", "subsegment", "Lambda"])
def test_what_the_platform_does_is_lifecycle_whatever_a_line_calls_it(name: str, kind: str) -> None:
    (span,) = parse({**LINE, "event_name": name, "event_type": kind}).spans
    assert span.steps[0].event_type == "lifecycle"
    assert span.cold_start == (name == "Initialization")


def test_a_run_fails_where_its_invocation_does() -> None:
    (span,) = parse({**LINE, "event_name": "Invocation", "event_type": "lifecycle", "error": True}).spans
    assert span.error
    (span,) = parse({**LINE, "error": True}).spans
    assert not span.error


def test_nulls_and_raw_names() -> None:
    nulls = dict.fromkeys(
        ("event_parent_id", "event_parent_name", "event_target_resource", "error", "caller")
    )
    (event,) = parse({**LINE, **nulls}).spans[0].steps
    assert (event.event_parent_id, event.event_parent_name, event.event_target_resource) == (None, None, None)
    target = {"event_target_resource": "job-6f1b2c3d-0000-4abc-8def-0123456789ab"}
    assert (
        parse({**LINE, **target}).spans[0].steps[0].event_target_resource == target["event_target_resource"]
    )


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
        ("request_id", "r\n"),
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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("asynchronous", "asynchronous"),
        ("RequestResponse", "synchronous"),
        ("Event", "asynchronous"),
        ("by hand", None),
        (None, None),
    ],
)
def test_a_line_may_tell_how_the_run_was_started(said: str | None, told: str | None) -> None:
    (span,) = parse({**LINE, "invocation_type": said}).spans
    assert span.invocation_type == told
