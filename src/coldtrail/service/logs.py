"""What the service says while it runs: one JSON event a line, without payloads or secrets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

import msgspec

from coldtrail.alerts.showing.json import in_json
from coldtrail.service.status import Status, troubles
from coldtrail.sources.polling import Condition


class Log:
    """Writes events to a stream; a stream that is closed stops nothing."""

    def __init__(self, stream: TextIO, wall: Callable[[], float] = time.time) -> None:
        self._stream, self._wall = stream, wall
        self._lock = threading.Lock()

    def __call__(self, event: str, **fields: Any) -> None:
        """Writes one event."""
        line = in_json(msgspec.json.encode({"at": round(self._wall(), 3), "event": event, **fields}))
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(line.decode() + "\n")
            self._stream.flush()


class Following:
    """Tells what has changed from one status to the next."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._sources: dict[str, tuple[Condition, str]] = {}
        self._troubles: list[str] = []
        self._told = 0

    def look(self, status: Status) -> None:
        """Writes an event for each change."""
        for one in status.sources:
            now = one.condition, one.last_error if one.failures else ""
            if self._sources.get(one.name) != now:
                self._sources[one.name] = now
                self._log("source", name=one.name, condition=now[0].value, error=now[1])
        if status.told != self._told:
            open_alerts = dict(status.open_alerts)
            self._log("told", notices=status.told - self._told, open_alerts=open_alerts)
            self._told = status.told
        found = troubles(status)
        if found != self._troubles:
            self._troubles = found
            self._log("health", ok=not found, why=found)
