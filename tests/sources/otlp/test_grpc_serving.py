"""OTLP over gRPC: what is refused, what is put off, and what the sender is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from coldtrail.errors import SpoolFullError, StoreError
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.otlp.source import OtlpSource
from tests.sources.otlp.sending import JSON, WIRE
from tests.sources.serving import TOKEN, Kept, Serving, context, served

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
MOST = 2**16


def source(tmp_path: Path, **settings: object) -> OtlpSource:
    own = {"listen": "", "grpc_listen": "127.0.0.1:0", "max_request_bytes": MOST, **settings}
    own["max_in_flight_bytes"] = 2 * MOST
    return OtlpSource(OtlpSettings(**own), context(tmp_path, TOKEN=TOKEN))  # type: ignore[arg-type]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with served(source(tmp_path)) as serving:
        yield serving


def call(serving: Serving, body: bytes = WIRE, method: str = EXPORT, **more: Any) -> Any:
    """The answer, or the error where there is one."""
    with grpc.insecure_channel(str(serving.addresses[0])) as channel:
        try:
            return channel.unary_unary(method)(body, timeout=30, **more)
        except grpc.RpcError as error:
            return error


def test_a_request_is_answered_once_it_is_kept(serving: Serving) -> None:
    assert call(serving) == b""
    assert call(serving, b"") == b""
    assert serving.kept.records == [("push", WIRE)]


def test_a_request_over_the_bound_is_refused_whether_packed_or_not(serving: Serving) -> None:
    assert call(serving, WIRE + bytes(MOST)).code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    bomb = call(serving, bytes(2**22), compression=grpc.Compression.Gzip)
    assert bomb.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert serving.kept.records == []


def test_over_grpc_a_request_has_four_mebibytes_at_most(tmp_path: Path) -> None:
    roomy = OtlpSource(OtlpSettings(listen="", grpc_listen="127.0.0.1:0"), context(tmp_path))
    with served(roomy) as serving:
        assert call(serving, WIRE + bytes(2**22 - len(WIRE))) == b""
        assert call(serving, WIRE + bytes(2**22)).code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_what_is_no_request_of_traces_is_refused(serving: Serving) -> None:
    refused = call(serving, JSON)
    assert refused.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "no ExportTraceServiceRequest" in refused.details()
    assert serving.tally.losses == {"request refused: no OTLP traces": 1}


def test_other_signals_are_refused_by_name_and_counted(serving: Serving) -> None:
    refused = call(serving, method=METRICS)
    assert refused.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "reads traces alone" in refused.details()
    assert serving.tally.losses == {"request refused: other signals than traces": 1}
    assert call(serving, method="/other/Method").code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_wrong_token_is_refused_before_anything_else(tmp_path: Path) -> None:
    with served(source(tmp_path, token_env="TOKEN")) as serving:
        refused = [
            call(serving, metadata=shown, method=method)
            for shown in ((), (("authorization", f"Bearer {TOKEN}x"),))
            for method in (EXPORT, METRICS)
        ]
        assert call(serving, metadata=(("authorization", f"Bearer {TOKEN}"),)) == b""
    assert {one.code() for one in refused} == {grpc.StatusCode.UNAUTHENTICATED}
    assert serving.tally.losses == {"request refused: no token or a wrong one": 4}
    assert serving.kept.payloads == [WIRE]


def test_without_room_senders_are_told_when_to_try_again(tmp_path: Path) -> None:
    with served(source(tmp_path), Kept(SpoolFullError("Full."))) as serving:
        put_off = call(serving)
    assert put_off.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    trailing = dict(put_off.trailing_metadata())
    status, info = Status.FromString(trailing["grpc-status-details-bin"]), RetryInfo()
    assert (status.code, status.message) == (8, put_off.details())
    assert status.details[0].Unpack(info)
    assert 1 <= info.retry_delay.seconds <= 5
    assert RetryInfo.FromString(trailing["google.rpc.retryinfo-bin"]) == info
    assert serving.tally.counts == {"requests put off: spool full": 1}


def test_a_spool_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    with served(source(tmp_path), Kept(StoreError("Broken."))) as serving:
        assert call(serving).code() == grpc.StatusCode.UNAVAILABLE


def test_beyond_what_may_be_in_flight_senders_are_put_off(tmp_path: Path) -> None:
    kept, answers = Kept(), []
    kept.held = asyncio.Event()
    body = WIRE + bytes(MOST - len(WIRE))
    with served(source(tmp_path), kept) as serving:
        threads = [Thread(target=lambda: answers.append(call(serving, body))) for _ in range(2)]
        for thread in threads:
            thread.start()
        kept.wait(2)
        put_off = call(serving, body)
        serving.call(kept.held.set)
        for thread in threads:
            thread.join()
    assert (answers, put_off.code()) == ([b"", b""], grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert serving.tally.counts["requests put off: too much in flight"] == 1


def test_what_has_come_is_answered_when_it_stops(tmp_path: Path) -> None:
    kept, answers = Kept(), []
    kept.held = asyncio.Event()
    with served(source(tmp_path), kept) as serving:
        thread = Thread(target=lambda: answers.append(call(serving)))
        thread.start()
        kept.wait()
        serving.stop()
        serving.call(kept.held.set)
        thread.join()
    assert (answers, kept.payloads) == ([b""], [WIRE])
