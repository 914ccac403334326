"""Reads a spool from a place on, in another process than its writer, and removes what was read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from coldtrail.errors import StoreError
from coldtrail.store.spool_segments import (
    HEAD_BYTES,
    Found,
    Position,
    Segment,
    decoded,
    encoded,
    length_at,
    read_mark,
    segments_of,
    sync_folder,
    unpacked,
)


class Record(Struct, frozen=True):
    """What a source was sent at one moment."""

    source: str
    arrived_at: float
    """By the wall clock, UTC epoch seconds."""
    payload: bytes
    position: bytes
    """Where to go on after it, as JSON."""


class SpoolReader:
    """The one reader of a folder; it sees records only once they are on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.damaged_records = 0
        """Records left out since their content has changed on disk."""
        self.damaged_bytes = 0
        """Bytes left out since they hold no record."""
        self._damage: set[tuple[Segment, int]] = set()

    def read(self, after: bytes | None, most_bytes: int) -> list[Record]:
        """The next records after a position (None: from the beginning), of so many bytes together, but one
        at least; empty where there is none yet. Raises `StoreError` where the folder cannot be read."""
        try:
            return self._read(decoded(after) if after else None, most_bytes)
        except OSError as error:
            raise StoreError(f"{self._folder}: the spool cannot be read: {error.strerror}.") from None

    def forget(self, position: bytes) -> int:
        """Removes the segments that lie before a position that is stored for good; how many bytes went."""
        try:
            return self._forget(decoded(position))
        except OSError as error:
            raise StoreError(
                f"{self._folder}: what was read of the spool cannot be removed: {error.strerror}."
            ) from None

    def waiting(self, after: bytes | None) -> int:
        """How many bytes lie on disk after a position."""
        try:
            segments, mark = self._segments()
            begin = _begin(decoded(after) if after else None, segments)
            ahead = [one for one in segments if begin is not None and one.number >= begin.segment]
            size = sum(self._end(one, mark) for one in ahead)
        except OSError as error:
            raise StoreError(f"{self._folder}: the spool cannot be read: {error.strerror}.") from None
        return size - begin.offset if begin is not None and ahead else 0

    def _segments(self) -> tuple[list[Segment], Position | None]:
        """The segments that hold what is on disk, and up to where. The mark is read first: what was begun
        after it is not looked at."""
        mark = read_mark(self._folder)
        if mark is None:
            return [], None
        return [one for one in segments_of(self._folder) if one.number <= mark.segment], mark

    def _read(self, after: Position | None, most_bytes: int) -> list[Record]:
        records: list[Record] = []
        segments, mark = self._segments()
        begin = _begin(after, segments)
        for segment in segments:
            if begin is None or segment.number < begin.segment:
                continue
            at = begin.offset if segment.number == begin.segment else 0
            end = self._end(segment, mark)
            while at < end:
                found, to = self._some(segment, at, end, most_bytes, one=not records)
                if to == at:
                    return records
                records += found
                most_bytes -= to - at
                at = to
        return records

    def _some(self, segment: Segment, at: int, end: int, most: int, *, one: bool) -> tuple[list[Record], int]:
        """Records of a segment from a place on and where they end, of up to `most` bytes, though `one` of
        any size where that is asked for; the same place where there is no room for the next."""
        with (self._folder / segment.name).open("rb", buffering=0) as file:
            handle = file.fileno()
            data = os.pread(handle, max(0, min(most, end - at)), at)
            found = list(unpacked(data))
            if not found:
                length = length_at(os.pread(handle, HEAD_BYTES, at))
                if length is None or at + length > end:
                    self._met_damage(segment, at, end - at)
                    return [], end
                if not one:
                    return [], at
                found = list(unpacked(os.pread(handle, length, at)))
        return self._records(segment, at, found), at + found[-1].end if found else at

    def _records(self, segment: Segment, at: int, found: list[Found]) -> list[Record]:
        records = []
        for one in found:
            to = at + one.end
            if one.payload is None:
                self._met_damage(segment, to, 0)
                continue
            position = encoded(Position(segment.spool, segment.number, to))
            records.append(Record(one.source, one.arrived_at, one.payload, position))
        return records

    def _met_damage(self, segment: Segment, at: int, size: int) -> None:
        """Counts damage once, however often it is met: a record of it, or bytes that hold none."""
        if (segment, at) not in self._damage:
            self._damage.add((segment, at))
            self.damaged_bytes += size
            self.damaged_records += size == 0

    def _end(self, segment: Segment, mark: Position | None) -> int:
        if mark is not None and segment.number == mark.segment:
            return mark.offset
        with suppress(FileNotFoundError):
            return (self._folder / segment.name).stat().st_size
        return 0

    def _forget(self, position: Position) -> int:
        gone = 0
        segments, mark = self._segments()
        for segment in segments:
            if mark is None or segment.number >= mark.segment or segment.spool != position.spool:
                continue
            size = self._end(segment, mark)
            if (segment.number, size) <= (position.segment, position.offset):
                (self._folder / segment.name).unlink(missing_ok=True)
                gone += size
        if gone:
            sync_folder(self._folder)
        return gone


def _begin(after: Position | None, segments: list[Segment]) -> Position | None:
    """Where to read from: a position of another spool means the beginning of this one."""
    if not segments:
        return None
    first = Position(segments[0].spool, segments[0].number, 0)
    if after is None or after.spool != first.spool:
        return first
    return after if after.segment >= first.segment else first
