"""OTLP over gRPC: bytes pass through; the library only frames and decompresses them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import grpc
from grpc import aio

from coldtrail.sources.listening import Address
from coldtrail.sources.otlp.answers import (
    BUSY,
    OTHER_SIGNAL,
    PROTOBUF,
    Code,
    Refusal,
    RefusedError,
    pause_s,
    retry_details,
)
from coldtrail.sources.otlp.bodies import holds_traces
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.otlp.taking import Taking

_SERVICE = "/opentelemetry.proto.collector."
_METHOD = f"{_SERVICE}trace.v1.TraceService/Export"
_MOST_RPCS = 256
_MOST_MESSAGE = 4 * 2**20
"""The library holds messages whole before anybody is asked: so many of such a size are a GiB at the worst."""
_MOST_AGE_MS, _GRACE_MS = 300_000, 15_000
"""A connection is renewed that often, so that no half-sent request stays for good."""
_STATUS = {code.value[0]: code for code in grpc.StatusCode}


class GrpcServer:
    """Serves `TraceService/Export` at an address until it is stopped."""

    def __init__(self, taking: Taking) -> None:
        self._settings = taking.settings
        self._server = aio.server(
            options=_options(taking.settings), maximum_concurrent_rpcs=_MOST_RPCS, compression=None
        )
        self._server.add_generic_rpc_handlers((_Handlers(taking),))

    async def start(self, address: Address) -> Address:
        """Takes in calls from now on; where it listens. Raises `RuntimeError` where the address is taken."""
        if self._settings.tls_cert:
            port = self._server.add_secure_port(str(address), _credentials(self._settings))
        else:
            port = self._server.add_insecure_port(str(address))
        await self._server.start()
        return Address(address.host, port)

    async def stop(self, within_s: float) -> None:
        """Takes in no more; answers what has come, as far as the time allows."""
        await self._server.stop(within_s)


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Chooses who answers a call, before any of its message has come."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._export = grpc.unary_unary_rpc_method_handler(self._take)

    def service(self, handler_call_details: Any) -> Any:
        """The handler of a call; None where there is no such method."""
        method = handler_call_details.method
        if method != _METHOD and not method.startswith(_SERVICE):
            return None
        try:
            self._taking.check_token(_authorization(handler_call_details.invocation_metadata))
            if method != _METHOD:
                raise RefusedError(OTHER_SIGNAL)
        except RefusedError as refused:
            return self._refusing(refused.refusal)
        return self._export

    async def _take(self, payload: bytes, context: Any) -> bytes:
        in_flight = self._taking.in_flight
        size = len(payload)
        if not in_flight.take(size):
            await self._refuse(BUSY, context)
        try:
            if holds_traces(payload, PROTOBUF):
                await self._taking.keep(payload)
        except RefusedError as refused:
            await self._refuse(refused.refusal, context)
        finally:
            in_flight.give_back(size)
        return b""

    async def _refuse(self, refusal: Refusal, context: Any) -> NoReturn:
        self._taking.refuse(refusal)
        details = retry_details(refusal, pause_s()) if refusal.is_put_off else ()
        await context.abort(_STATUS[int(refusal.code)], refusal.sentence, details)
        raise AssertionError

    def _refusing(self, refusal: Refusal) -> Any:
        """A handler that does not wait for the message."""

        async def refuse(messages: AsyncIterator[bytes], context: Any) -> bytes:
            await self._refuse(refusal, context)

        return grpc.stream_unary_rpc_method_handler(refuse)


def _authorization(metadata: Any) -> bytes:
    found: Mapping[str, str | bytes] = dict(metadata or ())
    shown = found.get("authorization", b"")
    return shown if isinstance(shown, bytes) else shown.encode("utf-8", "surrogateescape")


def _options(settings: OtlpSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", min(settings.max_request_bytes, _MOST_MESSAGE)),
        ("grpc.max_connection_age_ms", _MOST_AGE_MS),
        ("grpc.max_connection_age_grace_ms", _GRACE_MS),
    ]


def _credentials(settings: OtlpSettings) -> Any:
    pair = (Path(settings.tls_key).read_bytes(), Path(settings.tls_cert).read_bytes())
    authorities = Path(settings.client_ca).read_bytes() if settings.client_ca else None
    return grpc.ssl_server_credentials([pair], authorities, authorities is not None)


assert all(int(code) in _STATUS for code in Code)
