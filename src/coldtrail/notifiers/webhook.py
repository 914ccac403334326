"""Any HTTPS address, as JSON that can be signed.

Headers and signature follow Standard Webhooks, for which there are libraries in most languages:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
`Idempotency-Key` and `webhook-id` are the same whenever one message is sent again, and differ between a
trigger and its updates, which share their `dedup_key`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import bounded, fitted
from coldtrail.notifiers.deadline import DEADLINE_S
from coldtrail.notifiers.document import document
from coldtrail.notifiers.http import endpoint, post
from coldtrail.notifiers.secret import secret
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

MOST_BYTES = 200_000
_ENCODED = "whsec_"


class WebhookSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "webhook"`"""

    url_env: str
    """Name of the environment variable with the address."""
    secret_env: str = ""
    """Name of the environment variable with the secret that signs; `whsec_` before one in base64. Unsigned
    where none is named."""
    token_env: str = ""
    """Name of the environment variable with a token that is sent as `Authorization: Bearer`."""
    ca_file: str = ""
    """Path of certificates in PEM to trust in place of the system's."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is taken, in seconds, 25 at most."""


class WebhookNotifier:
    """Posts each message, signed with a timestamp."""

    Settings: ClassVar[type[Struct]] = WebhookSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: WebhookSettings, environment: Mapping[str, str]) -> None:
        url = secret(environment, settings.url_env, "url_env")
        self._to = endpoint(url, f"The webhook ({settings.url_env})", settings.timeout_s, settings.ca_file)
        self._key = _key(environment, settings.secret_env) if settings.secret_env else None
        token = secret(environment, settings.token_env, "token_env") if settings.token_env else ""
        if not token.isascii():
            raise ConfigError(f"token_env: the variable {settings.token_env!r} holds more than ASCII.")
        self._token = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, message: Message) -> None:
        """Posts the message."""
        told = bounded(message)
        body = fitted(document, told, MOST_BYTES)
        post(self._to, body, self._headers(body, told.dedup_key, time.time()))

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()

    def _headers(self, body: bytes, dedup_key: str, now: float) -> dict[str, str]:
        sent = message_id(dedup_key, body)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": sent,
            "webhook-id": sent,
            "webhook-timestamp": str(int(now)),
            **self._token,
        }
        if self._key is not None:
            headers["webhook-signature"] = signature(self._key, sent, int(now), body)
        return headers


def message_id(dedup_key: str, body: bytes) -> str:
    """The id of one message: its dedup key, where a header can hold that, and what tells updates apart."""
    key = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in dedup_key)
    return f"{key}-{hashlib.sha256(dedup_key.encode() + body).hexdigest()[:16]}"


def signature(key: bytes, sent: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature`: HMAC-SHA256 of `id.timestamp.body`."""
    signed = hmac.digest(key, f"{sent}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def _key(environment: Mapping[str, str], variable: str) -> bytes:
    text = secret(environment, variable, "secret_env")
    if not text.startswith(_ENCODED):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_ENCODED), validate=True)
    except binascii.Error:
        raise ConfigError(
            f"secret_env: the variable {variable!r} begins with {_ENCODED}, and no base64 follows."
        ) from None
