"""A small HTTP/1.1 server: connections stay open, one thread each, one handler for everything.

The standard library's server parses headers as e-mail, closes connections and waits for Nagle: too slow for a
closed loop of twenty calls a booking.
"""

import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedIOBase


@dataclass(frozen=True)
class HttpRequest:
    """One request; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpResponse:
    """One response; Content-Length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


HttpHandler = Callable[[HttpRequest], HttpResponse | None]
HungUp = Callable[[HttpRequest], None]


class HttpServer:
    """A loopback server on a free port that is taken at once; requests wait until `serve`.

    A handler that returns None hangs up; what it raises hangs up too and is kept in `failures`.
    """

    def __init__(self) -> None:
        self._server = _Server()
        self._thread: threading.Thread | None = None
        self.failures = self._server.failures

    def serve(self, handler: HttpHandler, hung_up: HungUp | None = None) -> None:
        """None; `handler` answers every request from now on, in threads of its own.

        `hung_up` is called when a connection has closed, with the last request that came on it.
        """
        self._server.handler = handler
        self._server.hung_up = hung_up
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """`host:port` of this server."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """None; the port is free and every connection is closed."""
        if self._thread:
            self._server.shutdown()
            self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    handler: HttpHandler
    hung_up: HungUp | None = None

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Connection)

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        try:
            return self.handler(request)
        except Exception as error:  # noqa: BLE001 - raised again where the caller waits
            self.failures.append(error)
            return None

    def opened(self, connection: socket.socket) -> None:
        self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        self._connections.discard(connection)

    def lost(self, last: HttpRequest) -> None:
        if self.hung_up:
            self.hung_up(last)

    def hang_up(self) -> None:
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: _Server
    connection: socket.socket
    last: HttpRequest | None = None

    def handle(self) -> None:
        self.server.opened(self.connection)
        try:
            while self._exchange():
                pass
        except OSError:
            pass
        finally:
            self.server.closed(self.connection)
            if self.last:
                self.server.lost(self.last)

    def _exchange(self) -> bool:
        request = self._read()
        self.last = request or self.last
        response = self.server.answer(request) if request else None
        if request is None or response is None:
            return False
        self.connection.sendall(_serialise(response, head_only=request.method == "HEAD"))
        return request.headers.get("connection", "").lower() != "close"

    def _read(self) -> HttpRequest | None:
        first = self.rfile.readline()
        if not first.strip():
            return None
        method, target, _version = first.decode("latin-1").split()
        headers = _read_headers(self.rfile)
        if headers.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return HttpRequest(method, target, headers, _read_body(self.rfile, headers))


def _read_headers(stream: BufferedIOBase) -> dict[str, str]:
    headers: dict[str, str] = {}
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _read_body(stream: BufferedIOBase, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return stream.read(int(headers.get("content-length") or 0))
    chunks = []
    while size := int(stream.readline(), 16):
        chunks.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(chunks)


def _serialise(response: HttpResponse, *, head_only: bool) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if not any(name.lower() == "content-length" for name in response.headers):
        lines.append(f"Content-Length: {len(response.body)}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if head_only else head + response.body
