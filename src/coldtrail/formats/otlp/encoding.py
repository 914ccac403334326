"""The wire format of protobuf, without any library of it: fields of messages, and attributes of spans.

Nothing recurses, and no length is believed that leads out of what holds it. Sources: protobuf.dev,
"Encoding"; opentelemetry-proto 1.11, `common/v1/common.proto`.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct as Layout
from typing import NamedTuple

from coldtrail.formats.otel.attributes import LISTED
from coldtrail.formats.otel.memory import Alone, Token, token_of

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_MOST_REMEMBERED = 50_000
_MOST_REMEMBERED_BYTES = 512
_MOST_VALUES = 25
_MAX_TEXT_BYTES = 8_192
_double = Layout("<d").unpack_from


class WireError(Exception):
    """The bytes are no protobuf from here on."""


class Field(NamedTuple):
    """Where the content of a field lies; of a number, the number itself."""

    number: int
    start: int
    stop: int
    value: int = 0


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise WireError


def fields(data: bytes, at: int, end: int, *, cut: bool = False) -> Iterator[Field]:
    """The fields of a message; with `cut`, the last one is given as far as it goes where it is cut off."""
    while at < end:
        tag, at = varint(data, at, end)
        number, kind = tag >> 3, tag & 7
        value, start = 0, at
        if kind == BYTES:
            size, start = varint(data, at, end)
            at = start + size
        elif kind == VARINT:
            value, at = varint(data, at, end)
        elif kind in (FIXED64, FIXED32):
            at += 8 if kind == FIXED64 else 4
        else:
            raise WireError
        if number == 0 or (at > end and not (cut and kind == BYTES)):
            raise WireError
        yield Field(number, start, min(at, end), value)
        if at > end:
            raise WireError


class Tokens(dict[bytes, Token | None]):
    """Attributes by their bytes, each read once: None for those that may not enter."""

    def __missing__(self, pair: bytes) -> Token | None:
        token = _token(pair)
        if len(pair) <= _MOST_REMEMBERED_BYTES and not isinstance(token, Alone):
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[pair] = token
        return token


def _token(pair: bytes) -> Token | None:
    """The token of a `KeyValue`; None also for one that is broken, which costs nothing but itself."""
    key, value = b"", b""
    try:
        for field in fields(pair, 0, len(pair)):
            if field.number == 1:
                key = pair[field.start : field.stop]
            elif field.number == 2:
                value = pair[field.start : field.stop]
        return token_of(key.decode("ascii", "replace"), value_of(value))
    except WireError:
        return None


def is_unlisted(key: bytes) -> bool:
    """Whether no attribute of this name may enter, whatever its value is."""
    return key.decode("ascii", "replace") not in LISTED


def value_of(data: bytes) -> object:
    """What an `AnyValue` holds, if that is of any use; of a list, the texts in it."""
    found: object = None
    for field in fields(data, 0, len(data)):
        content = data[field.start : field.stop]
        if field.number == 1:
            found = content[:_MAX_TEXT_BYTES].decode("utf-8", "replace")
        elif field.number == 2:
            found = field.value != 0
        elif field.number == 3:
            found = field.value - (1 << 64 if field.value >> 63 else 0)
        elif field.number == 4 and len(content) == 8:
            (found,) = _double(content)
        elif field.number == 5:
            found = _texts(content)
        elif field.number in (6, 7):
            found = None
    return found


def _texts(data: bytes) -> list[str]:
    found: list[str] = []
    for element in fields(data, 0, len(data)):
        if element.number != 1 or len(found) == _MOST_VALUES:
            continue
        inside = fields(data, element.start, element.stop)
        texts = [data[field.start : field.stop] for field in inside if field.number == 1]
        found += [text[:_MAX_TEXT_BYTES].decode("utf-8", "replace") for text in texts[:_MOST_VALUES]]
    return found
