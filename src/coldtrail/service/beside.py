"""What runs beside the loop: the receiver, the pages, and who writes down what changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from coldtrail.config import LimitSettings
from coldtrail.service.feeds import SpoolSource, is_pushed
from coldtrail.service.logs import Following, Log
from coldtrail.service.receiver_report import PushTable, ReceiverSettings
from coldtrail.service.receiving import Receiving
from coldtrail.service.settings import SPOOL, SourceTable
from coldtrail.service.status import Watcher

LOOK_S = 1.0


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


def pushed(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """The sources that are sent telemetry."""
    return [table for table in tables if is_pushed(table)]


def receiving_of(tables: Sequence[SourceTable], limits: LimitSettings, data: Path) -> Receiving:
    """The receiver of these sources."""
    told = tuple(
        PushTable(table.kind, table.name, msgspec.Raw(msgspec.json.encode(table.settings)))
        for table in tables
    )
    return Receiving(ReceiverSettings(str(data), str(data / SPOOL), told, limits=limits))


def spool_of(data: Path) -> SpoolSource:
    """What the receiver has written down, as a source."""
    return SpoolSource(data / SPOOL)


def stop_all(parts: Sequence[Part]) -> None:
    """Ends all at once."""
    threads = [threading.Thread(target=part.stop, daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4.0)
