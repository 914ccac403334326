"""A local webhook that hears what the service tells: it checks each signature and notes when it came."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

_MOST_BYTES = 4 * 2**20


class Heard(NamedTuple):
    """One message that was taken."""

    alert_id: str
    dedup_key: str
    what: str
    """`trigger`, `update`, `resolve` or `digest`."""
    webhook_id: str
    """The same when one message is sent again."""
    at: float
    """By the wall clock."""
    title: str


class Webhook:
    """Listens at 127.0.0.1 until the context ends; what is wrongly signed is refused and counted."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret, self._clock = secret.encode(), clock
        self._lock = threading.Lock()
        self._heard: list[Heard] = []
        self.refused = 0
        self.fails = False
        """Whether it answers with an error, as a receiver that is down behind its proxy."""
        own = {"webhook": self}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), own))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhook", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def heard(self) -> list[Heard]:
        """All messages so far, as they came, each sending of one message by itself."""
        with self._lock:
            return list(self._heard)

    def take(self, headers: Any, body: bytes) -> int:
        """The status of the answer."""
        if self.fails:
            return 503
        sent, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        digest = hmac.digest(self._secret, f"{sent}.{stamp}.".encode() + body, "sha256")
        signed = f"v1,{base64.b64encode(digest).decode()}"
        if not hmac.compare_digest(headers.get("webhook-signature", "").encode(), signed.encode()):
            with self._lock:
                self.refused += 1
            return 401
        told = json.loads(body)
        one = Heard(told["alert_id"], told["dedup_key"], told["what"], sent, self._clock(), told["title"])
        with self._lock:
            self._heard.append(one)
        return 204


class Telling(NamedTuple):
    """What was told of one alert."""

    first_at: float
    triggers: int
    """Different messages that say that it is new; 1 where it was told once."""
    updates: int
    """That it has become severer, or came ten times as often."""
    again: int
    """Messages that came more than once, as after a crash: a receiver knows them by their id."""


def tellings(heard: list[Heard]) -> dict[str, Telling]:
    """What was told, by alert."""
    of_alert: dict[str, list[Heard]] = defaultdict(list)
    for one in heard:
        of_alert[one.alert_id].append(one)
    return {id: _telling(some) for id, some in of_alert.items()}


def _telling(some: list[Heard]) -> Telling:
    different = {one.webhook_id: one.what for one in some}
    counts = Counter(different.values())
    return Telling(
        min(one.at for one in some), counts["trigger"], counts["update"], len(some) - len(different)
    )


class _Handler(BaseHTTPRequestHandler):
    webhook: Webhook
    timeout = 10.0

    def do_POST(self) -> None:
        """Takes one message."""
        length = int(self.headers.get("Content-Length", 0))
        status = 413 if length > _MOST_BYTES else self.webhook.take(self.headers, self.rfile.read(length))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing of requests."""
