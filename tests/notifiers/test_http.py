from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.http import endpoint, post
from coldtrail.notifiers.notifier import DeliveryError
from tests.notifiers.certificates import a_certificate
from tests.notifiers.http_server import Place, listening


@pytest.fixture
def place() -> Iterator[Place]:
    with listening() as place:
        yield place


def sent(place: Place, timeout_s: float = 5.0) -> None:
    post(endpoint(f"http://127.0.0.1:{place.port}/a?b=c", "The place", timeout_s), b"{}", {"X-A": "b"})


def failure(place: Place, timeout_s: float = 5.0) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sent(place, timeout_s)
    return caught.value


def test_what_is_sent_arrives(place: Place) -> None:
    sent(place)
    (request,) = place.requests
    assert (request.path, request.body, request.headers["X-A"]) == ("/a?b=c", b"{}", "b")


@pytest.mark.parametrize("mode", ["stall", "drip", "drop", "fail", "throttle"])
def test_trouble_that_may_pass_is_retryable(place: Place, mode: str) -> None:
    place.mode = mode
    assert failure(place, 0.4).retryable


@pytest.mark.parametrize("mode", ["refuse", "redirect"])
def test_trouble_that_stays_is_not(place: Place, mode: str) -> None:
    place.mode = mode
    assert not failure(place).retryable
    assert len(place.asked) == 1


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("12", 12, 12),
        ("999999999999999999999", 3_600, 3_600),
        ("-5", None, None),
        ("soon", None, None),
    ],
)
def test_pauses_are_read_as_seconds(
    place: Place, header: str, least: float | None, most: float | None
) -> None:
    place.mode, place.retry_after = "throttle", header
    pause = failure(place).retry_after_s
    assert pause is None if least is None or most is None else pause is not None and least <= pause <= most


@pytest.mark.parametrize(
    ("minutes", "least", "most"), [(50, 600, 3_000), (-1_440, 0, 0), (9_999, 3_600, 3_600)]
)
def test_a_date_is_a_pause_until_then(place: Place, minutes: int, least: float, most: float) -> None:
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    place.mode, place.retry_after = "throttle", format_datetime(until, usegmt=True)
    pause = failure(place).retry_after_s
    assert pause is not None
    assert least <= pause <= most


def test_nobody_listens() -> None:
    with listening() as place:
        port = place.port
    to = endpoint(f"http://127.0.0.1:{port}/", "The place")
    with pytest.raises(DeliveryError, match="The place does not take connections; it is tried again"):
        post(to, b"", {})


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/T0KEN",
        "ftp://hooks.example/T0KEN",
        "hooks.example/T0KEN",
        "https://user:T0KEN@hooks.example/",
        "https:///T0KEN",
        "https://hooks.example:port/T0KEN",
        "https://hooks.example/T0KEN\r\nHost: x",
        "https://hooks.example/T0KEN x",
        "http://127.0.0.1.example/T0KEN",
        "https://[::1/T0KEN",
    ],
)
def test_addresses_that_are_none_or_in_the_clear_are_refused_unrepeated(url: str) -> None:
    with pytest.raises(ConfigError, match="The place") as caught:
        endpoint(url, "The place")
    assert "T0KEN" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://[::1]:1/", "http://127.9.9.9/", "https://x/"])
def test_this_machine_may_be_spoken_to_in_the_clear(url: str) -> None:
    assert endpoint(url, "The place").path == "/"


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, 26.0, float("nan")])
def test_a_time_that_is_too_long_is_refused(timeout_s: float) -> None:
    with pytest.raises(ConfigError, match="timeout_s"):
        endpoint("https://x/", "The place", timeout_s)


def test_certificates_are_checked(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    with listening(trust=trust) as place:
        url = f"https://localhost:{place.port}/"
        with pytest.raises(DeliveryError, match="certificate that is not trusted"):
            post(endpoint(url, "The place"), b"", {})
        post(endpoint(url, "The place", 5.0, str(certificate)), b"in", {})
        assert [one.body for one in place.requests] == [b"in"]
        place.mode = "drip"
        with pytest.raises(DeliveryError) as caught:
            post(endpoint(url, "The place", 0.5, str(certificate)), b"", {})
        assert caught.value.retryable


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match="ca_file"):
            endpoint("https://x/", "The place", 5.0, str(path))
