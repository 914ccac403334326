"""Writes what cannot be asked again to segments on disk before it is acknowledged.

Whoever appends waits for a *group commit*: one thread writes all that has come meanwhile and syncs it once.
One process at a time writes a folder; another reads it by `spool_reader`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterable
from errno import EDQUOT, ENOSPC
from pathlib import Path
from threading import Condition, Event, Thread

from coldtrail.errors import ColdtrailError, ConfigError, SpoolFullError, StoreError
from coldtrail.store.spool_files import SegmentWriter
from coldtrail.store.spool_segments import LOCK, packed

_LOCK_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_BYTES = 2**30
SEGMENT_BYTES = 2**25
PENDING_BYTES = 2**26


class _Group:
    """Records that are written and synced together, and who waits for it."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.records = 0
        self.unasked = 0
        """Records that nobody waits for."""
        self.done = Event()
        self.error: ColdtrailError | None = None
        self.waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def finish(self, error: ColdtrailError | None) -> None:
        """Tells everybody who waits what became of it."""
        self.error = error
        self.done.set()
        for loop in {loop for loop, _ in self.waiting}:
            futures = [future for one, future in self.waiting if one is loop]
            try:
                loop.call_soon_threadsafe(_settle, futures, error)
            except RuntimeError:
                continue  # The loop has been closed: nobody waits any more.


def _settle(futures: Iterable[asyncio.Future[None]], error: ColdtrailError | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


class Spool:
    """The one writer of a folder; an `Accept` for push sources.

    Raises `ConfigError` where another process writes it, `StoreError` where it cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        most_bytes: int = MOST_BYTES,
        segment_bytes: int = SEGMENT_BYTES,
        pending_bytes: int = PENDING_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._clock = folder, clock
        self._most_bytes, self._pending_bytes = most_bytes, pending_bytes
        self._lock = _locked(folder)
        try:
            self._segments = SegmentWriter(folder, min(segment_bytes, max(1, most_bytes // 4)))
        except OSError as error:
            os.close(self._lock)
            raise StoreError(f"{folder}: the spool cannot be opened: {error.strerror}.") from None
        self._counts = {"appended": 0, "bytes": 0, "syncs": 0, "refused": 0, "lost": 0}
        self._counts["torn_bytes"] = self._segments.torn_bytes
        self._changed = Condition()
        self._pending = _Group()
        self._writing = 0
        self._closed = False
        self._thread = Thread(target=self._write_groups, name="coldtrail-spool", daemon=True)
        self._thread.start()

    async def __call__(self, source: str, payload: bytes) -> None:
        """Returns once the bytes lie on disk; raises `SpoolFullError` where there is no room."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._add(source, payload, (loop, future))
        await future

    def append(self, source: str, payload: bytes) -> None:
        """The same for a thread, which waits."""
        group = self._add(source, payload)
        group.done.wait()
        if group.error is not None:
            raise group.error

    def at_once(self, source: str, payload: bytes) -> bool:
        """Whether there was room; it is on disk soon after, or counted as `lost`."""
        try:
            self._add(source, payload, unasked=True)
        except SpoolFullError:
            return False
        return True

    def counts(self) -> dict[str, int]:
        """What this process has appended, synced, refused, lost though it had been taken (`at_once` only),
        and cut from the end that a killed writer left."""
        with self._changed:
            return dict(self._counts)

    def size(self) -> int:
        """Bytes on disk, of all segments."""
        with self._changed:
            self._segments.look()
            return self._segments.size

    def close(self) -> None:
        """Writes what is waiting and lets go of the folder."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        self._segments.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _add(
        self,
        source: str,
        payload: bytes,
        waiting: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None,
        *,
        unasked: bool = False,
    ) -> _Group:
        head, body = packed(source, self._clock(), payload)
        size = len(head) + len(body)
        with self._changed:
            self._check_room(size)
            group = self._pending
            group.parts += (head, body)
            group.size += size
            group.records += 1
            group.unasked += unasked
            if waiting is not None:
                group.waiting.append(waiting)
            self._changed.notify()
        return group

    def _check_room(self, size: int) -> None:
        if self._closed:
            raise SpoolFullError(f"{self._folder}: the spool is closed; try again once the service runs.")
        if size > self._most_bytes:
            self._refuse(f"{self._folder}: {size} bytes are more than the spool may hold")
        unwritten = self._pending.size + self._writing
        if self._segments.size + unwritten + size > self._most_bytes:
            self._segments.look()
        if self._segments.size + unwritten + size > self._most_bytes:
            self._refuse(f"{self._folder}: the spool holds the {self._most_bytes} bytes that it may")
        if unwritten and unwritten + size > self._pending_bytes:
            self._refuse(f"{self._folder}: the disk takes the spool more slowly than telemetry comes")

    def _refuse(self, why: str) -> None:
        self._counts["refused"] += 1
        raise SpoolFullError(f"{why}; try again later.")

    def _write_groups(self) -> None:
        group = self._pending
        try:
            while (group := self._next_group()).records:
                error = self._write(group)
                with self._changed:
                    self._writing = 0
                    self._count(group, error)
                group.finish(error)
        finally:
            with self._changed:
                self._closed = True
            for one in (group, self._pending):
                if not one.done.is_set():
                    one.finish(StoreError(f"{self._folder}: the spool has stopped; start the service again."))

    def _next_group(self) -> _Group:
        """What is to be written next, waiting for it; an empty one once the spool is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending.records or self._closed)
            group, self._pending = self._pending, _Group()
            self._writing = group.size
        return group

    def _write(self, group: _Group) -> ColdtrailError | None:
        """What went wrong, if anything did; then none of the group is there."""
        try:
            self._segments.write(b"".join(group.parts))
        except OSError as error:
            if error.errno in (ENOSPC, EDQUOT):
                return SpoolFullError(f"{self._folder}: the disk of the spool is full; try again later.")
            return StoreError(f"{self._folder}: the spool cannot be written: {error.strerror}.")
        return None

    def _count(self, group: _Group, error: ColdtrailError | None) -> None:
        if error is None:
            self._counts["appended"] += group.records
            self._counts["bytes"] += group.size
            self._counts["syncs"] += 1
        else:
            self._counts["refused"] += group.records - group.unasked
            self._counts["lost"] += group.unasked


def _locked(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, _LOCK_FLAGS, 0o600)
    except OSError as error:
        raise StoreError(
            f"{folder}: the spool cannot be held there: {error.strerror}; let this user write the folder."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ConfigError(
            f"{folder}: another process writes this spool; stop it first, or name another folder."
        ) from None
    return lock
