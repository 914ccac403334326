"""Small video files with the boxes of real ones (ISO/IEC 14496-12), whose pictures are random bytes."""

import struct
from random import Random

_SCALE = 600
_PICTURE_BYTES = (1500, 6000)


def make_video(generator: Random, height: int, duration_s: float, *, index_first: bool) -> bytes:
    """A file of a few kilobytes; its index lies before or behind the pictures."""
    kind = _box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    index = _index(height * 16 // 9, height, int(duration_s * _SCALE))
    pictures = _box(b"mdat", generator.randbytes(generator.randint(*_PICTURE_BYTES)))
    return kind + (index + pictures if index_first else pictures + index)


def _index(width: int, height: int, duration: int) -> bytes:
    movie = struct.pack(">IIIII", 0, 0, 0, _SCALE, duration) + bytes(80)
    track = struct.pack(">IIIIII", 3, 0, 0, 1, 0, duration) + bytes(52)
    track += struct.pack(">II", width << 16, height << 16)
    return _box(b"moov", _box(b"mvhd", movie) + _box(b"trak", _box(b"tkhd", track)))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
