"""What the service keeps, as a contract that every database keeps in the same way.

One commit holds all that belongs together: where sources go on, what the line holds, what it told, and what
is to be delivered. It is there as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery, DeliveryState
from coldtrail.records.episode import Episode
from coldtrail.records.silence import Silence


class VerdictRow(Struct, frozen=True):
    """A verdict that is kept, with its flow where that is kept as well."""

    id: str
    """Of the flow, the trace and the function: a later revision takes the place of an earlier."""
    start: float
    """Of the flow, event time."""
    verdict: str
    line: bytes
    """As `score --output` writes it."""
    flow: bytes | None = None
    """The flow's line, as `coldtrail flows` writes it."""


class Checkpoint(Struct, frozen=True):
    """Where the line and its sources go on."""

    positions: dict[str, bytes]
    """By source; the spool is `spool`."""
    state: bytes
    """The line's snapshot, packed."""
    bundle: str
    """Identity of the bundle it belongs to."""
    at: float
    """Event time up to which documents had come."""


class AlertRow(Struct, frozen=True):
    """An alert with what became of it."""

    alert: Alert
    episode: Episode


class Decision(Struct, frozen=True):
    """What a person decided; kept for good."""

    at: float
    """By the wall clock."""
    by: str
    what: str
    """`acknowledge`, `close`, `assign`, `accept`, `silence`, `expire`"""
    about: str
    """Id of the alert, the case or the silence."""
    detail: str = ""


class Changes(Struct, frozen=True):
    """All that one commit writes; what is gone goes first."""

    checkpoint: Checkpoint | None = None
    verdicts: tuple[VerdictRow, ...] = ()
    gone_verdicts: tuple[str, ...] = ()
    alerts: tuple[AlertRow, ...] = ()
    cases: tuple[Case, ...] = ()
    gone_cases: tuple[str, ...] = ()
    """Ids of cases that turned out to be parts of others."""
    deliveries: tuple[Delivery, ...] = ()
    """Those whose id is known already change nothing."""
    silences: tuple[Silence, ...] = ()
    decisions: tuple[Decision, ...] = ()
    counts: dict[str, int] = {}
    """Counts in and out of each stage, to be added to those that are stored."""


class Page(Struct, frozen=True):
    """What a list asks for."""

    limit: int = 50
    after: str = ""
    """What the page before gave as `next`; empty for the first."""


class Database(Protocol):
    """A store; raises `StoreError` where it cannot be reached or written, `ConfigError` where it is none."""

    def commit(self, changes: Changes) -> None:
        """Writes all of it, on disk when it returns; nothing of it where it raises."""
        ...

    def checkpoint(self) -> Checkpoint | None:
        """The latest."""
        ...

    def alerts(self, *, states: Sequence[str] = (), page: Page | None = None) -> tuple[list[AlertRow], str]:
        """Alerts in these states (all where none is named), the latest seen first, and where the next page
        begins (empty after the last)."""
        ...

    def alert(self, id: str) -> AlertRow | None:
        """The alert with an id, or with the only one that begins so."""
        ...

    def cases(self, *, page: Page | None = None) -> tuple[list[Case], str]:
        """Cases, the latest seen first, and where the next page begins."""
        ...

    def case(self, id: str) -> Case | None:
        """The case with an id, or with the only one that begins so."""
        ...

    def silences(self, *, at: float | None = None) -> list[Silence]:
        """All, or those in force at a moment; by their start."""
        ...

    def decisions(self, about: str = "") -> list[Decision]:
        """All, or those on one thing, as they were made."""
        ...

    def verdicts(self, *, verdict: str = "") -> Iterable[VerdictRow]:
        """Those that are kept, by start of the flow and id."""
        ...

    def verdict(self, id: str) -> VerdictRow | None:
        """The one that is kept under an id."""
        ...

    def due(self, now: float, channel: str, most: int) -> list[Delivery]:
        """Deliveries of a channel whose time has come (`due`, and `next_at` is not after now), by `next_at`,
        then `made_at`: a channel that stands still takes no room from another."""
        ...

    def waiting(self, channel: str, dedup_key: str) -> list[Delivery]:
        """All deliveries of a channel and of `message.dedup_key` in state `due`, whatever their time, by
        `made_at`: what has to go before what."""
        ...

    def deliveries(self, state: DeliveryState, page: Page | None = None) -> tuple[list[Delivery], str]:
        """Those in a state, the latest made first, and where the next page begins."""
        ...

    def delivered(self, delivery: Delivery) -> None:
        """Puts the delivery, with its new state, in the place of the old one."""
        ...

    def counts(self) -> dict[str, int]:
        """All counts so far."""
        ...

    def prune(self, *, before: float, decided_before: float) -> int:
        """Removes verdicts, flows and sent deliveries from before one moment, and closed alerts, quiet cases,
        expired silences and dead deliveries from before another; the number of rows that went."""
        ...

    def close(self) -> None:
        """Lets go of the database."""
        ...
