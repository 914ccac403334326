"""Syslog, as RFC 5424 has it: over UDP (RFC 5426), TCP with counted octets (RFC 6587), or TLS (RFC 5425).

Syslog acknowledges nothing. Over TCP and TLS the end of the connection is waited for, which shows that the
server still read; over UDP a message may be lost without a sign, so choose it only within a machine.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import bounded, iso
from coldtrail.notifiers.deadline import DEADLINE_S, STEP_S, allowed_time, deadline
from coldtrail.notifiers.http import is_loopback, trusting, why
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_TOLD = "The syslog server"
_SEVERITIES = {"critical": 2, "high": 3, "medium": 4, "low": 5}
_OVER = 6
_FACILITIES = {"auth": 4, "authpriv": 10, "audit": 13, **{f"local{n}": 16 + n for n in range(8)}}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "]": "\\]"})
_STRUCTURED = "coldtrail@32473"
"""An own name has to end in a number of an enterprise; this one is set aside for examples (RFC 5612)."""
_UDP_BYTES, _TCP_BYTES = 2_048, 8_192
_CLOSE_S = 2.0
Facility = Literal[
    "auth", "authpriv", "audit",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
]  # fmt: skip


class SyslogSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "syslog"`"""

    host: str
    """Of the server: name or address."""
    port: int = 0
    """514, and 6514 for `tls`, where nothing is said."""
    transport: Literal["udp", "tcp", "tls"] = "tls"
    """`udp` and `tcp` go in the clear: `tcp` only to this machine, unless `clear` allows it."""
    clear: bool = False
    """Whether messages may cross the network in the clear."""
    facility: Facility = "local0"
    """Under which the server files it."""
    ca_file: str = ""
    """Path of certificates in PEM to trust in place of the system's."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is handed over, in seconds, 25 at most."""


class SyslogNotifier:
    """Sends each message as one line with structured data."""

    Settings: ClassVar[type[Struct]] = SyslogSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: SyslogSettings, environment: Mapping[str, str]) -> None:
        allowed_time(settings.timeout_s)
        if settings.transport != "tls" and not settings.clear and not is_loopback(settings.host):
            raise ConfigError(
                f"transport: {settings.transport} sends alerts in the clear; choose tls, or set clear = true."
            )
        if not 0 <= settings.port < 65_536:
            raise ConfigError(f"port: {settings.port} is no port.")
        self._settings = settings
        self._port = settings.port or (6514 if settings.transport == "tls" else 514)
        self._trust = trusting(_TOLD, settings.ca_file) if settings.transport == "tls" else None
        self._own = _header_part(socket.gethostname(), 255)

    def send(self, message: Message) -> None:
        """Hands the message over."""
        is_udp = self._settings.transport == "udp"
        most = _UDP_BYTES if is_udp else _TCP_BYTES
        told = line_of(bounded(message), self._own, _FACILITIES[self._settings.facility], most)
        try:
            self._datagram(told) if is_udp else self._stream(b"%d %s" % (len(told), told))
        except (OSError, ValueError) as error:
            raise DeliveryError(f"{_TOLD} {why(error)}; it is tried again.", retryable=True) from None

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()

    def _datagram(self, told: bytes) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(
            self._settings.host, self._port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as sender:
            sender.connect(address)
            sender.send(told)
            # Where nobody listens, this machine says so at once, and others seldom.
            sender.settimeout(0.05)
            try:
                sender.recv(1)
            except TimeoutError:
                return

    def _stream(self, framed: bytes) -> None:
        where = self._settings.host, self._port
        with socket.create_connection(where, min(self._settings.timeout_s, STEP_S)) as plain:
            spoken: list[socket.socket] = [plain]
            with deadline(self._settings.timeout_s, lambda: spoken[-1]) as is_over:
                if self._trust is None:
                    _sent(plain, framed)
                else:
                    shaking = self._trust.wrap_socket(
                        plain, server_hostname=self._settings.host, do_handshake_on_connect=False
                    )
                    spoken.append(shaking)
                    with shaking as secure:
                        secure.do_handshake()
                        _sent_secretly(secure, framed)
                if is_over.is_set():
                    raise TimeoutError


def _sent(connection: socket.socket, framed: bytes) -> None:
    """Returns once the other side has closed, or after a while where it keeps connections open."""
    connection.sendall(framed)
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_CLOSE_S)
    try:
        while connection.recv(512):
            pass
    except TimeoutError:
        return


def _sent_secretly(connection: ssl.SSLSocket, framed: bytes) -> None:
    connection.sendall(framed)
    connection.settimeout(_CLOSE_S)
    try:
        connection.unwrap()
    except (TimeoutError, ssl.SSLError):
        return


def line_of(message: Message, own: str, facility: int, most_bytes: int) -> bytes:
    """The message in the form of RFC 5424, cut to so many bytes."""
    severity = _OVER if message.what == "resolve" else _SEVERITIES[message.severity]
    head = f"<{facility * 8 + severity}>1 {iso(message.at)} {own} coldtrail {os.getpid()} {message.what}"
    named = {
        "alert": message.alert_id,
        "dedup": message.dedup_key,
        "event": message.event or "",
        "severity": message.severity,
        "count": str(message.count),
        "function": message.function,
        "application": message.application,
        "account": message.account,
        "region": message.region,
        "link": message.link,
    }
    pairs = " ".join(f'{name}="{_value(value)}"' for name, value in named.items() if value)
    text = " | ".join((message.title, *message.lines))
    whole = f"{head} [{_STRUCTURED} {pairs}] \ufeff{text}".encode(errors="backslashreplace")
    return whole if len(whole) <= most_bytes else whole[:most_bytes].decode(errors="ignore").encode()


def _value(text: str) -> str:
    """A value of structured data (RFC 5424, 6.3.3), short enough that all of them fit."""
    return text[:120].translate(_ESCAPES)


def _header_part(text: str, longest: int) -> str:
    kept = "".join(char for char in text[:longest] if "!" <= char <= "~")
    return kept or "-"
