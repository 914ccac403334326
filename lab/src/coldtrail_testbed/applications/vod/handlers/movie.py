"""Reads the boxes of an MP4 or QuickTime file (ISO/IEC 14496-12) that say how long and how large it is."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER_BYTES = 8


@dataclass(frozen=True)
class Movie:
    """Pixels and milliseconds of a movie."""

    width: int
    height: int
    duration_ms: int


def boxes(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The type and the body of each box, as far as `content` reaches."""
    offset = 0
    while offset + _HEADER_BYTES <= len(content):
        size, kind = struct.unpack_from(">I4s", content, offset)
        if size < _HEADER_BYTES:
            return
        yield kind.decode("latin-1"), content[offset + _HEADER_BYTES : offset + size]
        offset += size


def index_of(content: bytes) -> bytes | None:
    """The whole `moov` box's body where `content`, a file's first or last part, holds all of it."""
    place = content.find(b"moov")
    if place < 4:
        return None
    (size,) = struct.unpack_from(">I", content, place - 4)
    end = place - 4 + size
    return content[place + 4 : end] if end <= len(content) else None


def read_index(index: bytes) -> Movie:
    """The movie that a `moov` box's body describes."""
    parts = dict(boxes(index))
    scale, duration = struct.unpack_from(">II", parts["mvhd"], 12)
    track = dict(boxes(parts["trak"]))["tkhd"]
    width, height = struct.unpack_from(">II", track, 76)
    return Movie(width >> 16, height >> 16, duration * 1000 // scale)
