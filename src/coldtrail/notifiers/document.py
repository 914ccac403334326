"""A message as one JSON document, for channels that programs read."""

from __future__ import annotations

import json
import math
from typing import NoReturn

from coldtrail.notifiers.bounds import as_json
from coldtrail.records.delivery import Message

VERSION = 1


def document(message: Message) -> bytes:
    """The message, the alert's own line in it where there is one."""
    fields = {
        "version": VERSION,
        "what": message.what,
        "event": message.event,
        "dedup_key": message.dedup_key,
        "alert_id": message.alert_id,
        "case_id": message.case_id,
        "severity": message.severity,
        "title": message.title,
        "lines": message.lines,
        "function": message.function,
        "application": message.application,
        "account": message.account,
        "region": message.region,
        "at": _finite(message.at),
        "first_seen": _finite(message.first_seen),
        "count": message.count,
        "link": message.link,
        "alert": _alert(message.alert),
    }
    return as_json(fields)


def _alert(line: bytes) -> object:
    """The alert's line as values; None where it is empty or no JSON."""
    try:
        return json.loads(line, parse_constant=_no_number, parse_float=_number) if line else None
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float:
    return float(text) if math.isfinite(float(text)) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
