"""JSON documents out of a stream of bytes, without decoding them and without holding more than one.

Finds where each top-level value, each element of a top-level list, and each element of an answer's `Traces`
begins and ends. Whether what lies between is sound JSON is for the parsers to say; but where brackets do not
match, or a string runs over the end of its line, the scanner finds its way again at the next line on which a
document can begin, or, in a list without line breaks, where the next trace or native event does.
"""

from __future__ import annotations

import json
import re
from enum import Enum

_STRING_REST = re.compile(rb'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")?|[{}\[\]]', re.DOTALL)
_TRACES = re.compile(rb'"(?:Traces|Records|records|Events|events)"\s*:\s*\Z')
"""How a list of documents begins in an answer, or in a file of a service."""
_NEXT_ELEMENT = rb'|,\s?(?=\{\s?"(?:Id"\s?:\s?"1-[0-9a-f]{8}-|application_name"))'
"""How the next trace of `BatchGetTraces`, or native event, begins; in a string, its quotes were escaped."""
_LOOK_BACK = 64
_MAX_DEPTH = 20_000
"""Beyond it a document is taken for broken; what is nested less deep, the parsers can save."""
_BETWEEN = b" \t\r\n,"
_CLOSER_OF = {ord("{"): ord("}"), ord("["): ord("]")}
_OPEN_LIST, _CLOSE_LIST = ord("["), ord("]")
_TOP, _IN_LIST, _IN_TRACES, _AFTER_TRACES = 0, 1, 2, -1

_decode_first = json.JSONDecoder(strict=False).raw_decode


class Trouble(Enum):
    """Why a part of the stream gave no document."""

    STRAY = "text between documents"
    TOO_LARGE = "document too large"
    BROKEN = "document broken or cut off"


