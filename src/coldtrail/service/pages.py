"""The one small HTTP server of the service: `/`, `/alerts/ID`, `/health`, `/metrics`; it only tells."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote, urlsplit

from coldtrail.errors import ConfigError
from coldtrail.service.health import health
from coldtrail.service.metrics import Metrics
from coldtrail.service.page import STYLE, alert_page, page, status_page
from coldtrail.service.settings import address_of
from coldtrail.service.status import Watcher

_MOST_AT_ONCE = 16
_TIMEOUT_S = 10.0
_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Answer(NamedTuple):
    """What a request is answered with."""

    status: int
    content_type: str
    body: bytes


class Pages:
    """Serves until it is stopped, in threads of its own."""

    def __init__(
        self, listen: str, watcher: Watcher, cases: Callable[[], list[Any]], address: str = ""
    ) -> None:
        """Raises `ConfigError` where nobody can listen there."""
        self._watcher, self._cases = watcher, cases
        self._metrics = Metrics(watcher.status)
        host, port = address_of(listen, "service.listen")
        own = {"answer": staticmethod(self.answer), "hosts": _hosts(host, address)}
        handler = type("Handler", (_Handler,), own)
        try:
            self._server = _Server((host, port), handler)
        except OSError as error:
            raise ConfigError(
                f"service.listen: nobody can listen at {listen}: {error.strerror or error}; name another "
                "address, or leave it empty."
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, name="pages", daemon=True)

    @property
    def place(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/"

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> Answer:
        """What is answered to a request of a path."""
        if path == "/":
            html = status_page(self._watcher.status(), self._watcher.alerts(), self._cases())
            return Answer(200, _HTML, html.encode())
        if path == "/health":
            status, body = health(self._watcher.status())
            return Answer(status, "application/json", body)
        if path == "/metrics":
            return Answer(200, self._metrics.content_type, self._metrics.text())
        if path == "/style.css":
            return Answer(200, "text/css; charset=utf-8", STYLE.encode())
        return self._alert(path) or Answer(
            404, _HTML, page("Not found", "<p>There is no such page.</p>").encode()
        )

    def _alert(self, path: str) -> Answer | None:
        if not path.startswith("/alerts/"):
            return None
        id = unquote(path.removeprefix("/alerts/"))
        row = next((row for row in self._watcher.alerts() if row.alert.id == id), None)
        return None if row is None else Answer(200, _HTML, alert_page(row).encode())


def _hosts(host: str, address: str) -> frozenset[str] | None:
    """The names by which a page on this machine alone may be asked for, so that no foreign page reads it by
    a name of its own for this machine; None where it is meant to be reached from elsewhere."""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    if not is_here:
        return None
    return frozenset({"localhost", "127.0.0.1", "::1", host, urlsplit(address).hostname or host})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def __init__(self, *given: Any) -> None:
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answers in a thread of its own, of which there are only so many."""
        if not self._room.acquire(timeout=1.0):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answers one request."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of who hung up."""


class _Handler(BaseHTTPRequestHandler):
    answer: ClassVar[Callable[[str], Answer]]
    hosts: ClassVar[frozenset[str] | None] = None
    timeout = _TIMEOUT_S
    server_version, sys_version = "coldtrail", ""

    def do_GET(self) -> None:
        """Answers."""
        self._send(self._answered())

    do_HEAD = do_GET  # noqa: N815

    def _answered(self) -> Answer:
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if self.hosts is not None and host not in self.hosts:
            return Answer(421, _TEXT, b"This name is not that of the service; see service.address.\n")
        return type(self).answer(urlsplit(self.path).path)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing of requests."""
