"""A service put together: the line, its sources and its store, from where the last one stopped."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

from coldtrail.errors import ConfigError, StoreError
from coldtrail.records.intake import PullSource
from coldtrail.records.tally import Tally
from coldtrail.service.committing import Commits, Telling, nobody, told_since
from coldtrail.service.feeds import Feeds
from coldtrail.service.line import Line, Making
from coldtrail.service.loop import Loop
from coldtrail.service.settings import ServiceSettings
from coldtrail.service.verdict_rows import VerdictRows
from coldtrail.store.database import Database
from coldtrail.store.packed_state import unpack_state


class Service(NamedTuple):
    """All parts of a service that runs."""

    line: Line
    feeds: Feeds
    commits: Commits
    loop: Loop

    def run(self, stopping: threading.Event) -> None:
        """Goes on until `stopping`, or until all is done; raises `StoreError`."""
        try:
            self.loop.run(stopping)
        except ConfigError as error:
            # It was the right database when the service began.
            raise StoreError(str(error)) from None
        finally:
            self.line.close()


def service_of(
    settings: ServiceSettings,
    making: Making,
    database: Database,
    sources: Sequence[tuple[PullSource, Tally]],
    telling: Telling = nobody,
    *,
    until_done: bool = False,
    advances: bool = True,
) -> Service:
    """The service, going on from the last checkpoint; raises `BundleError` where that is damaged.

    Without `advances`, traces are closed at the end alone."""
    rows = VerdictRows(settings, database)
    line = Line(making, Tally(), rows.take)
    checkpoint = database.checkpoint()
    positions = {} if checkpoint is None else checkpoint.positions
    if checkpoint is not None:
        line.restore(unpack_state(checkpoint.state), checkpoint.bundle)
    feeds = Feeds(sources, positions)
    commits = Commits(database, line, rows, settings, telling)
    every = settings.checkpoint_s
    loop = Loop(
        line,
        feeds,
        commits,
        positions,
        checkpoint_s=every,
        behind=told_since(database),
        until_done=until_done,
        advances=advances,
    )
    return Service(line, feeds, commits, loop)
