"""A real HTTP server on this machine that takes messages, fails, throttles, stalls and comes back."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import NamedTuple


class Request(NamedTuple):
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Place:
    """The server: `mode` is how it answers now, `requests` are those that it took."""

    def __init__(self) -> None:
        self.mode: str = "take"
        self.requests: list[Request] = []
        self.asked: list[Request] = []
        self.troubled: Callable[[int, bytes], bytes] = lambda status, asked: asked
        self.taken: Callable[[], tuple[int, bytes]] = lambda: (200, b"ok")
        self.retry_after = "7"
        self.over = Event()
        self.address = ("", 0)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.address[1]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Takes the request in, and answers as the mode says."""
        length = int(handler.headers.get("Content-Length") or 0)
        request = Request(handler.path, dict(handler.headers.items()), handler.rfile.read(length))
        self.asked.append(request)
        match self.mode:
            case "take":
                self.requests.append(request)
                status, body = self.taken()
                _answered(handler, status, body)
            case "throttle":
                _answered(handler, 429, self.troubled(429, request.body), ("Retry-After", self.retry_after))
            case "fail":
                _answered(handler, 503, self.troubled(503, request.body))
            case "refuse":
                _answered(handler, 403, self.troubled(403, request.body))
            case "redirect":
                _answered(handler, 307, b"", ("Location", f"http://127.0.0.1:{self.port}/elsewhere"))
            case "stall":
                self.over.wait(30)
            case "drip":
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
                while not self.over.wait(0.05):
                    handler.wfile.write(b"x")
            case "drop":
                handler.close_connection = True


def _answered(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, header: tuple[str, str] | None = None
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    if header:
        handler.send_header(*header)
    handler.end_headers()
    handler.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *about: object) -> None:
        """A client that went away is what the tests want."""


@contextmanager
def listening(port: int = 0, trust: ssl.SSLContext | None = None) -> Iterator[Place]:
    """A place that listens until the end of the block."""
    place = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            place.answer(self)

        def log_message(self, *about: object) -> None:
            """Nothing is logged."""

    server = _Server(("127.0.0.1", port), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    place.address = ("127.0.0.1", server.server_address[1])
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield place
    finally:
        place.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
