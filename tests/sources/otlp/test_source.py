"""The `otlp` source as exporters see it: over HTTP and gRPC, with tokens and TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

from coldtrail.errors import ConfigError, SourceError, SpoolFullError
from coldtrail.sources.otlp import grpc_serving, http
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.otlp.source import OtlpSource
from tests.sources.otlp.certificates import Certificates
from tests.sources.otlp.sending import (
    JSON,
    JSON_TYPE,
    PROTOBUF_TYPE,
    WIRE,
    export_a_run,
    flows_of,
    head,
    post,
    raw,
)
from tests.sources.serving import TOKEN, Kept, context, served, until

ANYWHERE = "127.0.0.1:0"


def source(tmp_path: Path, **settings: object) -> OtlpSource:
    own = OtlpSettings(**{"listen": ANYWHERE, **settings})  # type: ignore[arg-type]
    return OtlpSource(own, context(tmp_path, TOKEN=TOKEN))


@pytest.mark.parametrize("compression", list(Compression))
def test_what_the_sdk_exports_over_http_becomes_flows(tmp_path: Path, compression: Compression) -> None:
    with served(source(tmp_path)) as serving:
        exporter = HttpExporter(f"{serving.url}/v1/traces", compression=compression)
        export_a_run(exporter)
    _is_one_run(serving.kept)
    assert serving.tally.counts["requests accepted"] == 2
    assert serving.tally.counts["bytes accepted"] == sum(map(len, serving.kept.payloads))


@pytest.mark.parametrize("is_compressed", [False, True])
def test_what_the_sdk_exports_over_grpc_becomes_flows(tmp_path: Path, is_compressed: bool) -> None:
    from grpc import Compression as GrpcCompression

    with served(source(tmp_path, listen="", grpc_listen=ANYWHERE)) as serving:
        compression = GrpcCompression.Gzip if is_compressed else GrpcCompression.NoCompression
        export_a_run(GrpcExporter(str(serving.addresses[0]), insecure=True, compression=compression))
    _is_one_run(serving.kept)


def test_with_tls_and_a_token_both_ways(tmp_path: Path, certificates: Certificates) -> None:
    tls = {"tls_cert": certificates.chain, "tls_key": certificates.key, "token_env": "TOKEN"}
    shown = {"authorization": f"Bearer {TOKEN}"}
    with served(source(tmp_path, grpc_listen=ANYWHERE, **tls)) as serving:
        over_http, over_grpc = serving.addresses
        url = f"https://localhost:{over_http.port}/v1/traces"
        export_a_run(HttpExporter(url, certificate_file=certificates.authority, headers=shown))
        trusted = certificates.grpc()
        export_a_run(
            GrpcExporter(f"localhost:{over_grpc.port}", credentials=trusted, headers=tuple(shown.items()))
        )
    assert len(serving.kept.records) == 4
    assert {name for name, _ in serving.kept.records} == {"push"}


def test_a_client_certificate_may_stand_for_a_token(tmp_path: Path, certificates: Certificates) -> None:
    tls = {"tls_cert": certificates.chain, "tls_key": certificates.key, "client_ca": certificates.authority}
    with served(source(tmp_path, **tls)) as serving:
        port = serving.addresses[0].port
        url = f"https://localhost:{port}/v1/traces"
        stranger = HTTPSConnection("localhost", port, context=certificates.trusting())
        # By TLS 1.3 the client learns only with the answer that its certificate was missed.
        with closing(stranger), pytest.raises((ssl.SSLError, ConnectionError)):
            _ask(stranger)
        assert serving.kept.records == []
        own = {"client_certificate_file": certificates.chain, "client_key_file": certificates.key}
        export_a_run(HttpExporter(url, certificate_file=certificates.authority, **own))
        assert len(serving.kept.records) == 2


def test_json_is_answered_in_json_and_kept_as_it_was_sent(tmp_path: Path) -> None:
    with served(source(tmp_path)) as serving:
        answer = post(serving.addresses[0], JSON, f"{JSON_TYPE}; charset=utf-8")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, JSON_TYPE, b"{}")
    assert serving.kept.records == [("push", JSON)]
    assert len(flows_of([JSON])) == 1


def test_both_ways_stop_after_what_has_come_is_answered(tmp_path: Path) -> None:
    kept = Kept()
    with served(source(tmp_path), kept) as serving:
        kept.held = asyncio.Event()
        connection = raw(serving.addresses[0], head(len(WIRE)), WIRE)
        idle = raw(serving.addresses[0])
        address = serving.addresses[0]
        kept.wait()
        serving.stop()
        assert idle.recv(1) == b""
        serving.call(kept.held.set)
        with connection, connection.makefile("rb") as file:
            assert file.read().startswith(b"HTTP/1.1 200 OK\r\n")
        idle.close()
    assert kept.payloads == [WIRE]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address)


@pytest.mark.parametrize("way", ["listen", "grpc_listen"])
def test_an_address_that_is_taken_is_a_retryable_error(tmp_path: Path, way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ways = {"listen": "", "grpc_listen": "", way: address}
        with (
            pytest.raises(SourceError, match=f"^The source 'push' cannot listen at {address}: ") as caught,
            served(source(tmp_path, **ways)),
        ):
            pass
    assert caught.value.retryable


def test_a_key_of_another_certificate_is_refused(tmp_path: Path, certificates: Certificates) -> None:
    tls = {"tls_cert": certificates.authority, "tls_key": certificates.key}
    with pytest.raises(ConfigError, match=r"cannot be used.*give PEM files"), served(source(tmp_path, **tls)):
        pass


def test_without_its_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.sources.extras.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"needs uvicorn, httptools.*pip install 'coldtrail\[service\]'"):
        source(tmp_path)
    with pytest.raises(ConfigError, match=r"needs grpc.*pip install 'coldtrail\[grpc\]'"):
        source(tmp_path, listen="", grpc_listen=ANYWHERE)


def _ask(connection: HTTPSConnection) -> None:
    connection.request("POST", "/v1/traces", WIRE, {"content-type": PROTOBUF_TYPE})
    connection.getresponse()


def _is_one_run(kept: Kept) -> None:
    (flow,) = flows_of(kept.payloads)
    assert flow.function_name == "Orders"
    assert ("GetItem", "Stock") in [(one.event_name, one.event_target_resource) for one in flow.events]


@pytest.mark.parametrize("way", ["http", "grpc"])
def test_exporters_try_again_what_was_put_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    for module in (http, grpc_serving):
        monkeypatch.setattr(module, "pause_s", lambda: 0)
    kept = Kept(SpoolFullError("Full."))
    with served(source(tmp_path, grpc_listen=ANYWHERE), kept) as serving:

        def make_room() -> None:
            until(lambda: serving.tally.counts["requests put off: spool full"] >= 2)
            kept.error = None

        room = Thread(target=make_room)
        room.start()
        if way == "http":
            export_a_run(HttpExporter(f"{serving.url}/v1/traces"))
        else:
            export_a_run(GrpcExporter(str(serving.addresses[1]), insecure=True))
        room.join()
    _is_one_run(kept)
    assert serving.tally.counts["requests accepted"] == 2
    assert serving.tally.lost == 0
