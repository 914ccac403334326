"""Messages by HTTPS: one request, one answer, within one deadline, to the host that the settings name.

No redirect is followed. An error never quotes the address, a header or the answer: each may hold a secret.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from coldtrail.errors import ConfigError
from coldtrail.notifiers.deadline import DEADLINE_S, STEP_S, allowed_time, deadline
from coldtrail.notifiers.notifier import DeliveryError

_LATER = frozenset((408, 425, 429))
_LONGEST_PAUSE_S = 3_600.0


class Endpoint(NamedTuple):
    """Where requests go."""

    told: str
    """What it is called in sentences, without its address: `the Slack webhook (COLDTRAIL_SLACK_URL)`."""
    host: str
    port: int | None
    path: str
    trust: ssl.SSLContext | None
    deadline_s: float


def endpoint(url: str, told: str, deadline_s: float = DEADLINE_S, ca_file: str = "") -> Endpoint:
    """The endpoint of an address; raises `ConfigError` where it is none, or would be spoken to in clear."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(
            f"{told}: the address cannot be read; give one such as https://host/path."
        ) from None
    if not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError(f"{told}: the address cannot be read; give one such as https://host/path.")
    if parts.username is not None:
        raise ConfigError(f"{told}: the address holds a user or a password; leave them out.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ConfigError(f"{told}: the address has to begin with https://, but for one of this machine.")
    trust = trusting(told, ca_file) if parts.scheme == "https" else None
    return Endpoint(told, parts.hostname, port, _path(parts), trust, allowed_time(deadline_s))


def trusting(told: str, ca_file: str) -> ssl.SSLContext:
    """What certificates are checked by: those of a file, or the system's; raises `ConfigError`."""
    try:
        return ssl.create_default_context(cafile=str(Path(ca_file)) if ca_file else None)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{told}: ca_file: {ca_file!r} holds no certificates in PEM.") from None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def post(to: Endpoint, body: bytes, headers: Mapping[str, str]) -> None:
    """Sends the body, and returns once it is taken; raises `DeliveryError`."""
    status, retry_after = _asked(to, body, headers)
    if 200 <= status < 300:
        return
    if status in _LATER or status >= 500:
        raise DeliveryError(
            f"{to.told} answered {status}; it is tried again.",
            retryable=True,
            retry_after_s=pause_of(retry_after),
        )
    if 300 <= status < 400:
        raise DeliveryError(
            f"{to.told} redirects ({status}), which is not followed; give the address itself.",
            retryable=False,
        )
    raise DeliveryError(
        f"{to.told} refused the message ({status}); mend the settings, then run `coldtrail outbox replay`.",
        retryable=False,
    )


def _asked(to: Endpoint, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None]:
    """The status of the answer and its `Retry-After`; what else it says is not read."""
    connection = _connection(to)
    with deadline(to.deadline_s, lambda: connection.sock) as is_over:
        try:
            connection.request("POST", to.path, body, {"User-Agent": "Coldtrail", **headers})
            with connection.getresponse() as answer:
                if is_over.is_set():
                    raise TimeoutError
                return answer.status, answer.getheader("Retry-After")
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = why(TimeoutError() if is_over.is_set() else error)
            raise DeliveryError(f"{to.told} {reason}; it is tried again.", retryable=True) from None
        finally:
            connection.close()


def _connection(to: Endpoint) -> http.client.HTTPConnection:
    if to.trust is None:
        return http.client.HTTPConnection(to.host, to.port, timeout=min(to.deadline_s, STEP_S))
    return http.client.HTTPSConnection(to.host, to.port, timeout=min(to.deadline_s, STEP_S), context=to.trust)


def why(error: Exception) -> str:
    """What went wrong on the way, as the end of a sentence that quotes nothing."""
    match error:
        case ssl.SSLCertVerificationError():
            return "shows a certificate that is not trusted"
        case TimeoutError():
            return "did not answer in time"
        case socket.gaierror():
            return "has a host that is not found"
        case ConnectionRefusedError():
            return "does not take connections"
        case _:
            return "broke off the connection"


def pause_of(header: str | None) -> float | None:
    """The seconds of a `Retry-After` header (RFC 9110, 10.2.3), an hour at most; None where it says none."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_PAUSE_S)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), _LONGEST_PAUSE_S)
    except (ValueError, TypeError, OverflowError):
        return None
