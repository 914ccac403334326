"""What subsegments are."""

import msgspec
import pytest
from msgspec import Raw

from coldtrail.formats.services import host_of
from coldtrail.formats.xray.calls import Calls, RemoteCalls, http_of, remote_of, resource_of
from coldtrail.formats.xray.documents import Aws, Http, Request, Response, Subsegment


def test_calls_are_worked_out_once_and_within_bounds() -> None:
    calls = Calls(512)
    for number in range(60_000):
        assert calls["s3", "getObject", f"bucket{number}"] == ("GetObject", "S3", f"bucket{number}")
    assert len(calls) <= 50_000
    long = "x" * 1_000
    assert calls["s3", "getObject", long] == ("GetObject", "S3", long)
    assert ("s3", "getObject", long) not in calls


def test_remote_calls_keep_the_host_alone() -> None:
    calls = RemoteCalls()
    for _ in range(2):
        assert calls["https://u:p@API.example/x?y", "GET"] == ("GET", "remote", "api.example")


@pytest.mark.parametrize(
    ("aws", "resource"),
    [
        (Aws(table_name="t", bucket_name="b"), "t"),
        (Aws(table_names=["b", "a"], function_name="f"), "b\na"),
        (Aws(stream_name="s", resource_names=Raw(b'["r"]')), "s"),
        (Aws(resource_names=Raw(b'["r","q"]')), "r"),
        (Aws(resource_names=Raw(b"[]")), None),
        (Aws(resource_names=Raw(b'[5,"r"]')), "r"),
        (Aws(resource_names=Raw(b"null")), None),
        (Aws(resource_names=Raw(b"[")), None),
        (Aws(), None),
    ],
)
def test_the_resource_that_the_record_names(aws: Aws, resource: str | None) -> None:
    assert resource_of(aws) == resource


@pytest.mark.parametrize(
    ("raw", "http"),
    [
        (b"", Http()),
        (b"null", Http()),
        (b'{"request":{"method":"GET","url":"x"}}', Http(Request("GET", "x"))),
        (b'{"response":{"status":503}}', Http(None, Response(503))),
        (b'{"response":{"status":"503"}}', Http()),
        (b"\xff", Http()),
    ],
)
def test_method_and_status_as_far_as_they_can_be_read(raw: bytes, http: Http) -> None:
    assert http_of(Subsegment("a", "b", 1.0, http=msgspec.Raw(raw))) == http


@pytest.mark.parametrize(
    ("name", "request_block", "place", "method"),
    [
        (
            "api.shop.example",
            {"method": "GET", "url": "https://api.shop.example/v1"},
            "api.shop.example",
            "GET",
        ),
        ("https://api.shop.example/v1", {}, "https://api.shop.example/v1", "call"),
        ("HTTP GET", {"method": "GET", "url": "https://evil.example:8443/x?d=1"}, "evil.example:8443", "GET"),
        ("GET", {"url": "http://u:p@evil.example"}, "evil.example", "GET"),
        ("post", {"url": "https://evil.example/#x"}, "evil.example", "POST"),
        ("payments", {"method": "PUT", "url": "https://pay.example/1"}, "pay.example", "PUT"),
        ("GET /v1/orders", {"url": "https://api.shop.example/v1/orders"}, "api.shop.example", "GET"),
        ("GET api.shop.example", {}, "api.shop.example", "GET"),
        ("payments", {}, "payments", "call"),
        ("HTTP GET", {}, None, "GET"),
        ("Unknown host", {"method": "GET", "url": "/relative"}, None, "GET"),
        ("GET", {"url": 7}, None, "GET"),
        ("", {}, None, "call"),
    ],
)
def test_the_host_of_a_remote_call_comes_from_its_address_where_its_name_has_none(
    name: str, request_block: dict[str, object], place: str | None, method: str
) -> None:
    http = msgspec.Raw(msgspec.json.encode({"request": request_block}))
    sub = Subsegment("a", name, 1.0, namespace="remote", http=http)
    assert remote_of(sub) == (place, method)
    assert RemoteCalls()[place, method][2] == (host_of(place) if place else None)
