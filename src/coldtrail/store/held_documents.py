"""Documents kept in a file until something is made of them; what was not confirmed is cut off again."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from coldtrail.errors import StoreError
from coldtrail.records.telemetry import Document

_LENGTH = struct.Struct(">I")
_RIGHTS = 0o600
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Document).decode


class HeldDocuments:
    """A file of documents in the order of their coming, for its owner alone.

    Raises `StoreError` where it cannot be written or read, and where less than `least_free` bytes would be
    left on the disk."""

    def __init__(self, path: Path, size: int, least_free: int) -> None:
        """`size` is what was confirmed of it; the rest is cut off."""
        self._path, self._least_free = path, least_free
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _RIGHTS)
            self._file = os.fdopen(handle, "r+b")
            if os.fstat(handle).st_size < size:
                self._file.close()
                raise StoreError(f"{path}: some of it is gone; begin anew with --again.")
            self._file.truncate(size)
            self._file.seek(size)
        except OSError as error:
            raise self._failed(error) from None
        self.size = size
        """Bytes so far."""

    def add(self, documents: Iterable[Document]) -> None:
        """Keeps these as well; on disk once `confirm` has returned."""
        records = [_encode(document) for document in documents]
        data = b"".join([part for one in records for part in (_LENGTH.pack(len(one)), one)])
        if shutil.disk_usage(self._path.parent).free - len(data) < self._least_free:
            raise StoreError(f"{self._path}: the disk is nearly full; make room, and go on where it was.")
        try:
            self._file.write(data)
        except OSError as error:
            raise self._failed(error) from None
        self.size += len(data)

    def confirm(self) -> int:
        """The size, once all of it is on disk."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failed(error) from None
        return self.size

    def read(self) -> Iterator[Document]:
        """All of them, in their order."""
        self.confirm()
        with self._path.open("rb") as file:
            at = 0
            while at < self.size:
                (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
                yield _decode(file.read(length))
                at += _LENGTH.size + length

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(f"{self._path}: documents cannot be kept there: {error.strerror}.")
