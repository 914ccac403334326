"""Files that are read as a whole once they have settled: compressed ones, and JSON over many lines."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from hashlib import blake2b

from msgspec.structs import replace

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.documents import documents_of
from coldtrail.sources.expansion import Expansion
from coldtrail.sources.growing.appended import Read
from coldtrail.sources.growing.folder import Seen
from coldtrail.sources.growing.followed import Followed

_PIECE_BYTES = 2**20
_PIECE_DOCUMENTS = 2_000


class Whole:
    """Reads such files, one at a time, in pieces; goes on with the one that is open."""

    def __init__(self, limits: LimitSettings, tally: Tally) -> None:
        self._limits, self._tally = limits, tally
        self._key, self._given = "", 0
        self._stream: _Hashed | None = None
        self._documents: Iterator[Document] = iter(())

    def read(self, file: io.FileIO, seen: Seen, followed: Followed, *, settled: bool) -> Read:
        """Some documents of the file, or all that are left; none before it has settled."""
        if not settled:
            return followed, [], False
        is_open = self._stream is not None and (self._key, self._given) == (seen.key, followed.documents)
        if not is_open or followed.whole:
            if followed.whole:
                followed = self._once_more(file, followed)
            self._open(file, seen, followed)
        assert self._stream is not None
        documents: list[Document] = []
        size = 0
        for document in self._documents:
            documents.append(document)
            size += len(document.payload)
            if size >= _PIECE_BYTES or len(documents) >= _PIECE_DOCUMENTS:
                self._given = followed.documents + len(documents)
                return replace(followed, documents=self._given), documents, True
        number = followed.documents + len(documents)
        done = replace(followed, documents=number, whole=self._stream.digest(), size=self._stream.size)
        self.close()
        return done, documents, False

    def close(self) -> None:
        """Closes the file that is open."""
        self._documents = iter(())
        if self._stream is not None:
            self._stream.close()
        self._key, self._stream = "", None

    def _once_more(self, file: io.FileIO, followed: Followed) -> Followed:
        """The same file after it changed: read from where it was cut off before, or anew."""
        before = _Hashed(file, followed.size)
        while before.read(1 << 20):
            pass
        if before.digest() == followed.whole:
            return replace(followed, whole="")
        return Followed(followed.path, followed.growth)

    def _open(self, file: io.FileIO, seen: Seen, followed: Followed) -> None:
        self.close()
        file.seek(0)
        self._key, self._given = seen.key, followed.documents
        self._stream = _Hashed(os.fdopen(os.dup(file.fileno()), "rb", buffering=0), seen.size)
        stream: _Hashed | io.BufferedReader = self._stream
        if followed.offset:
            expansion = Expansion(self._stream, seen.size, self._limits, _ignore)
            stream = io.BufferedReader(_Behind(iter(expansion), followed.offset))
            if not stream.peek(1):
                return
        self._documents = documents_of(
            stream,
            seen.origin,
            self._limits,
            self._tally,
            size=seen.size if not followed.offset else None,
            skip=followed.documents,
        )


class _Hashed:
    """So many bytes of a file, and the digest of what was read of them."""

    def __init__(self, file: io.FileIO, size: int) -> None:
        file.seek(0)
        self._file, self._left = file, size
        self._hash = blake2b(digest_size=12)
        self.size = 0

    def read(self, size: int, /) -> bytes:
        data = self._file.read(min(size, self._left)) or b""
        self._hash.update(data)
        self._left -= len(data)
        self.size += len(data)
        return data

    def digest(self) -> str:
        """Of all that is there, though not all of it was worth reading."""
        while self.read(1 << 20):
            pass
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()


class _Behind(io.RawIOBase):
    """What stands behind so many bytes of expanded data."""

    def __init__(self, pieces: Iterator[bytes], skip: int) -> None:
        self._pieces, self._skip, self._held = pieces, skip, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            passed = min(self._skip, len(piece))
            self._skip -= passed
            self._held = piece[passed:]
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


def _ignore(size: int) -> None:
    pass
