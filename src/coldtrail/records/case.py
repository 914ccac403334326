"""Alerts and weaker signals that belong together: one story for a person to follow."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.alert import Severity
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Ref

CaseState = Literal["open", "quiet"]
"""`quiet`: nothing joined it for a day."""


class CaseMember(Struct, frozen=True, gc=False):
    """One thing that the case joins."""

    alert_id: str | None
    """None for what is no alert by itself."""
    detector: str
    kind: str
    subject: Subject
    title: str
    p: float
    """The chance that benign telemetry shows something as strange within an hour."""
    at: float
    """Event time at which it was certain."""
    since: float
    count: int
    refs: tuple[Ref, ...]


class TimelineEntry(Struct, frozen=True, gc=False):
    """One line of the story."""

    at: float
    what: str
    detector: str
    ref: Ref | None
    """What to open."""


class Case(Struct, frozen=True, gc=False):
    """What one cause is taken to have brought about."""

    id: str
    title: str
    subject: Subject
    state: CaseState
    severity: Severity
    score: float
    """The decayed sum of its members' surprises at its highest, in decimal digits of chance."""
    members: tuple[CaseMember, ...]
    functions: tuple[str, ...]
    principals: tuple[str, ...]
    credentials: tuple[str, ...]
    """Pseudonyms of the access keys behind it, as `facts.access_key` of flows has them."""
    indicators: tuple[tuple[str, str], ...]
    """What to look for elsewhere: kind and value."""
    opened_at: float
    """Event time at which the score first sufficed."""
    first_seen: float
    last_seen: float
    timeline: tuple[TimelineEntry, ...]
    see_also: tuple[str, ...] = ()
    """Ids of other cases of the same functions, principals or credentials: another story of theirs, or more
    of this one."""
