"""HTTP connections, by uvicorn's protocol on httptools, with bounds that it does not set itself."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from coldtrail.sources.otlp.settings import OtlpSettings

KEEP_ALIVE_S = 75
"""Longer than exporters pause between batches."""
HEAD_S = 10.0
"""In which the head of a request has to come."""
HEAD_BYTES = 64 * 2**10
_FRAMING_BYTES = 2**20
"""What chunks and trailers may add to a body."""
_GRACE_S = 5.0
"""After the answer to a request whose body still comes."""
_TICK_S = 1.0
_BACKLOG = 1_024

Count = Callable[[str], None]


class Bounds:
    """What one connection may take of time, memory and company."""

    def __init__(self, settings: OtlpSettings, count: Count) -> None:
        self.most_connections = settings.max_connections
        self.request_bytes = settings.max_request_bytes + _FRAMING_BYTES
        self.request_s = settings.request_timeout_s + _GRACE_S
        self.count = count


class BoundedProtocol(HttpToolsProtocol):
    """One connection; a sender that dawdles, or sends without an end, is cut off."""

    def __init__(self, bounds: Bounds, config: Config, state: ServerState) -> None:
        super().__init__(config, state, {})
        self._bounds = bounds
        self._received = 0
        self._began: float | None = None
        """When the request began that has not come whole yet."""
        self._in_head = True

    def connection_made(self, transport: Any) -> None:
        """Refuses more connections than are allowed."""
        super().connection_made(transport)
        self._began = self.loop.time()
        if len(self.connections) > self._bounds.most_connections:
            self._cut_off("connections refused: too many")

    def data_received(self, data: bytes) -> None:
        """Counts what a request takes, so that none is without an end."""
        super().data_received(data)
        self._received += len(data)
        if self._received > (HEAD_BYTES if self._in_head else self._bounds.request_bytes):
            self._cut_off("connections cut off: request without an end")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._received, self._in_head, self._began = 0, True, self.loop.time()

    def on_headers_complete(self) -> None:
        """Its head has come."""
        self._received, self._in_head = 0, False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It has come whole."""
        super().on_message_complete()
        self._received, self._in_head, self._began = 0, False, None

    def send_400_response(self, msg: str) -> None:
        """What speaks no HTTP is answered once and counted."""
        self._bounds.count("connections cut off: no HTTP")
        super().send_400_response(msg)

    def cut_off_if_slow(self, now: float) -> None:
        """Ends the connection where its request takes too long to come."""
        if self._began is not None:
            most = HEAD_S if self._in_head else self._bounds.request_s
            if now - self._began > most:
                self._cut_off("connections cut off: too slow")

    def _cut_off(self, kind: str) -> None:
        if not self.transport.is_closing():
            self._bounds.count(kind)
            self.transport.abort()


class HttpServer:
    """Serves an ASGI application at a socket until it is stopped."""

    def __init__(self, application: Callable[..., Any], settings: OtlpSettings, count: Count) -> None:
        self._bounds = Bounds(settings, count)
        self._state = ServerState()
        self._ssl = ssl_context(settings) if settings.tls_cert else None
        self._config = Config(
            application,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        self._config.load()

    async def start(self, listening: socket.socket) -> None:
        """Takes in connections from now on."""
        self._date()
        self._server = await asyncio.get_running_loop().create_server(
            lambda: BoundedProtocol(self._bounds, self._config, self._state),
            sock=listening,
            ssl=self._ssl,
            backlog=_BACKLOG,
            ssl_handshake_timeout=HEAD_S if self._ssl else None,
        )
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self, within_s: float) -> None:
        """Takes in no more; answers what has come, as far as the time allows."""
        self._server.close()
        self._ticking.cancel()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=within_s)
        for connection in list(self._state.connections):
            # What has been written goes out first; what is still to come does not.
            connection.transport.close()
        for task in list(self._state.tasks):
            task.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            self._date()
            now = asyncio.get_running_loop().time()
            for connection in list(self._state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.cut_off_if_slow(now)

    def _date(self) -> None:
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]


def ssl_context(settings: OtlpSettings) -> ssl.SSLContext:
    """TLS 1.2 or later with the certificate of the settings."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    if settings.client_ca:
        context.load_verify_locations(settings.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
