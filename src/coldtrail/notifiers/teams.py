"""Microsoft Teams, by the webhook of a workflow ("Post to a channel when a webhook request is received").

The card holds what telemetry tells in text runs, in which Teams reads no Markdown.
Sources: https://adaptivecards.io/explorer/RichTextBlock.html,
https://learn.microsoft.com/connectors/teams/ (a message holds about 28 KB)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from coldtrail.notifiers.bounds import as_json, bounded, fitted
from coldtrail.notifiers.deadline import DEADLINE_S
from coldtrail.notifiers.http import endpoint, post
from coldtrail.notifiers.secret import secret
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission

_MOST_BYTES = 20_000
_COLOURS = {"critical": "attention", "high": "attention", "medium": "warning", "low": "accent"}


class TeamsSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "teams"`"""

    url_env: str
    """Name of the environment variable with the workflow's address, which is a secret."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is taken, in seconds, 25 at most."""


class TeamsNotifier:
    """Posts each message as an Adaptive Card."""

    Settings: ClassVar[type[Struct]] = TeamsSettings
    digests: ClassVar[bool] = True

    def __init__(self, settings: TeamsSettings, environment: Mapping[str, str]) -> None:
        url = secret(environment, settings.url_env, "url_env")
        self._to = endpoint(url, f"The Teams workflow ({settings.url_env})", settings.timeout_s)

    def send(self, message: Message) -> None:
        """Posts the message."""
        body = fitted(_body, bounded(message), _MOST_BYTES)
        post(self._to, body, {"Content-Type": "application/json"})

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()


def _body(message: Message) -> bytes:
    colour = "good" if message.what == "resolve" else _COLOURS[message.severity]
    where = (message.function, message.application, message.account, message.region, message.alert_id)
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": _inert(f"{message.severity.upper()}: {message.title}"),
        "body": [
            _text(
                f"{message.severity.upper()}: {message.title}", weight="bolder", size="medium", color=colour
            ),
            *(_text(line) for line in message.lines if line.strip()),
            _text(" · ".join(part for part in where if part.strip()), isSubtle=True, size="small"),
        ],
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open in Coldtrail", "url": message.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return as_json({"type": "message", "attachments": [attachment]})


def _text(text: str, **look: object) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": _inert(text), **look}]}


def _inert(text: str) -> str:
    """The text without what a card fills in, as in `{{DATE(…)}}` and `${…}`."""
    return text.replace("{{", "{ {").replace("${", "$ {")
