"""A small real SMTP server on this machine that takes mail, fails, throttles, refuses, stalls, drops."""

from __future__ import annotations

import base64
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread


class MailServer:
    """`mails` are those that it took; `mode` is how it answers now."""

    def __init__(self, trust: ssl.SSLContext | None, is_tls: bool) -> None:
        self.mode = "take"
        self.mails: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.logins: list[str] = []
        self.commands: list[str] = []
        self.refused: set[str] = set()
        self.trust, self.is_tls, self.offers_tls = trust, is_tls, trust is not None and not is_tls
        self.over = Event()
        self.port = 0

    def parsed(self) -> list[EmailMessage]:
        """The mails as programs read them."""
        return [message_from_bytes(one, policy=policy.default) for one in self.mails]  # type: ignore[misc]


class _Conversation(socketserver.StreamRequestHandler):
    place: MailServer

    def handle(self) -> None:
        place = self.place
        if place.mode == "drop":
            return
        if place.mode == "stall":
            place.over.wait(30)
            return
        if place.mode == "drip":
            while not place.over.wait(0.05):
                self.wfile.write(b"2")
            return
        if place.is_tls and place.trust is not None:
            self._secure(place.trust)
        self._say("421 Too much; come back" if place.mode == "throttle" else "220 localhost")
        recipients: list[str] = []
        while line := self.rfile.readline(4_096).decode("ascii", "replace").strip():
            if not self._answered(line, recipients):
                return

    def _answered(self, line: str, recipients: list[str]) -> bool:
        place, verb = self.place, line[:4].upper()
        place.commands.append(line)
        match verb:
            case "EHLO":
                offers = ["250-localhost", *(["250-STARTTLS"] if place.offers_tls else [])]
                self._say("\r\n".join([*offers, "250 AUTH PLAIN"]))
            case "STAR":
                self._say("220 Go on")
                assert place.trust is not None
                self._secure(place.trust)
            case "AUTH":
                place.logins.append(base64.b64decode(line.split()[-1]).decode())
                self._say("235 Welcome")
            case "MAIL":
                self._say("451 Later" if place.mode == "fail" else "250 Fine")
            case "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                is_refused = place.mode == "refuse" or address in place.refused
                recipients += [] if is_refused else [address]
                self._say(f"550 Not here: {line}" if is_refused else "250 Fine")
            case "DATA":
                self._say("354 Go on")
                self._take(recipients)
            case "QUIT":
                self._say("221 Bye")
                return False
            case _:
                self._say("250 Fine")
        return True

    def _take(self, recipients: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline(4_096)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.place.mails.append(b"".join(lines))
        self.place.recipients.append(list(recipients))
        self._say("250 Taken")

    def _secure(self, trust: ssl.SSLContext) -> None:
        self.request = trust.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.request.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *about: object) -> None:
        """A client that went away is what the tests want."""


@contextmanager
def mail_server(trust: ssl.SSLContext | None = None, *, is_tls: bool = False) -> Iterator[MailServer]:
    """A mail server that listens until the end of the block."""
    place = MailServer(trust, is_tls)
    server = _Server(("127.0.0.1", 0), type("Conversation", (_Conversation,), {"place": place}))
    place.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield place
    finally:
        place.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
