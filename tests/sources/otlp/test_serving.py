"""Connections that would stay for good, or send without an end, are cut off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from socket import IPPROTO_TCP, SHUT_WR, TCP_NODELAY, socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.sources.otlp import serving as bounds
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.otlp.source import OtlpSource
from tests.sources.otlp.sending import WIRE, head, post, raw
from tests.sources.serving import Serving, context, served


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    monkeypatch.setattr(bounds, "_TICK_S", 0.01)
    monkeypatch.setattr(bounds, "HEAD_S", 0.1)
    monkeypatch.setattr(bounds, "_GRACE_S", 0.1)
    own = OtlpSettings(
        listen="127.0.0.1:0", max_connections=3, max_request_bytes=2_000, request_timeout_s=0.05
    )
    with served(OtlpSource(own, context(tmp_path))) as serving:
        yield serving


def ended(connection: socket) -> bool:
    """Whether the other end closes the connection, whatever it says before."""
    with suppress(ConnectionError):
        while connection.recv(2**16):
            pass
    return True


@pytest.mark.parametrize("sent", [b"", b"POST /v1/tr", head()[:-2]])
def test_a_head_has_to_come_in_time(impatient: Serving, sent: bytes) -> None:
    with closing(raw(impatient.addresses[0], sent)) as slow:
        assert ended(slow)
    assert impatient.tally.counts["connections cut off: too slow"] == 1


def test_a_head_that_drips_is_no_reason_to_wait(impatient: Serving) -> None:
    with closing(raw(impatient.addresses[0], head()[:-2])) as slow:
        assert _drips(slow, lambda: b"x: y\r\n")
    assert post(impatient.addresses[0]).status == 200


def test_a_body_that_drips_after_its_answer_is_cut_off(impatient: Serving) -> None:
    with closing(raw(impatient.addresses[0], head(1_900), WIRE[:10])) as slow:
        assert slow.recv(2**16).startswith(b"HTTP/1.1 408 ")
        assert _drips(slow, lambda: b"x")


def test_a_head_without_an_end_is_cut_off(impatient: Serving) -> None:
    with closing(raw(impatient.addresses[0], head()[:-2])) as endless:
        assert _drips(endless, lambda: b"x: " + b"y" * 10_000 + b"\r\n", pause_s=0.0)
    assert impatient.tally.counts["connections cut off: request without an end"] == 1


def test_trailers_without_an_end_are_cut_off(impatient: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    start = head(None, "transfer-encoding: chunked") + b"1\r\n\n\r\n0\r\n"
    with closing(raw(impatient.addresses[0], start)) as endless:
        assert _drips(endless, lambda: b"x: " + b"y" * 100_000 + b"\r\n", pause_s=0.0)
    assert impatient.kept.records == []


def test_more_connections_than_allowed_are_refused(impatient: Serving) -> None:
    held = [raw(impatient.addresses[0]) for _ in range(3)]
    with closing(raw(impatient.addresses[0])) as refused:
        assert ended(refused)
    assert impatient.tally.counts["connections refused: too many"] == 1
    for one in held:
        one.close()


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_what_speaks_no_http_is_counted(impatient: Serving, sent: bytes) -> None:
    with closing(raw(impatient.addresses[0], sent)) as stranger:
        assert ended(stranger)
    assert impatient.tally.counts["connections cut off: no HTTP"] == 1


def _drips(connection: socket, piece: Callable[[], bytes], pause_s: float = 0.005) -> bool:
    """Whether the connection is cut off while more and more is sent."""
    connection.settimeout(30)
    for _ in range(10_000):
        try:
            connection.sendall(piece())
        except OSError:
            return True
        time.sleep(pause_s)
    return False


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for many examples."""
    own = OtlpSettings(listen="127.0.0.1:0")
    with served(OtlpSource(own, context(tmp_path_factory.mktemp("lasting")))) as serving:
        yield serving


TWO = (head(len(WIRE)) + WIRE) * 2


@given(st.lists(st.integers(1, len(TWO) - 1), max_size=6, unique=True))
@settings(max_examples=40, deadline=None)
def test_however_requests_are_cut_they_are_taken_in_whole(lasting: Serving, cuts: list[int]) -> None:
    before = len(lasting.kept.records)
    ends = [0, *sorted(cuts), len(TWO)]
    answers = b""
    with closing(raw(lasting.addresses[0])) as one:
        one.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        for begin, end in pairwise(ends):
            one.sendall(TWO[begin:end])
        while answers.count(b"200 OK") < 2:
            answers += one.recv(2**16)
    assert lasting.kept.payloads[before:] == [WIRE] * 2


@given(
    st.binary(min_size=1, max_size=300), st.sampled_from([b"", head()[:-2], head(300), b"POST /v1/traces "])
)
@settings(max_examples=60, deadline=None)
def test_no_rubbish_stops_it(lasting: Serving, rubbish: bytes, beginning: bytes) -> None:
    before = len(lasting.kept.records)
    with closing(raw(lasting.addresses[0], beginning)) as one, suppress(OSError):
        one.sendall(rubbish)
        one.shutdown(SHUT_WR)
    assert post(lasting.addresses[0]).status == 200
    assert lasting.kept.payloads[before:][-1:] == [WIRE]
