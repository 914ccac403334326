"""Appends to the segments of a folder, each write whole and synced or not there at all."""

from __future__ import annotations

import os
from contextlib import suppress
from errno import ENOSYS, EOPNOTSUPP
from pathlib import Path
from threading import Lock

from coldtrail.store.spool_ahead import Ahead
from coldtrail.store.spool_segments import (
    HEAD_BYTES,
    MARK,
    Segment,
    new_spool,
    read_mark,
    segments_of,
    sync_folder,
    unpacked,
    write_mark,
)

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_OWNER_ONLY = 0o600
_AHEAD_FROM = 8
"""The next segment is made once this one is an eighth full; one that grows is left once the next is there."""
_WRITE_SYNCED: int = getattr(os, "RWF_DSYNC", 0)
_sync = getattr(os, "fdatasync", os.fsync)


def _append(handle: int, data: memoryview, at: int) -> int:
    """Writes at a place and syncs; how many bytes of the data.

    One call of the system, where it knows how: the thread gives the interpreter away once, not twice.
    """
    if _WRITE_SYNCED:
        try:
            return os.pwritev(handle, (data,), at, _WRITE_SYNCED)
        except OSError as error:
            if error.errno not in (ENOSYS, EOPNOTSUPP):
                raise
    done = os.pwrite(handle, data, at)
    _sync(handle)
    return done


class SegmentWriter:
    """The last segment, open for writing, and the sizes of those before it.

    What a killed writer left behind the last whole record is cut. Raises OSError where a file cannot be used.
    """

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        self._folder, self._segment_bytes = folder, segment_bytes
        self.torn_bytes = 0
        """Bytes at the end that were no whole record, as they were cut."""
        before = segments_of(folder)
        self._segment = before[-1] if before else Segment(1, new_spool())
        self._sizes = {one: (folder / one.name).stat().st_size for one in before[:-1]}
        self._sizes_lock = Lock()
        self._sealed = sum(self._sizes.values())
        self._end = self._whole_bytes() if before else 0
        self._is_ragged = False
        """Whether bytes of a write that failed may stand behind the end."""
        self._is_longer = False
        """Whether zeros that were written beforehand stand behind the end."""
        self._ahead = Ahead(folder, segment_bytes)
        self._handle, self._mark = -1, -1
        try:
            self._mark = os.open(folder / MARK, _WRITE, _OWNER_ONLY)
            self._handle = self._opened(self._segment)
            self._cut()
            write_mark(self._mark, self._segment, self._end)
        except OSError:
            self.close()
            raise

    @property
    def size(self) -> int:
        """Bytes of all segments, as far as known."""
        return self._sealed + self._end

    def look(self) -> None:
        """Takes note of segments that the reader has removed; any thread may call it."""
        there = set(os.listdir(self._folder))
        with self._sizes_lock:
            self._sizes = {one: size for one, size in self._sizes.items() if one.name in there}
            self._sealed = sum(self._sizes.values())

    def write(self, data: bytes) -> None:
        """Appends whole records and syncs them; none of it is there where OSError is raised."""
        if self._is_ragged:
            self._cut()
        is_full = self._end + len(data) > self._segment_bytes
        if self._end and (is_full or (not self._is_longer and self._ahead.is_whole)):
            self._begin_next()
        self._is_ragged = True
        try:
            self._write_all(data)
        except OSError:
            with suppress(OSError):
                self._cut()
            raise
        self._is_ragged = False
        self._end += len(data)
        write_mark(self._mark, self._segment, self._end)
        if self._end > self._segment_bytes // _AHEAD_FROM:
            self._ahead.begin()
        if self._end >= self._segment_bytes:
            # At once, so that the reader may remove a full segment even where there is room for no other.
            with suppress(OSError):
                self._begin_next()

    def close(self) -> None:
        """Closes the files."""
        self._ahead.close()
        for handle in (self._handle, self._mark):
            if handle >= 0:
                os.close(handle)
        self._handle = self._mark = -1

    def _write_all(self, data: bytes) -> None:
        left, at = memoryview(data), self._end
        while left:
            done = _append(self._handle, left, at)
            left, at = left[done:], at + done

    def _begin_next(self) -> None:
        if self._is_longer:
            self._cut()
        following = Segment(self._segment.number + 1, self._segment.spool)
        self._ahead.take(following.name)
        handle = self._opened(following)
        os.close(self._handle)
        with self._sizes_lock:
            self._sizes[self._segment] = self._end
            self._sealed += self._end
            self._handle, self._segment, self._end = handle, following, 0
        # Asked of the file, which an earlier try may have given its name, and then failed.
        self._is_longer = os.fstat(handle).st_size > 0
        write_mark(self._mark, self._segment, 0)

    def _opened(self, segment: Segment) -> int:
        handle = os.open(self._folder / segment.name, _WRITE, _OWNER_ONLY)
        try:
            sync_folder(self._folder)
        except OSError:
            os.close(handle)
            raise
        return handle

    def _whole_bytes(self) -> int:
        """How much of the last segment is whole. What was marked as synced is kept even where it is damaged,
        since readers have places in it."""
        path, mark = self._folder / self._segment.name, read_mark(self._folder)
        synced = 0
        if mark is not None and (mark.spool, mark.segment) == (self._segment.spool, self._segment.number):
            synced = mark.offset
        with path.open("rb") as file:
            file.seek(synced)
            data = file.read()
        whole = 0
        for found in unpacked(data):
            # A record that is cut off within zeros looks whole but for its content.
            whole = whole if found.payload is None else found.end
        torn = data[whole:]
        zeros = len(torn) - len(torn.rstrip(b"\0"))
        self.torn_bytes = len(torn) - (zeros if zeros > HEAD_BYTES else 0)
        return synced + whole

    def _cut(self) -> None:
        os.ftruncate(self._handle, self._end)
        os.fsync(self._handle)
        self._is_ragged = self._is_longer = False
