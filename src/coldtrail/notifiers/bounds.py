"""Messages within bounds: whatever telemetry put into them, each text is short and on one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from coldtrail.alerts.showing.plain import short
from coldtrail.records.delivery import Message

LONGEST_TITLE = 240
LONGEST_LINE = 900
LONGEST_NAME = 256
MOST_LINES = 48
_NAMES = ("dedup_key", "alert_id", "function", "application", "account", "region")
_LONGEST_LINK = 500
_CUT = 200


def bounded(message: Message) -> Message:
    """The message with every text on one line, no longer than its kind may be, and printable throughout."""
    names = {name: short(getattr(message, name), LONGEST_NAME) for name in _NAMES}
    lines = tuple(short(line, LONGEST_LINE) for line in message.lines[:MOST_LINES])
    return replace(
        message,
        **names,
        case_id=None if message.case_id is None else short(message.case_id, LONGEST_NAME),
        title=short(message.title, LONGEST_TITLE) or "Alert",
        lines=lines,
        link=_link(message.link),
    )


def _link(link: str) -> str:
    """The link, where it is one that a browser may open."""
    is_link = link.startswith(("https://", "http://")) and link.isascii() and link.isprintable()
    return link if is_link and len(link) <= _LONGEST_LINK and not set(link) & set(" <>\"'|") else ""


def fitted(made: Callable[[Message], bytes], message: Message, most_bytes: int) -> bytes:
    """What is made of the message, with as many of its lines as fit into so many bytes."""
    lines = message.lines
    while len(body := made(replace(message, lines=lines))) > most_bytes:
        if not lines and not message.alert and len(message.title) <= _CUT:
            break
        if message.alert:
            message = replace(message, alert=b"")
        elif lines:
            lines = lines[:-1]
        else:
            message = replace(message, title=short(message.title, _CUT))
    return body


def moment_of(seconds: float) -> datetime:
    """A time; the beginning of the epoch where it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def iso(seconds: float) -> str:
    """A time as `2026-11-20T11:55:35.120Z`; the beginning of the epoch where it is none."""
    told = moment_of(seconds)
    return told.strftime("%Y-%m-%dT%H:%M:%S.") + f"{told.microsecond // 1000:03d}Z"


def as_json(value: Any) -> bytes:
    """The value as JSON in ASCII, without a line break."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