class Scanner:
    """Takes pieces, and gives each document, or the trouble in its place, as soon as its end is seen."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._found: list[bytes | Trouble] = []
        self._buffer = bytearray()
        self._scanned = 0
        self._start: int | None = None
        """Where the current document begins in the buffer, or `None` between documents."""
        self._gap = 0
        """Where the text between two documents begins."""
        self._indent = b""
        """The blanks before a document that begins a line."""
        self._next_document = _next_document(b"")
        self._stray = self._too_large = self._in_string = self._lost = False
        self._expected = bytearray()
        """The closing brackets still to come, the next one last."""
        self._base = _TOP
        """The depth at which documents begin."""

    def feed(self, piece: bytes) -> list[bytes | Trouble]:
        """The documents that end in this piece."""
        self._buffer += piece
        while self._is_found() and self._end_string() and not self._scan():
            pass
        self._forget()
        found, self._found = self._found, []
        return found

    def finish(self) -> list[bytes | Trouble]:
        """The documents that can be saved from an unfinished end of the stream, and the trouble."""
        if self._start is not None:
            self._break(len(self._buffer))
        elif self._expected and not self._lost:
            self._found.append(Trouble.BROKEN)
        elif self._stray:
            self._found.append(Trouble.STRAY)
        found, self._found = self._found, []
        return found

    def _scan(self) -> bool:
        """Scans the buffer; False where a string or a search must end first."""
        for token in _TOKEN.finditer(self._buffer, self._scanned):
            at, self._scanned = token.span()
            char = self._buffer[at]
            if char in _CLOSER_OF:
                self._opened(at, char)
            elif char != 0x22:
                self._closed(at, char)
            else:
                self._in_string = self._scanned - at == 1
            if self._in_string or self._lost:
                return False
        self._scanned = len(self._buffer)
        return True

    def _end_string(self) -> bool:
        """Skips to the end of the string; False where that has not come yet."""
        if not self._in_string:
            return True
        found = _STRING_REST.match(self._buffer, self._scanned)
        self._scanned = self._scanned if found is None else found.end()
        after = bytes(self._buffer[self._scanned : self._scanned + 1])
        self._in_string = after in (b"", b"\\")
        if after == b'"':
            self._scanned += 1
        elif after == b"\n" and self._start is not None:
            self._break(self._scanned)
            return self._is_found()
        return not self._in_string

    def _opened(self, at: int, char: int) -> None:
        depth = len(self._expected)
        if self._start is None and depth == self._base:
            self._end_gap(at)
            if char == _OPEN_LIST and self._base == _TOP:
                self._enter(_IN_LIST, at + 1)
            else:
                self._begin(at)
        elif char == _OPEN_LIST and depth == 1 and self._base == _TOP and self._is_traces(at):
            self._start, self._too_large = None, False
            self._enter(_IN_TRACES, at + 1)
        self._expected.append(_CLOSER_OF[char])
        if depth > _MAX_DEPTH and self._start is not None:
            self._break(at)

    def _closed(self, at: int, char: int) -> None:
        expected = self._expected
        if self._start is None and (not expected or char != expected[-1]):
            return
        if char != expected[-1]:
            self._break(at)
            return
        expected.pop()
        depth = len(expected)
        if self._start is not None:
            if depth == self._base:
                self._found.append(self._document(self._start, at + 1))
                self._start, self._too_large, self._gap = None, False, at + 1
        elif depth == self._base - 1:
            self._end_gap(at)
            self._enter(_TOP if self._base == _IN_LIST else _AFTER_TRACES, at + 1)
        elif self._base == _AFTER_TRACES and depth == 0:
            self._enter(_TOP, at + 1)

    def _begin(self, at: int) -> None:
        self._start = at
        before = bytes(self._buffer[max(0, at - _LOOK_BACK) : at]).rpartition(b"\n")[2]
        if before != self._indent and (not before or before.isspace()):
            self._indent, self._next_document = before, _next_document(before)

    def _is_traces(self, at: int) -> bool:
        return _TRACES.search(self._buffer[max(0, at - _LOOK_BACK) : at]) is not None

    def _enter(self, base: int, gap: int) -> None:
        self._base, self._gap = base, gap

    def _document(self, start: int, end: int) -> bytes | Trouble:
        if self._too_large or end - start > self._max_bytes:
            return Trouble.TOO_LARGE
        return bytes(self._buffer[start:end])

    def _break(self, at: int) -> None:
        """Gives up the current document; what were taken for its parts may be whole documents."""
        self._found.append(Trouble.TOO_LARGE if self._too_large else Trouble.BROKEN)
        resume = at
        if not self._too_large and self._start is not None:
            resume = self._save_parts(self._start, at)
        self._start, self._too_large, self._in_string, self._lost = None, False, False, True
        self._scanned = resume
        del self._expected[max(self._base, 0) :]

    def _save_parts(self, start: int, end: int) -> int:
        """Saves the whole documents between start and end, and gives the place to look for the next."""
        begins = [match.span() for match in self._next_document.finditer(self._buffer, start, end)]
        stops = [begin for begin, _ in begins[1:]] + [end]
        for (_, begin), stop in zip(begins, stops, strict=False):
            part = _sound_part(bytes(self._buffer[begin:stop]))
            if part is not None:
                self._found.append(part)
            elif stop == end:
                return begins[-1][0]
        return end

    def _is_found(self) -> bool:
        """Looks for the next place where a document can begin; False where that has not come yet."""
        if not self._lost:
            return True
        found = self._next_document.search(self._buffer, self._scanned)
        if found is None:
            self._scanned = max(self._scanned, len(self._buffer) - len(self._indent) - _LOOK_BACK)
            return False
        self._scanned = self._gap = found.end()
        self._lost = False
        return True

    def _end_gap(self, end: int) -> None:
        self._look_at_gap(end)
        if self._stray:
            self._found.append(Trouble.STRAY)
            self._stray = False

    def _look_at_gap(self, end: int) -> None:
        if self._base >= _TOP and not self._lost and self._buffer[self._gap : end].strip(_BETWEEN):
            self._stray = True

    def _forget(self) -> None:
        """Drops what is no longer needed, so that at most one document is held."""
        if self._start is None:
            self._look_at_gap(self._scanned)
        elif len(self._buffer) - self._start > self._max_bytes:
            self._too_large = True
        done = self._start
        if done is None or self._too_large:
            done = max(0, self._scanned - _LOOK_BACK)
        del self._buffer[:done]
        self._scanned -= done
        self._gap = self._scanned
        if self._start is not None:
            self._start = 0


def _next_document(indent: bytes) -> re.Pattern[bytes]:
    """How the next document begins, where those before began lines after these blanks."""
    return re.compile(rb"\n" + indent + rb"(?=\{)" + _NEXT_ELEMENT)


def _sound_part(text: bytes) -> bytes | None:
    """The sound object that the text begins with, if it does."""
    decoded = text.decode("utf-8", "replace")
    try:
        _, end = _decode_first(decoded)
    except (ValueError, RecursionError):
        return None
    return decoded[:end].encode()
