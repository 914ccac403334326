"""The next segment of a spool, filled with zeros beforehand.

A file that grows reaches the disk only with a commit of the file system's journal, for which other programs'
files are written first. What is written over does not: on a busy machine each sync takes a fraction of the
time (as PostgreSQL and etcd keep their logs).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

NAME = "next"
LEAST_BYTES = 2**20
"""Smaller segments are not worth it."""
_PIECE = bytes(2**20)
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OWNER_ONLY = 0o600


class Ahead:
    """At most one file of zeros in a folder, made by a thread; used by one thread besides."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / NAME
        self._size = size
        self._thread: Thread | None = None
        self._is_whole = False
        self._stopping = Event()
        self._path.unlink(missing_ok=True)

    def begin(self) -> None:
        """Begins to make the file, unless it is there or being made, or segments are small."""
        if self._thread is None and self._size >= LEAST_BYTES:
            self._thread = Thread(target=self._make, name="coldtrail-spool-ahead", daemon=True)
            self._thread.start()

    @property
    def is_whole(self) -> bool:
        """Whether the file is there and on disk."""
        return self._is_whole and self._thread is not None and not self._thread.is_alive()

    def take(self, name: str) -> bool:
        """Gives the file the name of a segment; whether there was a whole one. Raises OSError."""
        if self._thread is None or self._thread.is_alive():
            return False
        found = self.is_whole
        self._thread, self._is_whole = None, False
        if found:
            os.replace(self._path, self._path.with_name(name))
        return found

    def close(self) -> None:
        """Removes the file."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _make(self) -> None:
        """Where there is no room for it, segments grow as they are written."""
        try:
            handle = os.open(self._path, _FLAGS, _OWNER_ONLY)
            try:
                self._is_whole = self._fill(handle)
            finally:
                os.close(handle)
        except OSError:
            self._is_whole = False
        if not self._is_whole:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _fill(self, handle: int) -> bool:
        """Writes a little at a time, so that nobody else's sync has to wait for much of it."""
        left = self._size
        while left and not self._stopping.is_set():
            left -= os.write(handle, _PIECE[:left])
            os.fsync(handle)
        return not left
