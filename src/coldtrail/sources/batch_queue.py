"""What the sources fetched and the line has not taken in yet, bounded by bytes."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import NamedTuple

from coldtrail.records.intake import Batch

_DOCUMENT_BYTES = 200
"""What a document takes beside its payload."""


class Fetched(NamedTuple):
    """A batch, and the name of the source that gave it."""

    source: str
    batch: Batch


class BatchQueue:
    """First in, first out, for any number of threads; one batch always has room, however large."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._waiting: deque[tuple[Fetched, int]] = deque()
        self._bytes = 0
        self._changed = Condition()

    @property
    def bytes(self) -> int:
        """How much waits."""
        return self._bytes

    def put(self, source: str, batch: Batch, *, timeout_s: float) -> bool:
        """Whether there was room for the batch within the time."""
        size = size_of(batch)
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(size), timeout_s):
                return False
            self._waiting.append((Fetched(source, batch), size))
            self._bytes += size
            self._changed.notify_all()
        return True

    def get(self, *, timeout_s: float) -> Fetched | None:
        """The batch that waits longest; None where none came within the time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, timeout_s):
                return None
            fetched, size = self._waiting.popleft()
            self._bytes -= size
            self._changed.notify_all()
        return fetched

    def _has_room(self, size: int) -> bool:
        return not self._waiting or self._bytes + size <= self._max_bytes


def size_of(batch: Batch) -> int:
    """About how much memory a batch takes, bytes."""
    return sum([len(document.payload) + _DOCUMENT_BYTES for document in batch.documents]) + len(
        batch.position
    )
