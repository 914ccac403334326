import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import BaselineSettings, FormatSettings, Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.access_log.parser import AccessLogParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document
from coldtrail.records.witnesses import Access
from tests.fixtures.countries import write_countries
from tests.fixtures.witnesses import ACCESS, ACCOUNT, BALANCED, REQUEST_ID, TRACE_ID

KEY = Pseudonyms(b"k" * 32)
COMMON = (
    '203.0.113.7 - alice [30/Nov/2026:12:00:00 +0000] "GET /pets/{id} HTTP/1.1" 200 512 '
    "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
)


def access_of(value: Any, keys: dict[str, str] | None = None) -> Access:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    settings = Settings(formats=FormatSettings(access_log=keys or {}))
    parser = AccessLogParser(settings, Pseudonyms(b"k" * 32))
    assert parser.matches(data)
    (access,) = parser(Document(data, "test")).accesses
    return access


def test_a_line_of_json() -> None:
    assert access_of(ACCESS) == Access(
        1_796_040_000.123,
        "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        REQUEST_ID,
        TRACE_ID,
        ACCOUNT,
        None,
        "a1b2c3/prod",
        "/bookings/{id}",
        "POST",
        200,
        KEY["alice"],
        KEY["203.0.113.7"],
        "curl",
        0.045,
        None,
        512,
        None,
        KEY["203.0.113.0/24"],
    )


def test_keys_of_ones_own() -> None:
    line = {"rid": "a-1", "code": 502, "when": 1_796_040_000_000, "fn": "r-1", "why": "INTEGRATION_FAILURE"}
    keys = {
        "requestId": "rid",
        "status": "code",
        "requestTimeEpoch": "when",
        "integration.requestId": "fn",
        "error.responseType": "why",
    }
    access = access_of(line, keys)
    assert (access.request_id, access.status, access.function_request_id) == ("a-1", 502, "r-1")
    assert (access.time, access.error) == (1_796_040_000.0, "INTEGRATION_FAILURE")


def test_the_route_of_an_http_api() -> None:
    named = {key: value for key, value in ACCESS.items() if key not in ("httpMethod", "resourcePath")}
    access = access_of(named | {"routeKey": "GET /pets"})
    assert (access.method, access.route) == ("GET", "/pets")


def test_the_common_log_format() -> None:
    access = access_of(COMMON.encode())
    assert (access.time, access.request_id) == (1_796_040_000.0, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef")
    assert (access.method, access.route, access.status) == ("GET", "/pets/{id}", 200)
    assert (access.principal, access.source_ip) == (KEY["alice"], KEY["203.0.113.7"])


def test_a_load_balancer() -> None:
    access = access_of(BALANCED)
    assert (access.gateway, access.trace_id, access.user_agent) == (
        "app/shop/50dc6c495c0c9188",
        TRACE_ID,
        "browser",
    )
    assert (access.request_bytes, access.response_bytes, access.request_id) == (34, 366, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"requestTimeEpoch": "x", "requestTime": "y"},
        {"requestTimeEpoch": None, "requestTime": None},
    ],
)
def test_a_line_without_a_time_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError, match="requestTime"):
        access_of(ACCESS | changes)


@pytest.mark.parametrize("changes", [{"requestId": "\u001b"}, {"requestId": "x" * 999}, {"requestId": ["a"]}])
def test_an_unusable_id_is_left_out(changes: dict[str, Any]) -> None:
    assert access_of(ACCESS | changes).request_id is None


@pytest.mark.parametrize(
    "payload",
    [
        b'127.0.0.1 - - [30/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"',
        b"hello",
        b'{"requestId":"a","level":"INFO"}',
        b"h2 yesterday app/x/1 ",
        b"",
    ],
)
def test_other_lines_are_left_to_others(payload: bytes) -> None:
    parser = AccessLogParser(Settings(), KEY)
    assert not parser.matches(payload)
    with pytest.raises(DocumentError):
        parser(Document(payload, "test"))


@pytest.mark.parametrize("payload", [BALANCED[:120], COMMON.replace("Nov", "Foo").encode()])
def test_a_line_cut_off_is_refused(payload: bytes) -> None:
    with pytest.raises(DocumentError):
        AccessLogParser(Settings(), KEY)(Document(payload, "test"))


def test_a_statement_in_the_place_of_a_route_is_hidden() -> None:
    line = dict(ACCESS, resourcePath="SELECT pan FROM cards WHERE pan = '4111'")
    assert access_of(line).route == "*"
    assert access_of(dict(ACCESS, resourcePath="GET /pets/{id}")).route == "/pets/{id}"


def test_a_key_is_no_type_of_an_error() -> None:
    assert access_of(ACCESS | {"error.responseType": "AKIA" + "IOSFODNN7EXAMPLE"}).error is None


@pytest.mark.parametrize("line", [json.dumps(ACCESS).encode(), COMMON.encode(), BALANCED])
def test_where_a_request_comes_from(tmp_path: Path, line: bytes) -> None:
    networks = {"203.0.113.0/24": {"country": {"iso_code": "DE"}}}
    file = write_countries(tmp_path / "countries.mmdb", networks)
    settings = Settings(baselines=BaselineSettings(country_file=str(file)))
    (access,) = AccessLogParser(settings, Pseudonyms(b"k" * 32))(Document(line, "test")).accesses
    assert access.source_ip == KEY["203.0.113.7"]
    assert (access.source_network, access.source_country) == (KEY["203.0.113.0/24"], "DE")
