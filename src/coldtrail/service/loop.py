"""The live loop: what sources fetched goes through the line, and what that comes to is committed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from math import isfinite

from coldtrail.service.committing import Commits
from coldtrail.service.feeds import Feeds
from coldtrail.service.line import Line
from coldtrail.service.pace import Clock, Pace

WAIT_S = 0.25
"""For telemetry, before what else is due is looked at."""
IDLE_S = 1.0
"""After so long without telemetry the wall clock moves event time on, so that the last traces close."""
_ADVANCE_SHARE = 0.3
_ADVANCE_S = 0.2
_MOST_ROW_BYTES = 64 * 2**20


class Loop:
    """Runs until it is told to stop, or until all sources are done."""

    def __init__(
        self,
        line: Line,
        feeds: Feeds,
        commits: Commits,
        positions: Mapping[str, bytes],
        *,
        checkpoint_s: float,
        behind: Mapping[str, int] | None = None,
        until_done: bool = False,
        advances: bool = True,
        clock: Clock = time.monotonic,
    ) -> None:
        self._line, self._feeds, self._commits = line, feeds, commits
        self._positions = dict(positions)
        self._committed = dict(positions)
        self._since: Counter[str] = Counter()
        """Documents of each source since the last checkpoint."""
        self._behind = dict(behind or {})
        self._checkpoint_s, self._until_done, self._clock = checkpoint_s, until_done, clock
        self._advances = advances
        """Whether traces are closed before the end: what lies in folders need not come in its order."""
        self.advancing = Pace(_ADVANCE_SHARE, _ADVANCE_S, clock)
        self.taking = Pace(1.0, clock=clock)
        self._came = clock()
        """When telemetry came last."""
        self._has_more = False
        """Whether documents came since the line was advanced last."""
        self._moved = clock()
        self.event_time = line.now
        """Up to which telemetry has come; for any thread."""

    @property
    def still_s(self) -> float:
        """How long ago the loop went round last, in seconds: it stands still where that is long."""
        return self._clock() - self._moved

    def run(self, stopping: threading.Event) -> None:
        """Goes on until `stopping`; commits all that was taken in before it returns.

        Raises `StoreError` where the database cannot be written: nothing goes on without it."""
        self._feeds.start()
        try:
            while not stopping.is_set():
                busy = self._take()
                self._advance()
                self._commit_if_due()
                self._commits.prune_if_due()
                self._moved = self._clock()
                if self._until_done and not busy and self._feeds.is_done:
                    self._finish()
                    return
            self._checkpoint()
        finally:
            self._feeds.stop()

    def _take(self) -> bool:
        """Whether there was anything to take in."""
        fetched = self._feeds.get(WAIT_S)
        if fetched is None:
            return False
        with self.taking.measured():
            self._line.take(fetched.batch.documents)
        self._positions[fetched.source] = fetched.batch.position
        self._since[fetched.source] += len(fetched.batch.documents)
        self._came, self._has_more = self._clock(), True
        return True

    def _advance(self) -> None:
        if not self._advances or not self.advancing.may_begin or not isfinite(self._line.now):
            return
        idle = self._clock() - self._came
        moves = not self._until_done and idle > IDLE_S and self._feeds.are_quiet
        if not (self._has_more or moves):
            return
        with self.advancing.measured():
            self.event_time = self._line.now
            self._line.advance(self.event_time + (idle if moves else 0.0))
        self._has_more = False

    def _commit_if_due(self) -> None:
        if self._is_catching_up():
            return
        commits, news = self._commits, self._line.has_news or self._commits.has_decisions
        is_old = self._positions != self._committed and commits.pace.since_s >= self._checkpoint_s
        if commits.waiting_bytes > _MOST_ROW_BYTES or (is_old and commits.pace.may_begin):
            self._checkpoint()
        elif news and commits.telling_pace.may_begin:
            commits.tell(self._since)

    def _is_catching_up(self) -> bool:
        """Whether less was taken since the checkpoint than when something was told after it: the line is
        behind what is stored, and would take it back."""
        if not self._behind or not self._advances:
            return bool(self._behind)
        feeds, since = self._feeds, self._since
        self._behind = {
            name: number
            for name, number in self._behind.items()
            if since[name] < number and not feeds.is_exhausted(name)
        }
        if not self._behind:
            # What was told followed from these documents once traces were closed.
            self._line.advance(self._line.now)
        return bool(self._behind)

    def _checkpoint(self) -> None:
        if self._is_catching_up():
            return
        self._commits.checkpoint(self._positions, self._since)
        self._tell_sources()

    def _finish(self) -> None:
        """Judges all that is open, as at the end of all input; who goes on later begins with it open."""
        self._line.advance(self._line.now)
        state = self._line.snapshot()
        self._line.finish()
        self._commits.checkpoint(self._positions, self._since, state)
        self._tell_sources()

    def _tell_sources(self) -> None:
        news = {name: one for name, one in self._positions.items() if self._committed.get(name) != one}
        self._committed, self._since = dict(self._positions), Counter()
        self._feeds.committed(news)
