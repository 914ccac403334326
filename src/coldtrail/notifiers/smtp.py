"""Mail, by a server that takes it over TLS.

A message has the same Message-ID whenever it is sent again; updates refer to the first of their episode, so
that mail programs show one thread (RFC 5322, 3.6.4).
"""

from __future__ import annotations

import hashlib
import re
import smtplib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import ClassVar, Literal

from msgspec import Struct

from coldtrail.alerts.showing.plain import short
from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import bounded, moment_of
from coldtrail.notifiers.deadline import DEADLINE_S, STEP_S, allowed_time, deadline
from coldtrail.notifiers.http import is_loopback, trusting, why
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.secret import secret
from coldtrail.notifiers.text import text_of
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_LONGEST_SUBJECT = 180
_TOLD = "The mail server"


class SmtpSettings(Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """`[[notify]] kind = "smtp"`"""

    host: str
    """Of the mail server: name or address."""
    sender: str
    """`from`: the address that it comes from."""
    to: tuple[str, ...]
    """Addresses that it goes to."""
    port: int = 0
    """587 for `starttls`, 465 for `tls` where nothing is said."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only where the server is this machine."""
    user: str = ""
    """Who signs in there; empty for nobody."""
    password_env: str = ""
    """Name of the environment variable with the password of `user`."""
    ca_file: str = ""
    """Path of certificates in PEM to trust in place of the system's."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is taken, in seconds, 25 at most."""


class SmtpNotifier:
    """Sends each message as plain text to all addresses."""

    Settings: ClassVar[type[Struct]] = SmtpSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: SmtpSettings, environment: Mapping[str, str]) -> None:
        _check(settings)
        self._settings = settings
        self._password = ""
        if settings.user:
            self._password = secret(environment, settings.password_env, "password_env")
        self._trust = None if settings.security == "none" else trusting(_TOLD, settings.ca_file)
        self._port = settings.port or (465 if settings.security == "tls" else 587)

    def send(self, message: Message) -> None:
        """Hands the message to the server."""
        mail = mail_of(bounded(message), self._settings.sender, self._settings.to)
        client = self._client()
        try:
            with deadline(self._settings.timeout_s, lambda: client.sock) as is_over:
                try:
                    self._hand_over(client, mail)
                except (OSError, ValueError, smtplib.SMTPException) as error:
                    raise _failure(TimeoutError() if is_over.is_set() else error) from None
        finally:
            client.close()

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()

    def _client(self) -> smtplib.SMTP:
        timeout_s = min(self._settings.timeout_s, STEP_S)
        if self._settings.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(timeout=timeout_s, context=self._trust)
        else:
            client = smtplib.SMTP(timeout=timeout_s)
        # What certificates are checked against; `connect` by itself does not set it.
        client._host = self._settings.host  # type: ignore[attr-defined]
        return client

    def _hand_over(self, client: smtplib.SMTP, mail: EmailMessage) -> None:
        code, _ = client.connect(self._settings.host, self._port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, b"")
        if self._settings.security == "starttls":
            client.starttls(context=self._trust)
        if self._settings.user:
            client.login(self._settings.user, self._password)
        refused = client.send_message(mail, self._settings.sender, list(self._settings.to))
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)
        try:
            client.quit()
        except (OSError, smtplib.SMTPException):
            return  # It was taken before.


def _check(settings: SmtpSettings) -> None:
    allowed_time(settings.timeout_s)
    if not settings.to:
        raise ConfigError("to: name at least one address.")
    for address in (settings.sender, *settings.to):
        if not _ADDRESS.fullmatch(address):
            raise ConfigError(f"from, to: {address!r} is no address; give one such as team@example.org.")
    if settings.security == "none" and not is_loopback(settings.host):
        raise ConfigError("security: none is for a server on this machine only; choose starttls or tls.")
    if settings.user and settings.security == "none":
        raise ConfigError("user: a password is sent over TLS only; choose starttls or tls.")
    if not 0 <= settings.port < 65_536:
        raise ConfigError(f"port: {settings.port} is no port.")


def mail_of(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    """The mail; no text of telemetry can add a header to it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Subject"] = short(f"[{message.severity.upper()}] {message.title}", _LONGEST_SUBJECT)
    mail["Date"] = format_datetime(moment_of(message.at))
    domain = sender.rpartition("@")[2]
    first = _id(domain, message.dedup_key)
    if message.what in ("trigger", "digest"):
        mail["Message-ID"] = first
    else:
        step = f"{message.what} {message.event} {message.severity} {message.count} {message.at}"
        mail["Message-ID"] = _id(domain, message.dedup_key, step)
        mail["In-Reply-To"] = first
        mail["References"] = first
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text_of(message), cte="quoted-printable")
    return mail


def _id(domain: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()
    return f"<coldtrail.{digest[:32]}@{domain}>"


def _failure(error: Exception) -> DeliveryError:
    """What it means for the message; the server's own words are left out."""
    code = _code_of(error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryError(
            f"{_TOLD} does not offer what `security` and `user` ask for; it is tried again.", retryable=True
        )
    if code is None:
        told = why(error) if isinstance(error, OSError) else "broke off the connection"
        return DeliveryError(f"{_TOLD} {told}; it is tried again.", retryable=True)
    if code >= 500:
        return DeliveryError(
            f"{_TOLD} refused the message ({code}); mend the settings, then run `coldtrail outbox replay`.",
            retryable=False,
        )
    return DeliveryError(f"{_TOLD} answered {code}; it is tried again.", retryable=True)


def _code_of(error: Exception) -> int | None:
    """The code of an answer (RFC 5321, 4.2): from 500 on it is final."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
