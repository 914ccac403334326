"""An alert as it is stored and lives on: what people decided on it, and what was told of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.alert import Severity

EpisodeState = Literal["open", "acknowledged", "closed"]
Resolution = Literal["true", "benign", "duplicate", "unknown"]
Event = Literal["new", "severity_up", "grown", "reopened", "resolved"]
"""Why somebody is told: a first time, severer, ten times as often, again after a rest, over."""


class Episode(Struct, frozen=True):
    """The latest episode of an alert: its repeats, until it rests for a day."""

    alert_id: str
    episode: int
    """1 for the first; an alert that comes again after `quiet_for` begins another."""
    state: EpisodeState
    severity: Severity
    """The highest that this episode had."""
    count: int
    """Strange runs in all episodes, as the alert has it."""
    first_seen: float
    """Of this episode, event time, as the next two are."""
    last_seen: float
    told_at: float
    told_count: int
    """`count` when people were told last; they are told again at ten times as much."""
    told_severity: Severity
    count_before: int = 0
    """`count` when this episode began."""
    suppressed_by: str | None = None
    """Id of the silence that keeps it from being told."""
    case_id: str | None = None
    assignee: str = ""
    resolution: Resolution | None = None
    note: str = ""
    accepted: bool = False
    """Whether the next `update` learns it as usual."""
    bundle: str = ""
    """Identity of the bundle that told it last."""
    withdrawn: bool = False
    """Whether what came later made it no alert any more."""
    count_elsewhere: int = 0
    """Of `count`, what lines with other bundles told before."""
    resolved: bool = False
    """Whether it is over, and that was told."""


class Notice(Struct, frozen=True):
    """That somebody should hear of an alert, before it is decided who."""

    alert_id: str
    episode: int
    event: Event
    severity: Severity
    count: int
    at: float
    """Event time."""
