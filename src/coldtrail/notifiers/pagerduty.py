"""PagerDuty, by its Events API v2.

An update is a trigger with the key of the first, which PagerDuty puts into the same incident.
Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ (summary of 1,024 characters,
dedup_key of 255, an event of 512 KB)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from msgspec import Struct

from coldtrail.notifiers.bounds import as_json, bounded, fitted, iso
from coldtrail.notifiers.deadline import DEADLINE_S
from coldtrail.notifiers.http import endpoint, post
from coldtrail.notifiers.secret import secret
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_URLS = {
    "us": "https://events.pagerduty.com/v2/enqueue",
    "eu": "https://events.eu.pagerduty.com/v2/enqueue",
}
_SEVERITIES = {"low": "info", "medium": "warning", "high": "error", "critical": "critical"}
_MOST_BYTES = 200_000
_LONGEST_KEY = 255


class PagerDutySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "pagerduty"`"""

    routing_key_env: str
    """Name of the environment variable with the integration key of an Events API v2 integration."""
    region: Literal["us", "eu"] = "us"
    """The service region of the account."""
    url: str = ""
    """Where events go in place of PagerDuty's own address, as of a relay."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is taken, in seconds, 25 at most."""


class PagerDutyNotifier:
    """Triggers and resolves one incident for each episode of an alert."""

    Settings: ClassVar[type[Struct]] = PagerDutySettings
    digests: ClassVar[bool] = False

    def __init__(self, settings: PagerDutySettings, environment: Mapping[str, str]) -> None:
        self._key = secret(environment, settings.routing_key_env, "routing_key_env")
        self._to = endpoint(settings.url or _URLS[settings.region], "PagerDuty", settings.timeout_s)

    def send(self, message: Message) -> None:
        """Enqueues the event."""
        body = fitted(self._body, bounded(message), _MOST_BYTES)
        post(self._to, body, {"Content-Type": "application/json"})

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()

    def _body(self, message: Message) -> bytes:
        event: dict[str, Any] = {
            "routing_key": self._key,
            "event_action": "resolve" if message.what == "resolve" else "trigger",
            "dedup_key": message.dedup_key[:_LONGEST_KEY],
            "client": "Coldtrail",
        }
        if message.what != "resolve":
            event["payload"] = _payload(message)
        if message.link:
            event["client_url"] = message.link
            event["links"] = [{"href": message.link, "text": "Open in Coldtrail"}]
        return as_json(event)


def _payload(message: Message) -> dict[str, Any]:
    return {
        "summary": message.title,
        "source": message.function or message.application or message.account or "coldtrail",
        "severity": _SEVERITIES[message.severity],
        "timestamp": iso(message.at),
        "component": message.function,
        "group": message.application,
        "class": message.event or message.what,
        "custom_details": {
            "account": message.account,
            "region": message.region,
            "alert": message.alert_id,
            "case": message.case_id,
            "times": message.count,
            "told": list(message.lines),
        },
    }
