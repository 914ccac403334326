"""What every format promises: nothing but `DocumentError` on any input, and an allow-list of fields."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coldtrail.assembly.from_documents import flows_from
from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.detect import Format
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from coldtrail.registry import FORMATS, load
from tests.fixtures import otel
from tests.fixtures.telemetry import START, TraceBuilder, payload_of
from tests.fixtures.witnesses import DOCUMENTS, SECRET, SECRETS

TRACE = TraceBuilder(5).trace("shop-prod-pay", "shop-prod-mail")
NATIVE = {
    "application_name": "shop",
    "application_flow_id": "1-5f",
    "function_name": "pay",
    "function_flow_id": "8a9f",
    "event_id": "e3",
    "start_time": START,
    "end_time": START + 1,
    "event_name": "GetItem",
    "event_type": "DynamoDB",
}
GOOD: dict[str, Any] = {"xray": TRACE, "native": NATIVE, **DOCUMENTS, **otel.DOCUMENTS}
"""JSON, or bytes where the format is no JSON."""
XRAY_KEYS = ("Id", "id", "Segments", "Document", "Traces", "trace_id", "subsegments")
WITNESSES = ("calls", "reports", "accesses", "networks", "changes", "metrics")
KEYS = sorted({key for one in GOOD.values() if isinstance(one, dict) for key in one})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from([*KEYS, *XRAY_KEYS]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@pytest.fixture(params=sorted(FORMATS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(name: str) -> Format:
    parser: Format = load(FORMATS, name, "format")(Settings(), Pseudonyms(b"k" * 32))
    return parser


def payload(name: str) -> bytes:
    good = GOOD[name]
    if isinstance(good, bytes):
        return good
    return payload_of(good) if name == "xray" else json.dumps(good).encode()


def told(parsed: Observations) -> list[Any]:
    """All records that a document gave."""
    return [*parsed.spans, *parsed.links, *(one for kind in WITNESSES for one in getattr(parsed, kind))]


def outcome(name: str, data: bytes) -> Observations | None:
    try:
        return made(name)(Document(data, "test"))
    except DocumentError as error:
        message = str(error)
    assert message.isprintable()
    assert 10 < len(message) < 400
    return None


def test_good_documents_are_read_without_a_loss(name: str) -> None:
    parser = made(name)
    assert parser.matches(payload(name))
    parsed = parser(Document(payload(name), "test"))
    assert told(parsed)
    assert parsed.problems == []


@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\xff\xfe\x00")
@example(data=b"[" * 100_000)
@example(data=b'{"Segments":' * 100_000)
@example(data=b'{"function_flow_id":' * 100_000)
@example(data=b"1" * 100_000)
@settings(deadline=None)
def test_any_bytes(data: bytes) -> None:
    for name in FORMATS:
        outcome(name, data)
        made(name).matches(data)


@given(value=JSON)
@settings(deadline=None, max_examples=300)
def test_any_json(value: Any) -> None:
    for name in FORMATS:
        outcome(name, json.dumps(value).encode())


@given(at=st.integers(0, 10_000), data=st.binary(max_size=4))
@settings(deadline=None, max_examples=200)
def test_any_damage(at: int, data: bytes) -> None:
    for name in FORMATS:
        good = payload(name)
        at %= len(good)
        outcome(name, good[:at] + data + good[at + len(data) :])
        outcome(name, good[:at])


def test_a_parser_keeps_nothing_from_one_document_to_the_next(name: str) -> None:
    parser = made(name)
    first = parser(Document(payload(name), "test"))
    with pytest.raises(DocumentError):
        parser(Document(payload(name)[:-3] if payload(name).endswith(b"}") else b"\xff?", "test"))
    assert parser(Document(payload(name), "test")) == first


def with_secrets(value: Any) -> Any:
    """The value with a secret in every place that an allow-list must not let through."""
    if isinstance(value, list):
        return [with_secrets(part) for part in value]
    if not isinstance(value, dict):
        return value
    planted = {key: with_secrets(part) for key, part in value.items()}
    if "id" in value or "event_id" in value:
        planted["metadata"] = {"default": {SECRET: SECRET}}
        planted["annotations"] = {SECRET: SECRET}
        planted["user"] = planted["body"] = planted["payload"] = planted["headers"] = SECRET
        planted["sql"] = {"sanitized_query": SECRET, "url": SECRET}
        planted["cause"] = {"exceptions": [{"message": SECRET}]}
        request = {"url": f"https://x/{SECRET}", "user_agent": SECRET, "client_ip": SECRET, "method": "GET"}
        planted["http"] = {"request": request, "response": {"status": 200, "body": SECRET}, "headers": SECRET}
        if isinstance(value.get("aws"), dict):
            planted["aws"] = {**value["aws"], "key": SECRET, "id_2": SECRET}
    return planted


def test_requests_of_calls_are_compared_and_reach_no_flow() -> None:
    def with_requests(value: Any) -> Any:
        if isinstance(value, list):
            return [with_requests(part) for part in value]
        if not isinstance(value, dict):
            return value
        more = {"aws": {**value["aws"], "request_id": SECRET}} if value.get("namespace") == "aws" else {}
        return {key: with_requests(part) for key, part in value.items()} | more

    data = payload_of(with_requests(GOOD["xray"]))
    assert SECRET in made("xray")(Document(data, "test")).requests
    flows = flows_from([Document(data, "test")], made("xray"), Settings(), Tally())
    assert SECRET not in repr(list(flows))


def test_what_is_not_on_the_allow_list_stays_outside(name: str) -> None:
    secret = SECRETS.get(name) or otel.SECRETS.get(name) or with_secrets(GOOD[name])
    if not isinstance(secret, bytes):
        secret = payload_of(secret) if name == "xray" else json.dumps(secret).encode()
    assert SECRET.encode() in secret
    parsed = made(name)(Document(secret, "test"))
    assert told(parsed)
    assert SECRET not in repr(parsed)


def test_losses_do_not_repeat_what_they_lost(name: str) -> None:
    for key in ("start_time", "id", "event_id", "end_time"):
        data = payload(name).replace(f'{key}":'.encode(), f'{key}":"{SECRET}", "x":'.encode())
        data = data.replace(f'{key}\\":'.encode(), f'{key}\\":\\"\\u001b{SECRET}\\", \\"x\\":'.encode())
        try:
            said = repr(made(name)(Document(data, "test")).problems)
        except DocumentError as error:
            said = str(error)
        assert SECRET not in said or key in ("id", "event_id")
