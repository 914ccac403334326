"""The bytes of a stream, expanded where they are compressed, in pieces of bounded size."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from errno import EAGAIN
from typing import Protocol

from msgspec import Struct

from coldtrail.config import LimitSettings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 1 << 20
_PLAIN_PIECE_BYTES = 1 << 17
"""Few enough to stay in the processor's cache until they are decoded."""
_PACKED_PIECE_BYTES = 1 << 16
_FREE_BYTES = 64 * 2**20
_MAGIC_BYTES = 4
_FIRST_BYTES = 16
_GZIP = re.compile(rb"\x1f\x8b")
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
"""A frame, or a frame to be skipped, such as parallel compressors write."""
_BEGINS_GZIP = re.compile(rb"\x1f\x8b(?:\x08(?:[\x00-\x1f]|\Z)|\Z)")
"""Deflate, and no reserved flag (RFC 1952): what else begins with these two bytes is a damaged line."""
_FOREIGN = {
    re.compile(rb"PK\x03\x04.[\x00-\x1f]", re.DOTALL): "a zip archive",
    re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"): "bzip2 data",
    re.compile(rb"\xfd7zXZ\x00"): "xz data",
    re.compile(rb"7z\xbc\xaf\x27\x1c"): "a 7-Zip archive",
    re.compile(rb"SQLite format 3\x00"): "a SQLite database",
}
"""By how they begin, far enough that no line of text does."""


_PARQUET = b"PAR1"
NOT_TELEMETRY = "not telemetry"
NO_PARQUET = (
    "this is a Parquet file, which is not read: let the flow log deliver text (`--destination-options "
    "FileFormat=plain-text`), or export it as JSON lines."
)


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is compressed, or of a kind that holds no telemetry."""
    return bool(
        _BEGINS_GZIP.match(head)
        or _ZSTD.match(head)
        or head.startswith(_PARQUET)
        or any(magic.match(head) for magic in _FOREIGN)
    )


class Damage(Struct, frozen=True):
    """Why a stream ended early."""

    kind: str
    reason: str


class Stream(Protocol):
    """What bytes are read from; it may also have `read1`, which gives what is there already."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many bytes; None where there are none yet."""
        ...


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def pieces(self, data: bytes) -> Iterator[bytes]: ...


class Expansion:
    """Iterates over the expanded bytes; afterwards `damage` says whether they ended early, and why."""

    def __init__(
        self, stream: Stream, size: int | None, limits: LimitSettings, on_bytes: Callable[[int], None]
    ) -> None:
        self._stream = stream
        self._size = size
        self._max_expansion = limits.max_expansion
        self._on_bytes = on_bytes
        self._read = 0
        self._expanded = 0
        self.damage: Damage | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            first = self._next(_PACKED_PIECE_BYTES)
            while 0 < len(first) < _FIRST_BYTES and (more := self._next(_PACKED_PIECE_BYTES)):
                first += more
            if _BEGINS_GZIP.match(first):
                yield from self._expand(first, _GZIP, _Gzip, "gzip")
            elif _ZSTD.match(first):
                yield from self._expand(first, _ZSTD, _Zstd, "zstd")
            elif first.startswith(_PARQUET):
                self.damage = Damage(NOT_TELEMETRY, NO_PARQUET)
            elif what := next((name for magic, name in _FOREIGN.items() if magic.match(first)), None):
                self.damage = Damage(
                    NOT_TELEMETRY, f"this is {what}; unpack or export it as JSON, plain or as .gz or .zst."
                )
            else:
                yield from self._plain(first)
        except OSError as error:
            self.damage = Damage("unreadable", f"reading stopped: {error.strerror or error}; try again.")

    def _next(self, size: int) -> bytes:
        data = self._stream.read1(size) if hasattr(self._stream, "read1") else self._stream.read(size)
        if data is None:
            # A file of the system's own that has nothing to say now, and may never have.
            raise BlockingIOError(EAGAIN, "it gives nothing now")
        self._read += len(data)
        self._on_bytes(len(data))
        return bytes(data)

    def _plain(self, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            data = self._next(_PLAIN_PIECE_BYTES)

    def _expand(
        self, data: bytes, magic: re.Pattern[bytes], make: Callable[[], _Decoder], name: str
    ) -> Iterator[bytes]:
        decoder = make()
        try:
            while data:
                for piece in decoder.pieces(data):
                    self._expanded += len(piece)
                    if self._is_bomb():
                        self.damage = Damage("expands too far", self._bomb_sentence(name))
                        return
                    yield piece
                data = decoder.unused_data if decoder.eof else b""
                data = data or self._next(_PACKED_PIECE_BYTES)
                if data and decoder.eof:
                    data = self._start_of_next(data, magic)
                    decoder = make() if data else decoder
        except (zlib.error, zstd.ZstdError, EOFError):
            self.damage = Damage(
                "compressed data damaged", f"the {name} data is damaged from here on; copy the file again."
            )
            return
        if not decoder.eof and self.damage is None:
            self.damage = Damage(
                "compressed data cut off", f"the {name} data ends before its end; copy the file again."
            )

    def _start_of_next(self, data: bytes, magic: re.Pattern[bytes]) -> bytes:
        """The next compressed member; padding of zeros before it is passed over."""
        while len(data := data.lstrip(b"\0")) < _MAGIC_BYTES:
            more = self._next(_PACKED_PIECE_BYTES)
            if not more:
                break
            data += more
        if data and not magic.match(data):
            raise EOFError
        return data

    def _is_bomb(self) -> bool:
        source = self._read if self._size is None else max(self._size, self._read)
        return self._expanded > max(_FREE_BYTES, self._max_expansion * source)

    def _bomb_sentence(self, name: str) -> str:
        return (
            f"the {name} data expands to more than {self._max_expansion:,} times its size; "
            "the rest was not read: raise limits.max_expansion if the file is to be trusted."
        )


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while True:
            before = self._inner.copy()
            try:
                piece = self._inner.decompress(data, PIECE_BYTES)
            except zlib.error:
                yield from _up_to_damage(before, data)
                raise
            if piece:
                yield piece
            data = self._inner.unconsumed_tail
            if not data and len(piece) < PIECE_BYTES:
                return


def _up_to_damage(inner: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """The bytes before the damage: zlib drops them with the piece that is damaged."""
    with suppress(zlib.error):
        for at in range(len(data)):
            yield inner.decompress(data[at : at + 1])


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstd.ZstdDecompressor()

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while True:
            piece = self._inner.decompress(data, PIECE_BYTES)
            if piece:
                yield piece
            data = b""
            if self._inner.eof or self._inner.needs_input:
                return
