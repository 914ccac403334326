"""Files and folders of telemetry, plain or compressed, as a stream of documents."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO

from coldtrail.config import LimitSettings
from coldtrail.errors import SourceError
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Position
from coldtrail.sources.documents import documents_of, ignore
from coldtrail.sources.expansion import Stream
from coldtrail.sources.folders import PACKED, STANDARD_INPUT, Finder, Found, status_of
from coldtrail.sources.outcomes import Outcomes
from coldtrail.sources.waiting import Waiting

_READ_ONLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_EXPANDED = 10
"""How many times larger than its compressed file telemetry usually is."""


class FileSource:
    """Documents of files, of folders (read recursively, in a fixed order) and of standard input (`-`).

    Raises `SourceError` for a path that does not exist; all other trouble is counted in the tally, and no
    sound document is lost to it.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        limits: LimitSettings,
        tally: Tally,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        self._paths = [os.fspath(path) for path in paths]
        self._limits = limits
        self._tally = tally
        self._on_bytes = on_bytes or ignore
        self._files: list[Found] | None = None
        self.outcomes = Outcomes()
        """To be told what becomes of the documents: a file that gives none worth reading is left."""
        for path in self._paths:
            if path != STANDARD_INPUT:
                status_of(path)

    @property
    def total_bytes(self) -> int:
        """The size of all files to be read, as they lie on disk; standard input counts nothing."""
        return sum(found.size for found in self._found())

    @property
    def likely_bytes(self) -> int:
        """About how much telemetry the files hold once they are expanded."""
        return sum(found.size * (_EXPANDED if found.path.endswith(PACKED) else 1) for found in self._found())

    def read(self, position: Position | None = None) -> Iterator[tuple[Document, Position]]:
        """Each document, and where to resume after it; starts after `position`."""
        files = self._found()
        origins = [found.origin for found in files]
        if position is not None and position.origin in origins:
            first = origins.index(position.origin)
            yield from self._file(files[first], position.documents)
            files = files[first + 1 :]
        for found in files:
            yield from self._file(found, 0)

    def first_documents(self, origin: str, number: int) -> Iterator[Document]:
        """So many of the first documents of a file, once more; what they lose is not counted again."""
        paths = [found.path for found in self._found() if found.origin == origin]
        again = FileSource(paths, limits=self._limits, tally=Tally())
        return islice((document for document, _ in again.read()), number)

    def first_of_each(self, most: int) -> Iterator[Document]:
        """The first document of each file, of at most so many files; nothing of standard input."""
        files = [found for found in self._found() if found.path != STANDARD_INPUT]
        for found in files[:: max(len(files) // max(most, 1), 1)]:
            yield from self.first_documents(found.origin, 1)

    def _found(self) -> list[Found]:
        if self._files is None:
            self._files = list(Finder(self._tally).find(self._paths))
        return self._files

    def _file(self, found: Found, skip: int) -> Iterator[tuple[Document, Position]]:
        if found.path == STANDARD_INPUT:
            yield from self._documents(_standard_input(), found, skip)
            return
        stream = self._open(found)
        if stream is not None:
            with stream:
                yield from self._documents(stream, found, skip)

    def _documents(self, stream: Stream, found: Found, skip: int) -> Iterator[tuple[Document, Position]]:
        origin = found.origin
        documents = documents_of(
            stream,
            origin,
            self._limits,
            self._tally,
            size=None if found.path == STANDARD_INPUT else found.size,
            skip=skip,
            on_bytes=self._on_bytes,
            hopeless=self.outcomes.hopeless,
        )
        for number, document in enumerate(documents, skip + 1):
            yield document, Position(origin, number)

    def _open(self, found: Found) -> IO[bytes] | None:
        try:
            # Without blocking: what was a file when it was found may be a pipe by now.
            descriptor = os.open(found.path, _READ_ONLY)
        except OSError as error:
            reason = f"it cannot be opened: {error.strerror or error}; grant the right to read it."
            self._tally.lose("unreadable", origin=found.origin, reason=reason)
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            reason = "it is no regular file any more; it was not read."
            self._tally.lose("no regular file", origin=found.origin, reason=reason)
            return None
        return os.fdopen(descriptor, "rb", buffering=0)


def _standard_input() -> Waiting:
    if sys.stdin is None or sys.stdin.closed:
        raise SourceError("Standard input is closed; name a file or a folder instead of `-`.")
    return Waiting(sys.stdin.buffer)
