"""Silences: what people want to hear nothing of, for a time that ends.

The shape is that of Prometheus Alertmanager's, with a reason: matchers that all have to hold, and an end that
is never left out. A silence is never deleted, it only expires.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Field = Literal[
    "id",
    "kind",
    "severity",
    "account",
    "region",
    "application",
    "function",
    "principal",
    "detector",
    "technique",
]
"""Of an alert, that a matcher may look at."""
Reason = Literal["benign", "accepted", "maintenance", "tuning"]


class Matcher(Struct, frozen=True, forbid_unknown_fields=True):
    """One condition on one field of an alert."""

    field: Field
    op: Literal["=", "!=", "glob", "in"]
    value: str
    """Of `in`, the values parted by commas."""


class Silence(Struct, frozen=True):
    """Alerts that match are stored and counted from one moment to another, but not told."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: float
    ends_at: float
    """Always given: 90 days after the start at most."""
    created_by: str
    comment: str
    reason: Reason
    teach: bool = False
    """Whether the next `update` learns what it silenced as usual."""
    ticket: str = ""
    hits: int = 0
    last_hit: float | None = None
