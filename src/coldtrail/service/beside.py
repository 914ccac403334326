"""What runs beside the loop: the receiver, the pages, and who writes down what changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from coldtrail.config import Settings
from coldtrail.service.channels import Channel
from coldtrail.service.delivering import Delivering
from coldtrail.service.feeds import SpoolSource, is_pushed
from coldtrail.service.logs import Following, Log
from coldtrail.service.opening import database_of
from coldtrail.service.pages import Pages
from coldtrail.service.receiver import made
from coldtrail.service.receiver_report import PushTable, ReceiverSettings
from coldtrail.service.receiving import Receiving
from coldtrail.service.running import Service
from coldtrail.service.settings import SPOOL, LiveSettings, SourceTable
from coldtrail.service.status import Watcher
from coldtrail.service.telling import OutboxState
from coldtrail.store.database import Database

LOOK_S = 1.0
_STOP_S = 4.0


class Part(Protocol):
    """Something that runs until it is stopped."""

    def start(self) -> None:
        """Begins."""
        ...

    def stop(self) -> object:
        """Ends, within a few seconds."""
        ...


class Observer:
    """Looks at the service every second, and writes down what has changed."""

    def __init__(self, watcher: Watcher, log: Log) -> None:
        self._watcher, self._following = watcher, Following(log)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="observer", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Looks a last time, and ends."""
        self._stopping.set()
        self._thread.join(2.0)
        self._following.look(self._watcher.status())

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            self._following.look(self._watcher.status())


class Around(NamedTuple):
    """What the parts beside the loop are made of."""

    settings: LiveSettings
    offline: Settings
    data: Path
    database: Database
    until_done: bool = False


@contextmanager
def beside(service: Service, around: Around, channels: Sequence[Channel], log: Log | None) -> Iterator[None]:
    """All that runs beside the loop, until the end; raises `ConfigError` where something cannot begin."""
    settings, parts = around.settings, list[Part]()
    delivering, receiving = _delivering(settings, service, channels), _receiving(around)
    parts += [part for part in (delivering, receiving) if part is not None]
    failure = (lambda: "") if delivering is None else (lambda: delivering.state().failure)
    watcher = Watcher(
        service,
        receiver=None if receiving is None else receiving.status,
        outbox=OutboxState(around.database, failure),
        budget_a_day=settings.learning.budget_alerts_per_day or around.offline.detection.alerts_a_day or None,
    )
    if settings.service.listen and not around.until_done:
        cases = service.commits.standing.cases
        pages = Pages(
            settings.service.listen, watcher, lambda: list(cases.values()), settings.service.address
        )
        parts.append(pages)
        if log is not None:
            log("started", page=pages.place, bundle=service.line.making.bundle[:12])
    if log is not None:
        parts.append(Observer(watcher, log))
    for part in parts:
        part.start()
    try:
        yield
    finally:
        _stop(parts)


def _delivering(settings: LiveSettings, service: Service, channels: Sequence[Channel]) -> Delivering | None:
    if not channels:
        return None
    delivering = Delivering(lambda: database_of(settings), channels)
    service.commits.wake = delivering.wake
    return delivering


def _receiving(around: Around) -> Receiving | None:
    if not pushed(around.settings.sources) or around.until_done:
        return None
    return Receiving(_receiver_settings(around.settings, around.offline, around.data))


def _receiver_settings(settings: LiveSettings, offline: Settings, data: Path) -> ReceiverSettings:
    told = tuple(
        PushTable(table.kind, table.name, msgspec.Raw(msgspec.json.encode(table.settings)))
        for table in pushed(settings.sources)
    )
    return ReceiverSettings(str(data), str(data / SPOOL), told, limits=offline.limits)


def check_pushed(settings: LiveSettings, offline: Settings, data: Path) -> None:
    """Raises `ConfigError` for a source that could never listen."""
    receiver = _receiver_settings(settings, offline, data)
    for table in receiver.sources:
        made(table, receiver, os.environ)


def _stop(parts: Sequence[Part]) -> None:
    """Ends all at once."""
    threads = [threading.Thread(target=part.stop, daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_STOP_S)


def pushed(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """The sources that are sent telemetry."""
    return [table for table in tables if is_pushed(table)]


def spool_of(data: Path) -> SpoolSource:
    """What the receiver has written down, as a source."""
    return SpoolSource(data / SPOOL)
