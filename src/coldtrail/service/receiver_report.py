"""What the receiver process is told when it starts, and what it tells of itself once a second."""

from __future__ import annotations

from msgspec import Raw, Struct

from coldtrail.config import LimitSettings


class PushTable(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[source]]` that is sent telemetry."""

    kind: str
    name: str
    settings: Raw
    """As the source's own settings have them, JSON."""


class ReceiverSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the receiver works by; secrets are not among it, they come from the environment."""

    data: str
    """The service's folder."""
    spool: str
    """The folder of the spool."""
    sources: tuple[PushTable, ...]
    spool_bytes: int = 2**30
    """How much the spool may hold; senders beyond it are told to try later."""
    limits: LimitSettings = LimitSettings()


class SourceReport(Struct, frozen=True):
    """One source, counted since the process started."""

    listening: tuple[str, ...] = ()
    """Its addresses; empty while it cannot listen."""
    error: str = ""
    """Why it does not listen, as one sentence."""
    counts: dict[str, int] = {}
    losses: dict[str, int] = {}
    sentences: tuple[str, ...] = ()
    """One for each kind of loss."""


class Report(Struct, frozen=True):
    """A line that the receiver writes."""

    at: float
    """By the wall clock."""
    sources: dict[str, SourceReport] = {}
    spool: dict[str, int] = {}
    """What the spool's writer counts, and its `size` in bytes."""
    error: str = ""
    """Why the process ends, as one sentence."""
