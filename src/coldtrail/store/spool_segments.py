"""The files of a spool: segments of records one after another, and a mark of how far they lie on disk.

A record is a head of fixed size, the name of its source and its payload. Head and body have a CRC-32 each, so
that a damaged payload costs that record alone. Segments are numbered on and on; the numbers of a spool belong
to its id, which is part of each name: a position in a spool that was removed leads nowhere in a new one.
"""

from __future__ import annotations

import os
import re
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec import Struct

from coldtrail.errors import StoreError

LOCK, MARK = "lock", "synced"
_NAME = re.compile(r"(\d{10})-([0-9a-f]{8})\.spool")
_HEAD = struct.Struct("<IHdI")
"""Bytes of the payload, bytes of the source's name, when it came, CRC of name and payload."""
_CRC = struct.Struct("<I")
HEAD_BYTES = _CRC.size + _HEAD.size
_MARK = struct.Struct("<4sQQ")
"""Id of the spool, number of the segment, offset in it."""


class Segment(NamedTuple):
    """One file of a spool."""

    number: int
    spool: str
    """Id of the spool."""

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.number:010}-{self.spool}.spool"


class Position(Struct, frozen=True):
    """A place between two records."""

    spool: str
    segment: int
    offset: int


class Found(NamedTuple):
    """A record at its place in a segment's bytes."""

    source: str
    arrived_at: float
    payload: bytes | None
    """None where it is damaged."""
    end: int


def new_spool() -> str:
    """A fresh id."""
    return secrets.token_hex(4)


def packed(source: str, arrived_at: float, payload: bytes) -> tuple[bytes, bytes]:
    """A record as it is written: what stands before the payload, and the payload."""
    name = source.encode()
    head = _HEAD.pack(len(payload), len(name), arrived_at, crc32(payload, crc32(name)))
    return _CRC.pack(crc32(head)) + head + name, payload


def unpacked(data: bytes, at: int = 0) -> Iterator[Found]:
    """The records in a segment's bytes, up to the first place where no whole head and body follow."""
    view = memoryview(data)
    while (found := _record(view, at)) is not None:
        yield found
        at = found.end


def _record(data: memoryview, at: int) -> Found | None:
    begin = at + HEAD_BYTES
    if begin > len(data) or crc32(data[at + _CRC.size : begin]) != _CRC.unpack_from(data, at)[0]:
        return None
    length, name_length, arrived_at, crc = _HEAD.unpack_from(data, at + _CRC.size)
    middle = begin + name_length
    end = middle + length
    if end > len(data):
        return None
    if crc32(data[begin:end]) != crc:
        return Found("", arrived_at, None, end)
    return Found(str(data[begin:middle], "utf-8"), arrived_at, bytes(data[middle:end]), end)


def length_at(data: bytes) -> int | None:
    """How many bytes the record takes whose head these bytes begin with; None where that is no head."""
    if len(data) < HEAD_BYTES or crc32(data[_CRC.size : HEAD_BYTES]) != _CRC.unpack_from(data)[0]:
        return None
    length, name_length, _, _ = _HEAD.unpack_from(data, _CRC.size)
    return int(HEAD_BYTES + name_length + length)


def segments_of(folder: Path) -> list[Segment]:
    """The segments that lie in a folder, by number."""
    names = (_NAME.fullmatch(name) for name in os.listdir(folder))
    return sorted(Segment(int(name[1]), name[2]) for name in names if name is not None)


def write_mark(handle: int, segment: Segment, offset: int) -> None:
    """Says up to where records lie on disk; readers go no further."""
    mark = _MARK.pack(bytes.fromhex(segment.spool), segment.number, offset)
    os.pwrite(handle, mark + _CRC.pack(crc32(mark)), 0)


def read_mark(folder: Path) -> Position | None:
    """Up to where records lie on disk, where that is known."""
    try:
        with (folder / MARK).open("rb") as file:
            found = file.read(_MARK.size + _CRC.size)
    except FileNotFoundError:
        return None
    if (
        len(found) != _MARK.size + _CRC.size
        or crc32(found[: _MARK.size]) != _CRC.unpack_from(found, _MARK.size)[0]
    ):
        return None
    spool, number, offset = _MARK.unpack_from(found)
    return Position(spool.hex(), number, offset)


def encoded(position: Position) -> bytes:
    """A position as it is stored: JSON."""
    return msgspec.json.encode(position)


def decoded(position: bytes) -> Position:
    """A position that was stored; raises `StoreError` where it is none."""
    try:
        return msgspec.json.decode(position, type=Position)
    except msgspec.DecodeError:
        raise StoreError(
            "The stored position of the spool cannot be read; put a copy of the database back, or move the "
            "spool aside."
        ) from None


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
