"""All that the line is fed by: pull sources and the spool, each in a thread of its own, before one queue."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coldtrail.config import LimitSettings
from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import Batch, Permission, PullSource
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.registry import LIVE_SOURCES, load
from coldtrail.service.settings import SPOOL, SourceTable
from coldtrail.sources.batch_queue import BatchQueue, Fetched
from coldtrail.sources.context import SourceContext
from coldtrail.sources.polling import Condition, Pauses, Polling, SourceState
from coldtrail.store.spool_reader import SpoolReader

QUEUE_BYTES = 64 * 2**20
"""What was fetched and not taken in yet; more waits at its source."""
_SPOOL_BYTES = 4 * 2**20
_SPOOL_PAUSES = Pauses(idle_s=0.2)
_STOP_S = 2.0
_MOST_FAILURES = 5
"""In a row, about half a minute: who waits for a source to be done then hears why it is not."""


class SpoolSource:
    """The spool, as a source that can be asked again."""

    name = SPOOL

    def __init__(self, folder: Path) -> None:
        self._folder, self._at = folder, b""
        self._reader = SpoolReader(folder)

    def resume(self, position: bytes) -> None:
        """Goes on after what was taken in."""
        self._at = position

    def fetch(self) -> Batch | None:
        """The next records; None where there are none yet."""
        if not self._folder.is_dir():
            return None
        records = self._reader.read(self._at or None, _SPOOL_BYTES)
        if not records:
            return None
        last = records[-1]
        self._at = last.position
        documents = tuple([Document(one.payload, one.source) for one in records])
        return Batch(documents, last.position, last.arrived_at)

    def committed(self, position: bytes) -> None:
        """Removes what is stored for good."""
        self._reader.forget(position)

    def tend(self) -> None:
        """Needs nothing between fetches."""

    def close(self) -> None:
        """Holds nothing open."""

    def needs(self) -> Sequence[Permission]:
        """Needs no account."""
        return ()

    @property
    def waiting_bytes(self) -> int:
        """How much lies on disk and was not fetched yet."""
        return self._reader.waiting(self._at or None) if self._folder.is_dir() else 0


class _Noted:
    """A source of which is known how much it gave, and whether it had nothing more."""

    def __init__(self, source: PullSource) -> None:
        self._source, self.name = source, source.name
        self.resume, self.committed, self.tend = source.resume, source.committed, source.tend
        self.close, self.needs = source.close, source.needs
        self.gave, self.is_idle = 0, False

    def fetch(self) -> Batch | None:
        """What the source gives."""
        try:
            batch = self._source.fetch()
        except Exception:
            self.is_idle = False
            raise
        self.gave += batch is not None
        self.is_idle = batch is None
        return batch


class Feed(NamedTuple):
    """A source and the thread that it runs in."""

    source: _Noted
    polling: Polling


class Feeds:
    """Starts and stops all sources, and hands over what they fetched."""

    def __init__(
        self,
        sources: Sequence[tuple[PullSource, Tally]],
        positions: Mapping[str, bytes],
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        self._queue = BatchQueue(queue_bytes)
        self._spool = next((one for one, _ in sources if isinstance(one, SpoolSource)), None)
        self._feeds = {source.name: self._feed(source, tally, positions) for source, tally in sources}
        self._taken: dict[str, int] = dict.fromkeys(self._feeds, 0)

    def _feed(self, source: PullSource, tally: Tally, positions: Mapping[str, bytes]) -> Feed:
        noted, pauses = _Noted(source), _SPOOL_PAUSES if source.name == SPOOL else None
        position = positions.get(source.name)
        return Feed(noted, Polling(noted, self._queue, position=position, tally=tally, pauses=pauses))

    def start(self) -> None:
        """Begins to fetch."""
        for feed in self._feeds.values():
            feed.polling.start()

    def get(self, timeout_s: float) -> Fetched | None:
        """The batch that waits longest; None where none came within the time."""
        fetched = self._queue.get(timeout_s=timeout_s)
        if fetched is not None:
            self._taken[fetched.source] += 1
        return fetched

    def committed(self, positions: Mapping[str, bytes]) -> None:
        """Tells each source up to where all is stored for good."""
        for name, position in positions.items():
            if name in self._feeds:
                self._feeds[name].polling.committed(position)

    @property
    def is_done(self) -> bool:
        """Whether no source has more, and all that they gave was taken.

        Raises `SourceError` where a source has stopped or fails again and again, and will never be done."""
        for name, feed in self._feeds.items():
            state = feed.polling.state
            if state.condition is Condition.STOPPED or state.failures >= _MOST_FAILURES:
                raise SourceError(f"source {name}: {state.last_error}")
            if not feed.source.is_idle or self._taken[name] != feed.source.gave:
                return False
        return True

    def is_exhausted(self, name: str) -> bool:
        """Whether a source has nothing more, or is none of the sources any more."""
        feed = self._feeds.get(name)
        return feed is None or (feed.source.is_idle and self._taken[name] == feed.source.gave)

    @property
    def are_quiet(self) -> bool:
        """Whether all sources answer and have nothing: the telemetry stands still, and no source."""
        return all(
            feed.source.is_idle and feed.polling.state.condition is Condition.RUNNING
            for feed in self._feeds.values()
        )

    @property
    def waiting_bytes(self) -> int:
        """What was fetched and not taken yet."""
        return self._queue.bytes

    @property
    def spool_bytes(self) -> int:
        """What lies in the spool and was not fetched yet."""
        return 0 if self._spool is None else self._spool.waiting_bytes

    def states(self) -> list[SourceState]:
        """How each source is; for any thread."""
        return [feed.polling.state for feed in self._feeds.values()]

    def stop(self) -> None:
        """Ends all at once; what was not committed comes again."""
        threads = [
            threading.Thread(target=feed.polling.stop, args=(_STOP_S,), daemon=True)
            for feed in self._feeds.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_STOP_S + 0.5)


def is_pushed(table: SourceTable) -> bool:
    """Whether the receiver serves this source, and no thread of the service asks it."""
    return hasattr(load(LIVE_SOURCES, table.kind, "source"), "serve")


def pull_sources(
    tables: Sequence[SourceTable],
    limits: LimitSettings,
    data: Path,
    environment: Mapping[str, str] | None = None,
    *,
    until_done: bool = False,
) -> list[tuple[PullSource, Tally]]:
    """The pull sources that the settings name, each with its tally; raises `ConfigError`.

    `until_done` says that nothing grows any more: no source waits whether it does."""
    made: list[tuple[PullSource, Tally]] = []
    for table in tables:
        if is_pushed(table):
            continue
        tally = Tally()
        context = SourceContext(
            table.name, limits, tally, os.environ if environment is None else environment, data
        )
        make: Callable[[Any, SourceContext], PullSource] = load(LIVE_SOURCES, table.kind, "source")
        settings = table.settings
        if until_done and hasattr(settings, "settle_s"):
            settings = msgspec.structs.replace(settings, settle_s=0.0)
        try:
            made.append((make(settings, context), tally))
        except ConfigError as error:
            raise ConfigError(f"source {table.name}: {error}") from None
    return made
