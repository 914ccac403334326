"""Slack, by an incoming webhook.

All that telemetry tells stands in `plain_text`, where Slack reads no markup, link, mention or emoji; in the
text of the notification, which is mrkdwn, it is escaped.
Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from coldtrail.alerts.showing.plain import short
from coldtrail.notifiers.bounds import as_json, bounded, fitted
from coldtrail.notifiers.deadline import DEADLINE_S
from coldtrail.notifiers.http import endpoint, post
from coldtrail.notifiers.secret import secret
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_LONGEST_HEADER = 150
_MOST_BYTES = 12_000
"""Slack refuses more than about 13,200 characters of blocks (slackapi/bolt-js#2509)."""
_MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class SlackSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "slack"`"""

    url_env: str
    """Name of the environment variable with the webhook's address, which is a secret."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is taken, in seconds, 25 at most."""


class SlackNotifier:
    """Posts each message as blocks."""

    Settings: ClassVar[type[Struct]] = SlackSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: SlackSettings, environment: Mapping[str, str]) -> None:
        url = secret(environment, settings.url_env, "url_env")
        self._to = endpoint(url, f"The Slack webhook ({settings.url_env})", settings.timeout_s)

    def send(self, message: Message) -> None:
        """Posts the message."""
        body = fitted(_body, bounded(message), _MOST_BYTES)
        post(self._to, body, {"Content-Type": "application/json; charset=utf-8"})

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()


def _body(message: Message) -> bytes:
    mark = "🟢" if message.what == "resolve" else _MARKS[message.severity]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(short(f"{mark} {message.title}", _LONGEST_HEADER))},
        *({"type": "section", "text": _plain(line)} for line in message.lines if line.strip()),
        {"type": "context", "elements": [_plain(_where(message))]},
    ]
    if message.link:
        button = {"type": "button", "text": _plain("Open in Coldtrail"), "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
    told = f"{message.severity.upper()}: {message.title}"
    return as_json({"text": told.translate(_ESCAPES), "mrkdwn": False, "blocks": blocks[:50]})


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _where(message: Message) -> str:
    parts = (message.severity, message.function, message.application, message.account, message.region)
    return " · ".join(part for part in (*parts, message.alert_id) if part.strip())
