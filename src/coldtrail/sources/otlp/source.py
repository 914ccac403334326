"""The `otlp` source: takes in what OpenTelemetry exporters send, over HTTP and over gRPC."""

from __future__ import annotations

import asyncio
import socket
from typing import ClassVar, Protocol

from coldtrail.errors import ConfigError
from coldtrail.records.intake import Accept
from coldtrail.sources.context import SourceContext
from coldtrail.sources.extras import require
from coldtrail.sources.listening import Address, address_of, cannot_listen, listening_socket
from coldtrail.sources.otlp.http import OtlpApplication
from coldtrail.sources.otlp.settings import OtlpSettings, checked
from coldtrail.sources.otlp.taking import Taking
from coldtrail.sources.tokens import Tokens

_STOP_S = 1.0


class _Server(Protocol):
    async def stop(self, within_s: float) -> None: ...


class OtlpSource:
    """Takes in requests of traces; each is one document."""

    Settings: ClassVar = OtlpSettings

    def __init__(self, settings: OtlpSettings, context: SourceContext) -> None:
        """Raises `ConfigError` for settings that are wrong, or would let strangers in."""
        self.name = context.name
        self._settings = settings
        self._places = checked(settings, self.name)
        self._tokens = self._held_tokens(context)
        self._tally = context.tally
        self.listening: tuple[Address, ...] = ()
        """Where it listens now."""
        if self._places.http is not None:
            require(self.name, "service", "uvicorn", "httptools")
        if self._places.grpc is not None:
            require(self.name, "grpc", "grpc")

    def _held_tokens(self, context: SourceContext) -> Tokens | None:
        variable = self._settings.token_env
        if not variable:
            return None
        return Tokens(variable, context.environment, f"source {self.name!r}: token_env")

    async def serve(self, accept: Accept) -> None:
        """Takes in requests until it is cancelled, then answers those that have come."""
        taking = Taking(self.name, self._settings, self._tokens, self._tally, accept)
        servers: list[_Server] = []
        try:
            found = [await start(taking, servers) for start in (self._start_http, self._start_grpc)]
            self.listening = tuple(address for address in found if address is not None)
            await asyncio.Event().wait()
        finally:
            self.listening = ()
            await asyncio.gather(*(server.stop(_STOP_S) for server in servers))

    async def _start_http(self, taking: Taking, servers: list[_Server]) -> Address | None:
        if self._places.http is None:
            return None
        from coldtrail.sources.otlp.serving import HttpServer

        listening = listening_socket(self._places.http, self.name, socket.SOCK_STREAM)
        try:
            server = HttpServer(OtlpApplication(taking), self._settings, self._tally.count)
        except OSError as error:
            listening.close()
            raise ConfigError(
                f"source {self.name!r}: the certificate, its key or client_ca cannot be used: {error}; "
                "give PEM files that belong together."
            ) from None
        await server.start(listening)
        servers.append(server)
        return address_of(listening)

    async def _start_grpc(self, taking: Taking, servers: list[_Server]) -> Address | None:
        if self._places.grpc is None:
            return None
        from coldtrail.sources.otlp.grpc_serving import GrpcServer

        server = GrpcServer(taking)
        try:
            found = await server.start(self._places.grpc)
        except RuntimeError:
            raise cannot_listen(self._places.grpc, self.name, "that address cannot be bound") from None
        servers.append(server)
        return found
