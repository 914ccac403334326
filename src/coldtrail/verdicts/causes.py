"""Why a flow is anomalous, as a person would name it."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Reason, Verdict

MOST_CAUSES = 3
"""Causes of one kind that a function may show before they are told together."""

NEW_KINDS = frozenset(("new_resource", "new_action", "new_event"))

OWN_DOING = NEW_KINDS | {"count"}
"""What neither a slow service nor lost telemetry makes a function show."""

MOST, NEARLY_ALL = 0.5, 0.9
"""Shares of a new version's runs that must show a thing before it is the change; the second, a grave one."""

_GRAVE = ("new_resource", "trigger")


class Cause(NamedTuple):
    """What makes two anomalous flows one alert."""

    account: str
    region: str
    application_name: str
    function_name: str
    kind: str
    event_name: str
    target: str

    @property
    def whose(self) -> FunctionKey:
        """The function."""
        return FunctionKey(*self[:4])

    @property
    def step(self) -> tuple[str, str]:
        """The event's name, and its target."""
        return self[5:]


def cause_of(verdict: Verdict | Flow, reason: Reason) -> Cause:
    """The cause that a reason speaks of."""
    key = reason.finding.key
    name, target = reason.event_name, reason.target or ""
    if reason.kind == "omission":
        name, target = key.action, key.target
    elif reason.kind == "trigger":
        name, caller = "", (key.action or NOBODY) if key.type == "caller" else ""
        target = " ".join(filter(None, (caller, key.target))) or NOBODY
    return Cause(*verdict.key, reason.kind, name, target)


def is_change(cause: Cause, shown: int, runs: int) -> bool:
    """Whether a cause that so many of a new version's runs show is part of what that version changes.

    What the function never touched, and who never started it, must come with nearly all: so data leave.
    """
    return shown >= (NEARLY_ALL if cause.kind in _GRAVE else MOST) * runs
