"""JSON documents out of a stream of bytes, without decoding them and without holding more than one.

Finds where each top-level value, each element of a top-level list, and each element of an answer's `Traces`
begins and ends. Whether what lies between is sound JSON is for the parsers to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]*+(?:\\.[^"\\]*+)*+")?|[{}\[\]]', re.DOTALL)
_TRACES = re.compile(rb'"Traces"\s*:\s*\Z')
_LOOK_BACK = 64
_BETWEEN = b" \t\r\n,"
_QUOTE, _OPEN_LIST, _OPENERS = ord('"'), ord("["), b"{["
_TOP, _IN_LIST, _IN_TRACES, _AFTER_TRACES = 0, 1, 2, -1


class Trouble(Enum):
    """Why a part of the stream gave no document."""

    STRAY = "text between documents"
    TOO_LARGE = "document too large"
    CUT_OFF = "document cut off"


class Scanner:
    """Feed it pieces: it gives each document, or the trouble in its place, once its end is seen."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._scanned = 0
        self._start: int | None = None
        """Where the current document begins in the buffer, or `None` between documents."""
        self._gap = 0
        """Where the text between two documents begins."""
        self._stray = self._too_large = self._in_string = False
        self._indent: bytes | None = None
        """What stands before the current document on its line; `None` where that is more than blanks."""
        self._depth = 0
        self._base = _TOP
        """The depth at which documents begin."""

    def feed(self, piece: bytes) -> Iterator[bytes | Trouble]:
        """The documents that end in this piece."""
        self._buffer += piece
        yield from self._scan()
        self._forget()

    def finish(self) -> Iterator[Trouble]:
        """The trouble with what is left at the end of the stream, if any."""
        if self._start is not None or self._depth:
            yield Trouble.TOO_LARGE if self._too_large else Trouble.CUT_OFF
        elif self._stray:
            yield Trouble.STRAY

    def salvage(self) -> list[bytes]:
        """What may be whole documents in what is left at the end of the stream.

        After a missing quote or brace all that follows looks like one document that never ends. Its parts are
        told apart by their lines: they begin in the same column.
        """
        if self._start is None or self._too_large or self._indent is None:
            return []
        rest = bytes(self._buffer[self._start :])
        return re.split(rb"\r?\n" + self._indent + rb"(?=\{)", rest)

    def _scan(self) -> Iterator[bytes | Trouble]:
        while not self._in_string or self._end_string():
            for token in _TOKEN.finditer(self._buffer, self._scanned):
                at, self._scanned = token.span()
                char = self._buffer[at]
                if char != _QUOTE:
                    yield from self._opened(at, char) if char in _OPENERS else self._closed(self._scanned)
                elif self._scanned - at == 1:
                    self._in_string = True
                    break
            else:
                self._scanned = len(self._buffer)
                return

    def _end_string(self) -> bool:
        found = _STRING_REST.match(self._buffer, self._scanned)
        self._scanned = self._scanned if found is None else found.end()
        if self._buffer[self._scanned : self._scanned + 1] != b'"':
            return False
        self._in_string = False
        self._scanned += 1
        return True

    def _opened(self, at: int, char: int) -> Iterator[Trouble]:
        if self._start is None and self._depth == self._base:
            yield from self._end_gap(at)
            if char == _OPEN_LIST and self._base == _TOP:
                self._enter(_IN_LIST, at + 1)
            else:
                self._start, self._indent = at, self._blanks_before(at)
        elif char == _OPEN_LIST and self._depth == 1 and self._base == _TOP:
            before = self._buffer[max(0, at - _LOOK_BACK) : at]
            if _TRACES.search(before):
                self._start, self._too_large = None, False
                self._enter(_IN_TRACES, at + 1)
        self._depth += 1

    def _blanks_before(self, at: int) -> bytes | None:
        before = bytes(self._buffer[max(0, at - _LOOK_BACK) : at]).rpartition(b"\n")[2]
        return before if not before or before.isspace() else None

    def _closed(self, end: int) -> Iterator[bytes | Trouble]:
        if self._depth == 0:
            return
        self._depth -= 1
        if self._start is not None:
            if self._depth == self._base:
                yield self._document(self._start, end)
                self._start, self._too_large, self._gap = None, False, end
        elif self._depth == self._base - 1:
            yield from self._end_gap(end - 1)
            self._enter(_TOP if self._base == _IN_LIST else _AFTER_TRACES, end)
        elif self._base == _AFTER_TRACES and self._depth == 0:
            self._enter(_TOP, end)

    def _enter(self, base: int, gap: int) -> None:
        self._base, self._gap = base, gap

    def _document(self, start: int, end: int) -> bytes | Trouble:
        if self._too_large or end - start > self._max_bytes:
            return Trouble.TOO_LARGE
        return bytes(self._buffer[start:end])

    def _end_gap(self, end: int) -> Iterator[Trouble]:
        self._look_at_gap(end)
        if self._stray:
            self._stray = False
            yield Trouble.STRAY

    def _look_at_gap(self, end: int) -> None:
        if self._base >= _TOP and self._buffer[self._gap : end].strip(_BETWEEN):
            self._stray = True

    def _forget(self) -> None:
        """Drop what is not needed any more, so that at most one document is held."""
        if self._start is None:
            self._look_at_gap(self._scanned)
        elif len(self._buffer) - self._start > self._max_bytes:
            self._too_large = True
        done = self._scanned if self._too_large else max(0, self._scanned - _LOOK_BACK)
        done = done if self._start is None or self._too_large else self._start
        del self._buffer[:done]
        self._scanned -= done
        self._gap = self._scanned if self._start is None else 0
        if self._start is not None:
            self._start = 0
