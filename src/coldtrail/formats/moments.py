"""Points in time as telemetry writes them, to UTC epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime

MAX_TIME = 4_102_444_800.0
"""2100-01-01; a later time is a mistake (often milliseconds)."""
_MOST_CHARS = 40
_MINUTE_CHARS = 17
"""Of `2026-11-30T12:00:`, before the seconds."""
_BEHIND_SECONDS = ("", ".")
_MOST_MINUTES = 10_000


class _Minutes(dict[str, float | None]):
    """When minutes begin, each worked out once: telemetry tells of few of them, and of each very often."""

    def __missing__(self, minute: str) -> float | None:
        start = _parsed(f"{minute}00Z") if minute[10] == "T" else None
        if len(self) >= _MOST_MINUTES:
            self.clear()
        self[minute] = start
        return start


_minutes = _Minutes()


def moment_of(text: str) -> float | None:
    """Of a time as ISO 8601 has it (`2026-11-30T12:00:00.123Z`; UTC where it names no zone), else None."""
    if 20 <= len(text) <= _MOST_CHARS and text[-1] == "Z":
        seconds = text[_MINUTE_CHARS:-1]
        digits = seconds[:2] + seconds[3:]
        if seconds[2:3] in _BEHIND_SECONDS and digits < "60" and digits.isdigit() and text.isascii():
            start = _minutes[text[:_MINUTE_CHARS]]
            return None if start is None else start + float(seconds)
    return _parsed(text) if len(text) <= _MOST_CHARS else None


def _parsed(text: str) -> float | None:
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
