"""OTLP over HTTP: what is refused, what is put off, and what the sender is told."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from coldtrail.errors import SpoolFullError, StoreError
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.otlp.source import OtlpSource
from tests.sources.otlp.sending import (
    JSON,
    JSON_TYPE,
    PROTOBUF_TYPE,
    WIRE,
    Answer,
    gzipped,
    head,
    post,
    raw,
)
from tests.sources.serving import TOKEN, Kept, Serving, context, served, until

MOST = 4 * len(WIRE)


def source(tmp_path: Path, **settings: object) -> OtlpSource:
    own = {"listen": "127.0.0.1:0", "max_request_bytes": MOST, "max_in_flight_bytes": 2 * MOST, **settings}
    return OtlpSource(OtlpSettings(**own), context(tmp_path, TOKEN=TOKEN))  # type: ignore[arg-type]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with served(source(tmp_path)) as serving:
        yield serving


def send(serving: Serving, *given: object, **named: object) -> Answer:
    return post(serving.addresses[0], *given, **named)  # type: ignore[arg-type]


def packed(data: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", WIRE),
        ("gzip", packed(WIRE, 31)),
        ("GZIP", packed(WIRE[:100], 31) + packed(WIRE[100:], 31)),
        ("deflate", packed(WIRE, 15)),
        ("deflate", packed(WIRE, -15)),
    ],
)
def test_each_content_encoding_is_kept_plain(serving: Serving, encoding: str, body: bytes) -> None:
    answer = send(serving, body, content_encoding=encoding)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"", PROTOBUF_TYPE)
    assert serving.kept.payloads == [WIRE]


@pytest.mark.parametrize(("body", "content_type"), [(b"", PROTOBUF_TYPE), (b" {} ", JSON_TYPE)])
def test_a_request_of_nothing_is_accepted_and_not_kept(
    serving: Serving, body: bytes, content_type: str
) -> None:
    assert send(serving, body, content_type).status == 200
    assert serving.kept.records == []


@pytest.mark.parametrize(
    ("status", "sentence", "given"),
    [
        (404, "reads traces alone", {"path": "/v1/metrics"}),
        (404, "reads traces alone", {"path": "/v1/logs"}),
        (404, "traces go to /v1/traces", {"path": "/v1/traces/"}),
        (405, "are sent by POST", {"method": "PUT"}),
        (415, "application/x-protobuf or as application/json", {"content_type": "text/plain"}),
        (415, "application/x-protobuf or as application/json", {"content_type": None}),
        (415, "compressed by gzip or deflate", {"content_encoding": "br"}),
        (400, "damaged or cut off", {"content_encoding": "gzip", "body": packed(WIRE, 31)[:-5]}),
        (400, "damaged or cut off", {"content_encoding": "gzip", "body": WIRE}),
        (400, "damaged or cut off", {"content_encoding": "deflate", "body": packed(WIRE, 15) + b"more"}),
        (400, "no ExportTraceServiceRequest", {"body": JSON}),
        (400, "no ExportTraceServiceRequest", {"body": WIRE, "content_type": JSON_TYPE}),
        (400, "no ExportTraceServiceRequest", {"body": b'{"a":1}', "content_type": JSON_TYPE}),
        (400, "no ExportTraceServiceRequest", {"body": b"", "content_type": JSON_TYPE}),
        (413, f"holds {MOST:,} bytes at most", {"body": bytes(MOST + 1)}),
        (413, f"holds {MOST:,} bytes at most", {"content_encoding": "gzip", "body": gzipped(MOST + 1)}),
    ],
)
def test_what_cannot_be_taken_in_is_refused_in_one_sentence(
    serving: Serving, status: int, sentence: str, given: dict[str, object]
) -> None:
    answer = send(serving, **given)
    assert (answer.status, serving.kept.records) == (status, [])
    assert sentence in answer.sentence
    assert answer.sentence.endswith(".")
    assert "retry-after" not in answer.headers
    assert serving.tally.losses.total() == 1
    assert serving.tally.sentences() == [f"push: {answer.sentence}"]


def test_a_body_of_chunks_is_bounded_as_it_comes(serving: Serving) -> None:
    chunk = b"%x\r\n%b\r\n" % (len(WIRE), WIRE)
    chunked = head(None, "transfer-encoding: chunked")
    with closing(raw(serving.addresses[0], chunked, chunk, b"0\r\n\r\n")) as one:
        assert one.recv(2**16).startswith(b"HTTP/1.1 200 OK")
    with closing(raw(serving.addresses[0], chunked, *[chunk] * 5)) as one:
        assert one.recv(2**16).startswith(b"HTTP/1.1 413 ")
    assert serving.kept.payloads == [WIRE]


@pytest.mark.parametrize("shown", ["", f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", TOKEN, "Bearer ü"])
def test_a_wrong_token_is_refused_before_anything_else(tmp_path: Path, shown: str) -> None:
    with served(source(tmp_path, token_env="TOKEN")) as serving:
        answer = send(serving, authorization=shown)
        elsewhere = send(serving, authorization=shown, path="/v1/metrics")
        right = send(serving, authorization=f"bearer  {TOKEN}")
    assert (answer.status, elsewhere.status, right.status) == (401, 401, 200)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.sentence
    assert serving.tally.losses == {"request refused: no token or a wrong one": 2}


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (SpoolFullError("Full."), 429, "spool full"),
        (StoreError("Broken."), 503, "spool cannot be written"),
    ],
)
def test_without_room_senders_are_put_off(tmp_path: Path, error: Exception, status: int, kind: str) -> None:
    with served(source(tmp_path), Kept(error)) as serving:
        answer = send(serving)
    assert answer.status == status
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert serving.tally.counts == {f"requests put off: {kind}": 1}
    assert serving.tally.lost == 0


def test_beyond_what_may_be_in_flight_senders_are_put_off(tmp_path: Path) -> None:
    kept, answers = Kept(), []
    kept.held = asyncio.Event()
    body = WIRE + bytes(MOST - len(WIRE))
    with served(source(tmp_path), kept) as serving:
        threads = [Thread(target=lambda: answers.append(send(serving, body).status)) for _ in range(2)]
        for thread in threads:
            thread.start()
        kept.wait(2)
        put_off = send(serving, body)
        serving.call(kept.held.set)
        for thread in threads:
            thread.join()
        after = send(serving, body)
    assert (answers, put_off.status, after.status) == ([200, 200], 429, 200)
    assert "retry-after" in put_off.headers
    assert len(kept.records) == 3


def test_half_a_request_is_counted_and_not_kept(serving: Serving) -> None:
    raw(serving.addresses[0], head(len(WIRE)), WIRE[:-1]).close()
    until(lambda: serving.tally.counts["requests broken off"])
    assert send(serving).status == 200
    assert serving.kept.payloads == [WIRE]


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    with served(source(tmp_path, request_timeout_s=0.05)) as serving:
        slow = raw(serving.addresses[0], head(len(WIRE)), WIRE[:-1])
        with slow, slow.makefile("rb") as file:
            answer = file.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"took too long to come" in answer
    assert serving.kept.records == []


def test_one_connection_brings_many_requests(serving: Serving) -> None:
    request = head(len(WIRE)) + WIRE
    with closing(raw(serving.addresses[0], request, request + request)) as one:
        answers = b""
        while answers.count(b"200 OK") < 3:
            answers += one.recv(2**16)
    assert serving.kept.payloads == [WIRE] * 3
