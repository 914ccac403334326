"""How the service is, as values that any thread may ask for: page, health and metrics show no more."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from math import isfinite

from msgspec import Struct

from coldtrail.records.alert import Severity
from coldtrail.records.tally import Tally
from coldtrail.service.receiving import ReceiverStatus
from coldtrail.service.running import Service
from coldtrail.sources.polling import Condition, SourceState
from coldtrail.store.database import AlertRow

STILL_S = 60.0
"""A loop that has not gone round for so long stands still."""
RATE_DAYS = 7.0
"""Alerts a day are told over so many days."""
_DAY_S = 86_400.0


class Outbox(Struct, frozen=True):
    """What waits to be delivered, and what was given up."""

    due: int = 0
    dead: int = 0
    error: str = ""
    """Why nothing is delivered any more; empty while all is well."""


class Status(Struct, frozen=True):
    """The service at one moment; times are UTC epoch seconds, spans seconds."""

    at: float
    up_s: float
    still_s: float
    """Since the loop went round last."""
    committed_s: float
    """Since the last commit ended."""
    event_time: float | None
    """Up to which telemetry has come."""
    sources: tuple[SourceState, ...]
    receiver: ReceiverStatus | None
    spool_bytes: int
    queue_bytes: int
    open_events: int
    state_bytes: int
    stage_seconds: Mapping[str, float]
    commits: int
    counts: Mapping[str, int]
    """What passed each stage since the service began, and what was lost."""
    losses: tuple[str, ...]
    """A sentence for each kind of loss."""
    open_alerts: Mapping[Severity, int]
    cases: int
    told: int
    alerts_a_day: float
    budget_a_day: float | None
    outbox: Outbox
    bundle: str


class Watcher:
    """Tells how a service is."""

    def __init__(
        self,
        service: Service,
        *,
        receiver: Callable[[], ReceiverStatus] | None = None,
        outbox: Callable[[], Outbox] = Outbox,
        budget_a_day: float | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._service, self._receiver, self._outbox = service, receiver, outbox
        self._budget, self._wall, self._began = budget_a_day, wall, wall()

    def status(self) -> Status:
        """How it is now."""
        line, feeds, commits, loop = self._service
        now, event_time = self._wall(), loop.event_time
        rows = self.alerts()
        severities = Counter(row.episode.severity for row in rows if row.episode.state != "closed")
        counts = Counter(line.tally.counts)
        return Status(
            at=now,
            up_s=now - self._began,
            still_s=loop.still_s,
            committed_s=min(commits.pace.since_s, commits.telling_pace.since_s),
            event_time=event_time if isfinite(event_time) else None,
            sources=tuple(feeds.states()),
            receiver=None if self._receiver is None else self._receiver(),
            spool_bytes=feeds.spool_bytes,
            queue_bytes=feeds.waiting_bytes,
            open_events=line.open_events,
            state_bytes=commits.state_bytes,
            stage_seconds={
                "take": loop.taking.total_s,
                "advance": loop.advancing.total_s,
                "checkpoint": commits.pace.total_s,
                "tell": commits.telling_pace.total_s,
            },
            commits=commits.commits,
            counts=counts,
            losses=_losses(line.tally),
            open_alerts=severities,
            cases=len(commits.standing.cases),
            told=commits.notices,
            alerts_a_day=_a_day(rows, event_time),
            budget_a_day=self._budget,
            outbox=self._outbox(),
            bundle=line.making.bundle,
        )

    def alerts(self) -> list[AlertRow]:
        """All alerts as they were committed last, the latest seen first."""
        standing = self._service.commits.standing
        known = list(standing.episodes.items())
        rows = [AlertRow(standing.alerts[id], one) for id, one in known if id in standing.alerts]
        return sorted(rows, key=lambda row: (-row.episode.last_seen, row.alert.id))


def _losses(tally: Tally) -> tuple[str, ...]:
    """What was lost so far; the line may be counting while it is asked."""
    for _ in range(5):
        with suppress(RuntimeError):
            return tuple(tally.sentences())
    return ()


def _a_day(rows: list[AlertRow], event_time: float) -> float:
    """New and reopened alerts a day, over the last days at most."""
    begun = [row.episode.first_seen for row in rows if not row.episode.withdrawn]
    if not begun or not isfinite(event_time):
        return 0.0
    since = max(event_time - RATE_DAYS * _DAY_S, min(begun))
    days = max((event_time - since) / _DAY_S, 1.0)
    return sum(one >= since for one in begun) / days


def troubles(status: Status) -> list[str]:
    """Why the service is not well, a sentence each; none where it is."""
    found: list[str] = []
    if status.still_s > STILL_S:
        found.append(
            f"The line has stood still for {status.still_s:.0f} seconds; restart the service, and report it."
        )
    found += [f"Source {one.name} has stopped: {one.last_error}" for one in status.sources if _stopped(one)]
    receiver = status.receiver
    if receiver is not None:
        if not receiver.is_running:
            found.append(f"The receiver does not run: {receiver.error or 'it is started again'}")
        elif not receiver.is_moving:
            found.append("The receiver runs and says nothing; what is sent may not be taken in.")
        deaf = [(name, one.error) for name, one in receiver.sources.items() if one.error]
        found += [f"Source {name} does not listen: {error}" for name, error in deaf]
    if status.outbox.error:
        found.append(f"Nothing is delivered: {status.outbox.error}")
    if status.outbox.dead:
        found.append(
            f"{status.outbox.dead:,} messages could not be delivered and were given up; "
            "`coldtrail outbox list` says why."
        )
    return found


def _stopped(source: SourceState) -> bool:
    return source.condition is Condition.STOPPED
