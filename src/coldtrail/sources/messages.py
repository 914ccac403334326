"""Files of OTLP requests in protobuf's wire format, cut into documents between their parts.

Three forms occur: one request or several after each other, which protobuf takes for one; requests with their
length before each as a number of variable length (OpenTelemetry specification, "OTLP file exporter"); and
with four bytes before each, as the collector's file exporter writes them. Whether spans are sound is for the
parser to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

_TAG = 0x0A
"""Of `resource_spans`, the one field of a request; of the resource in it; of the scope in what follows."""
_PART = 0x12
"""Of what a resource, and then a scope, is about."""
_LEVEL_TAGS = frozenset((_TAG, _PART, 0x1A))
_TRACE_ID = b"\n\x10"
_BATCH_BYTES = 1 << 20
"""Parts of a request are given together up to so many bytes."""
_LOOKED_AT = 64

_BROKEN = "the requests are broken or cut off from here on; export them again."
_TOO_LARGE = "this is larger than limits.max_document_bytes ({limit:,}); it was passed over."

Lose = Callable[[str, str, str], None]
Place = tuple[str, bytes]


class Form(Enum):
    """What stands before a request."""

    BARE = "nothing"
    VARINT = "its length"
    FIXED = "its length in four bytes"


def form_of(head: bytes) -> Form | None:
    """The form of a file that begins with these bytes; None for anything but requests."""
    if _begins_request(head, 0, len(head)):
        return Form.BARE
    if len(head) > 4 and (size := int.from_bytes(head[:4], "big")) and _begins_request(head, 4, 4 + size):
        return Form.FIXED
    prefix = _number(head, 0)
    if prefix is not None and prefix[0] and _begins_request(head, prefix[1], sum(prefix)):
        return Form.VARINT
    return None


def _begins_request(data: bytes, at: int, end: int) -> bool:
    """Whether a span in a scope in a resource stands here, each as long as its length says.

    What lies beyond the bytes at hand is believed.
    """
    if data[at : at + 1] != bytes((_TAG,)):
        return False
    found = _field(data, at)
    for _ in range(2):
        if found is None or found[2] > end:
            return False
        _, at, end = found
        found = _first_part(data, at, end)
    return found is not None and found[2] <= end and data[found[1] : found[1] + 2] == _TRACE_ID


def _first_part(data: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    for _ in range(_LOOKED_AT):
        found = _field(data, at)
        if found is None or found[0] not in _LEVEL_TAGS or found[2] > end:
            return None
        if found[0] == _PART:
            return found
        at = found[2]
    return None


def _field(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Tag, begin and end of a field that has a length."""
    size = _number(data, at + 1)
    return None if size is None else (data[at], size[1], size[1] + size[0])


def _number(data: bytes, at: int) -> tuple[int, int] | None:
    """A number of variable length, and where it ends; None where it does not end in the bytes at hand."""
    value = 0
    for place, byte in enumerate(data[at : at + 5]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    return None


class Messages:
    """Gives the documents of a stream of requests; what cannot be one is reported to `lose`."""

    def __init__(self, form: Form, max_bytes: int, lose: Lose) -> None:
        self._form, self._max_bytes, self._lose = form, max_bytes, lose
        self._buffer = bytearray()
        self._number = 0
        self._pieces: Iterator[bytes] = iter(())

    def documents(self, pieces: Iterator[bytes]) -> Iterator[Place]:
        """The documents, in order."""
        self._pieces = pieces
        batch = bytearray()
        while self._fill(1):
            start, size = self._next_size()
            if size is None:
                yield from self._rest(batch)
                return
            if size > self._max_bytes:
                self._lose("document too large", self._place(), _TOO_LARGE.format(limit=self._max_bytes))
                self._skip(start + size)
                continue
            if not self._fill(start + size):
                yield from self._rest(batch)
                return
            if self._form is Form.BARE and len(batch) + start + size <= max(_BATCH_BYTES, start + size):
                batch += self._take(start + size)
                continue
            yield from self._given(batch)
            batch = bytearray()
            if self._form is Form.BARE:
                batch += self._take(start + size)
            else:
                self._take(start)
                yield from self._given(self._take(size))
        yield from self._given(batch)

    def _next_size(self) -> tuple[int, int | None]:
        """Where the next part begins, and how long it is; None where no part begins."""
        if self._form is Form.FIXED:
            if not self._fill(4):
                return 0, None
            return 4, int.from_bytes(self._buffer[:4], "big")
        self._fill(6)
        tag = 1 if self._form is Form.BARE else 0
        found = _number(bytes(self._buffer[:6]), tag)
        if found is None or (tag and self._buffer[0] != _TAG):
            return 0, None
        return found[1], found[0]

    def _rest(self, batch: bytearray) -> Iterator[Place]:
        """What is left where no whole part begins: of a request that is cut off, all that is there."""
        yield from self._given(batch)
        if self._form is not Form.BARE:
            self._take(4 if self._form is Form.FIXED else self._next_size()[0])
        if self._buffer[:1] == bytes((_TAG,)) and _begins_request(bytes(self._buffer), 0, 1 << 62):
            yield from self._given(self._take(min(len(self._buffer), self._max_bytes)))
        else:
            self._lose("document broken or cut off", self._place(), _BROKEN)

    def _given(self, document: bytes | bytearray) -> Iterator[Place]:
        if document:
            place = self._place() if self._number or self._form is not Form.BARE else "request 1"
            self._number += 1
            yield place, bytes(document)

    def _place(self) -> str:
        return f"request {self._number + 1:,}"

    def _fill(self, size: int) -> bool:
        """Whether so many bytes are at hand, read if need be."""
        while len(self._buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._buffer += piece
        return True

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _skip(self, size: int) -> None:
        """Pass so many bytes over without holding them."""
        while size > len(self._buffer):
            size -= len(self._buffer)
            self._buffer.clear()
            if not self._fill(1):
                return
        del self._buffer[:size]
