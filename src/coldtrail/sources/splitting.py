"""A stream of bytes as documents: JSON lines, lists, answers of `BatchGetTraces`, objects, requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec
from msgspec import Raw

from coldtrail.sources.answers import END_BYTES, answer_of, looks_like_answer, missing_at_end
from coldtrail.sources.messages import Messages, form_of
from coldtrail.sources.outcomes import MOST_REFUSED
from coldtrail.sources.scanner import Scanner, Trouble
from coldtrail.sources.text_lines import whole_records
from coldtrail.sources.texts import ZERO, is_text, why_not_text

_UTF8_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 1 << 20
_SCANNED_BYTES = 1 << 16
_ZEROS_TOLD = "zero bytes stand here, as damage to a disk leaves them; they were passed over."
_HOPELESS = f"the first {MOST_REFUSED:,} parts are all broken; the rest of the file was not read."
_STRAY_BYTES = re.compile(rb"[^{\[\n]{1,4}(?=[{\[])")
_TAG = b"\n"
_PREFIX_BYTES = 6
"""Within which a request in protobuf's wire format has its first tag."""
_OPEN_ENDS = (b"[", b",")
_SPACE = b" \t\r\n"
_ZEROS_AND_SPACE = _SPACE + ZERO

Lose = Callable[[str, str, str], None]
"""Records a loss: kind, place, sentence."""
Place = tuple[str, bytes]


_decode_list = msgspec.json.Decoder(list[Raw]).decode
_check = msgspec.json.Decoder(Raw).decode
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_REASONS = {
    Trouble.STRAY: "what stands here is no JSON object; it was passed over.",
    Trouble.TOO_LARGE: "this is larger than limits.max_document_bytes ({limit:,}); it was passed over.",
    Trouble.BROKEN: "this document is broken or cut off: its end is missing; copy or export it again.",
}


