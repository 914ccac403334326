"""Causes: kinds of findings, and how many of them are one trouble."""

from __future__ import annotations

from coldtrail.records.finding import FindingKey

MOST_CAUSES = 3
"""Causes of one kind that a function may show before they are told together."""

NEW_KINDS = frozenset(("new_resource", "new_action", "new_event"))

OWN_DOING = NEW_KINDS | {"count"}
"""What neither a slow service nor lost telemetry makes a function show."""

MOST, NEARLY_ALL = 0.5, 0.9
"""Shares of a new version's runs that must show a thing before it is the change; the second, a grave one."""

_GRAVE = ("new_resource", "trigger")


def is_change(cause: FindingKey, shown: int, runs: int) -> bool:
    """Whether a cause that so many of a new version's runs show is part of what that version changes.

    What the function never touched, and who never started it, must come with nearly all: so data leave.
    """
    return shown >= (NEARLY_ALL if cause.kind in _GRAVE else MOST) * runs
