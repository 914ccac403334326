"""Values of Lambda's reports, as far as they may enter."""

from __future__ import annotations

import re

from coldtrail.features.names.credentials import without_secrets
from coldtrail.formats.moments import within

_STATUS = frozenset(("success", "error", "failure", "timeout"))
_ERROR_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}(?:\.[A-Za-z_][A-Za-z0-9_]{0,99}){0,9}")
_TRACE = re.compile(r"(?:.{0,100}[Rr]oot=)?(1-[0-9a-f]{8}-[0-9a-f]{24})(?![0-9a-f])", re.DOTALL)
_USUAL_TRACE = re.compile(r"(?:Root=)?(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;Parent=[0-9a-f]{16};Sampled=[01])?")
_MOST_SECONDS = 1e9
_MOST_DIGITS = 18
_MOST_INSTANCE_CHARS = 256


def seconds_of(number: float, unit: str | None = "ms") -> float | None:
    """A duration in seconds; milliseconds where no unit is said."""
    seconds = number if unit == "s" else number / 1_000
    return seconds if 0 <= seconds < _MOST_SECONDS else None


def status_of(value: str | None) -> str | None:
    """How something ended, in one of the platform's four words."""
    word = (value or "").casefold()
    return word if word in _STATUS else None


def error_type_of(value: str | None) -> str | None:
    """The type of an error: a name of a class or of the platform's, never a message."""
    return value if value and _ERROR_TYPE.fullmatch(value) and without_secrets(value) == value else None


def instance_of(value: str | None) -> str | None:
    """The id of an instance, as it is or not at all: none with a secret in it, and none of digits alone.

    Those may be the number of a card; of the platform's own ids, one in three million is so.
    """
    if not value or value.isdigit() or len(value) > _MOST_INSTANCE_CHARS or not value.isprintable():
        return None
    return value if without_secrets(value) == value else None


def version_of(value: str | None) -> str | None:
    """The number of a version; None for `$LATEST` and for aliases, behind which any version may run."""
    if value is None or len(value) > _MOST_DIGITS or not (value.isascii() and value.isdigit()):
        return None
    return value


def trace_of(value: str | None) -> str | None:
    """The trace id of a header (`Root=1-…;Parent=…;Sampled=1`) or of itself."""
    found = _USUAL_TRACE.fullmatch(value or "") or _TRACE.match(value or "")
    return None if found is None else found[1]


def trace_time(trace_id: str) -> float | None:
    """When the trace began, in whole seconds, as its id says."""
    return within(float(int(trace_id[2:10], 16)))
