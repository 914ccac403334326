"""Points in time as telemetry writes them, to UTC epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime

MAX_TIME = 4_102_444_800.0
"""2100-01-01; a later time is a mistake (often milliseconds)."""
_MOST_CHARS = 40


def moment_of(text: str) -> float | None:
    """Of a time as ISO 8601 has it (`2026-11-30T12:00:00.123Z`; UTC where it names no zone), else None."""
    if len(text) > _MOST_CHARS:
        return None
    try:
        found = datetime.fromisoformat(text)
        time = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return within(time)


def moment_of_millis(millis: float) -> float | None:
    """Of milliseconds since the epoch, else None."""
    return within(millis / 1_000)


def within(time: float) -> float | None:
    """The time, if it may be one of telemetry."""
    return time if 0 < time < MAX_TIME else None