class Splitter:
    """Gives each document with its place; what cannot be one is reported to `lose`."""

    def __init__(self, max_document_bytes: int, lose: Lose, is_damaged: Callable[[], bool]) -> None:
        self._max_bytes = max_document_bytes
        self._lose = lose
        self._is_damaged = is_damaged
        """Whether the stream was cut short; then its last line may be half a line."""
        self.empty = 0
        """Lists and answers that held nothing, and lack nothing."""

    def split(self, pieces: Iterator[bytes]) -> Iterator[Place]:
        """The documents of the stream, in order."""
        head, ended = _head(pieces)
        if not ended and (ZERO in head or _TAG in head[:_PREFIX_BYTES]):
            head, ended = _longer(head, pieces)
        form = form_of(head)
        if form is not None:
            yield from Messages(form, self._max_bytes, self._lose).documents(_chain(head, pieces))
            return
        if not head:
            if not self._is_damaged():
                self._lose("empty file", "", "the file is empty.")
            return
        if not is_text(head):
            self._lose("not text", "", why_not_text(head))
            return
        head = head.removeprefix(_UTF8_MARK)
        if is_lines(head, ended, self._max_bytes):
            yield from whole_records(self._lines(_chain(head, pieces)))
        else:
            yield from self._values(head, pieces)

    def _lines(self, pieces: Iterator[bytes]) -> Iterator[Place]:
        number = held = 0
        parts: list[bytes] = []
        for piece in pieces:
            if not parts and piece.isspace():
                number += piece.count(b"\n")
                continue
            start = 0
            # Not `split`: that looks at each byte by itself, `find` at many at once.
            while (end := piece.find(b"\n", start)) >= 0:
                line = piece[start:end]
                start = end + 1
                number += 1
                if parts:
                    held += len(line)
                    parts.append(line)
                    line = b"".join(parts) if held <= self._max_bytes else b""
                    parts, held = [], self._note_too_large(held, number)
                elif len(line) > self._max_bytes:
                    self._note_too_large(len(line), number)
                    continue
                if line and not line.isspace():
                    yield from self._line(line, number)
            if start < len(piece):
                held += len(piece) - start
                parts.append(piece[start:])
                if held > self._max_bytes:
                    parts = [b" "]
        self._note_too_large(held, number + 1)
        last = b"".join(parts)
        if last and not last.isspace():
            yield from self._last_line(last, number + 1)

    def _note_too_large(self, size: int, number: int) -> int:
        if size > self._max_bytes:
            self._lose_trouble(Trouble.TOO_LARGE, f"line {number:,}")
        return 0

    def _line(self, line: bytes, number: int) -> Iterator[Place]:
        if line[0] == 0 or line[-1] == 0:
            self._lose("zero bytes", f"line {number:,}", _ZEROS_TOLD)
            line = line.strip(_ZEROS_AND_SPACE)
            if not line:
                return
        if line.startswith(_UTF8_MARK):
            line = line.removeprefix(_UTF8_MARK)
        if line[:1] == b"[" or looks_like_answer(line):
            parts = self._whole(line, f"line {number}")
            if parts is not None:
                for place, part in parts:
                    yield f"line {number}, {place}" if place else f"line {number}", part
                return
        yield f"line {number}", line

    def _last_line(self, line: bytes, number: int) -> Iterator[Place]:
        if self._is_damaged() and not _is_sound(line):
            return
        yield from self._line(line, number)

    def _values(self, head: bytes, pieces: Iterator[bytes]) -> Iterator[Place]:
        held, size = [head], len(head)
        while size <= self._max_bytes and (piece := next(pieces, None)) is not None:
            held.append(piece)
            size += len(piece)
        if size > self._max_bytes:
            yield from self._scan(_chain(b"".join(held), pieces))
            return
        whole = b"".join(held)
        documents = None if self._is_damaged() else self._whole(whole)
        if documents is None:
            yield from self._scan(iter((whole,)))
        else:
            yield from documents

    def _whole(self, text: bytes, within: str = "") -> list[Place] | None:
        """The documents of a text that is one sound JSON value, else `None`; what an answer of the cloud says
        is missing from it is a loss."""
        try:
            if text.lstrip(_SPACE)[:1] == b"[":
                documents: list[Place] = []
                elements = _decode_list(text)
                self.empty += not elements
                for index, element in enumerate(elements, 1):
                    documents += self._answered(f"element {index}", bytes(element), within)
                return documents
            return self._answered("", text, within)
        except _BROKEN:
            return None

    def _answered(self, place: str, text: bytes, within: str) -> list[Place]:
        """The traces of an answer, each a document; of anything else the text itself."""
        answer = answer_of(text) if not place or looks_like_answer(text) else None
        if answer is None:
            return [(place, text)]
        self.empty += not answer.traces and not answer.missing
        for kind, reason in answer.missing:
            self._lose(kind, ", ".join([part for part in (within, place) if part]), reason)
        before = f"{place}, " if place else ""
        return [(f"{before}trace {index}", trace) for index, trace in enumerate(answer.traces, 1)]

    def _scan(self, pieces: Iterator[bytes]) -> Iterator[Place]:
        scanner = Scanner(self._max_bytes)
        number = 0
        documents = 0
        end, is_answer = b"", False
        for piece in pieces:
            is_answer = is_answer or (not end and looks_like_answer(piece))
            end = (end + piece)[-END_BYTES:] if len(piece) < END_BYTES else piece[-END_BYTES:]
            for start in range(0, len(piece), _SCANNED_BYTES):
                for found in scanner.feed(piece[start : start + _SCANNED_BYTES]):
                    number += 1
                    documents += isinstance(found, bytes)
                    yield from self._result(found, number)
                if not documents and number >= MOST_REFUSED:
                    self._lose("no document", f"after document {number:,}", _HOPELESS)
                    return
        for found in scanner.finish():
            number += 1
            if found is not Trouble.BROKEN or not self._is_damaged():
                yield from self._result(found, number)
        for kind, reason in missing_at_end(end, documents) if is_answer else ():
            self._lose(kind, "", reason)

    def _result(self, found: bytes | Trouble, number: int) -> Iterator[Place]:
        if isinstance(found, Trouble):
            self._lose_trouble(found, f"document {number:,}")
        else:
            yield f"document {number}", found

    def _lose_trouble(self, trouble: Trouble, place: str) -> None:
        self._lose(trouble.value, place, _REASONS[trouble].format(limit=self._max_bytes))


def _head(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first bytes, up to a whole line of content, and whether the stream ended in them."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD_BYTES or b"\n" in head.lstrip(_SPACE):
            return head, False
    return head, True


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _longer(head: bytes, pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The head with more behind it, and whether the stream ended in it: zeros alone tell little of a file."""
    parts, size = [head], len(head)
    while size < _HEAD_BYTES:
        piece = next(pieces, None)
        if piece is None:
            return b"".join(parts), True
        parts.append(piece)
        size += len(piece)
    return b"".join(parts), False


def is_lines(head: bytes, ended: bool, max_bytes: int) -> bool:
    """Whether a file is one document a line, judged by its first lines; `ended` says that they are all."""
    text = head.lstrip(_ZEROS_AND_SPACE)
    stray = _STRAY_BYTES.match(text)
    if stray is not None:
        text = text[stray.end() :]
    if text[:1] not in (b"{", b"["):
        return True
    first, newline, rest = text.partition(b"\n")
    if not newline or len(first) > max_bytes:
        return False
    if _is_sound(first):
        return not ended or bool(rest.strip(_SPACE))
    if first.rstrip(_SPACE).endswith(_OPEN_ENDS):
        return False
    return any(line[:1] == b"{" and _is_sound(line) for line in rest.split(b"\n", 5)[:5])


def _is_sound(text: bytes) -> bool:
    try:
        _check(text)
    except _BROKEN:
        return False
    return True
