"""Whatever else Apprise knows (https://github.com/caronc/apprise): a title and a text, and nothing more.

Apprise says only whether a message was taken, so every failure is tried again, and it knows neither updates
nor ends of what was told before.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import bounded
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.secret import secret
from coldtrail.notifiers.text import text_of
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_KINDS = {"critical": "failure", "high": "failure", "medium": "warning", "low": "info"}


class AppriseSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "apprise"`"""

    url_env: str
    """Name of the environment variable with one Apprise address, such as `matrixs://…`, which is a secret."""


class AppriseNotifier:
    """Sends each message through Apprise."""

    Settings: ClassVar[type[Struct]] = AppriseSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: AppriseSettings, environment: Mapping[str, str]) -> None:
        url = secret(environment, settings.url_env, "url_env")
        self._told = f"The Apprise channel ({settings.url_env})"
        apprise = _apprise()
        # Its log quotes addresses and answers.
        logging.getLogger("apprise").disabled = True
        self._channel = apprise.Apprise(asset=apprise.AppriseAsset(plugin_paths=[]))
        with warnings.catch_warnings(action="ignore"):
            is_known = self._channel.add(url)
        if not is_known:
            raise ConfigError(f"url_env: Apprise does not know the address in {settings.url_env!r}.")

    def send(self, message: Message) -> None:
        """Sends the message."""
        told = bounded(message)
        kind = "success" if told.what == "resolve" else _KINDS[told.severity]
        title = f"{told.severity.upper()}: {told.title}"
        if not self._channel.notify(body=text_of(told), title=title, notify_type=kind, body_format="text"):
            raise DeliveryError(f"{self._told} did not take the message; it is tried again.", retryable=True)

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()


def _apprise() -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):
            import apprise
    except ModuleNotFoundError:
        raise ConfigError(
            "Channels of kind apprise take Apprise, which is not installed: "
            "`pip install 'coldtrail[apprise]'`."
        ) from None
    return apprise
