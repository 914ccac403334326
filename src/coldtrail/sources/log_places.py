"""Times and names of log events, as far as they may enter."""

from __future__ import annotations

from datetime import UTC, datetime

_MOST_NAME_CHARS = 512
_MAX_MILLIS = 4_102_444_800_000


def seconds_of(millis: float | None) -> float | None:
    """The time of a log event, told in milliseconds; None where it can be none."""
    return millis / 1_000 if millis is not None and 0 < millis < _MAX_MILLIS else None


def time_of(text: str) -> float | None:
    """The time of a row, `2026-11-30 08:00:00.000` in UTC."""
    try:
        time = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    return time if 0 < time < _MAX_MILLIS / 1_000 else None


def name_of(text: str | None) -> str:
    """The name of a group, a stream or an account; empty where it can be none."""
    return text if text and len(text) <= _MOST_NAME_CHARS and text.isprintable() else ""
