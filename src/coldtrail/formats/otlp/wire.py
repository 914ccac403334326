"""Spans out of requests in protobuf's wire format; of one that is cut off, the whole spans are kept.

Only what is listed is looked at; all else is stepped over. Source: opentelemetry-proto 1.11,
`collector/trace/v1/trace_service.proto` and `trace/v1/trace.proto`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from coldtrail.formats.ids import is_id
from coldtrail.formats.otel.memory import Alone, Known, Memory, Resource, Token, request_of, token_of
from coldtrail.formats.otel.spans import Told, told_of
from coldtrail.formats.otel.values import IS_REMOTE
from coldtrail.formats.otlp.encoding import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Tokens,
    WireError,
    fields,
    varint,
)
from coldtrail.formats.otlp.layouts import Layouts, Parts

_CUT = "The request is broken or cut off; the spans before that place were kept."
_ERROR = 2
_MOST_LINKS = 32
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8
_NO_PARENT = bytes(_SPAN_ID_BYTES)
_LEAST_BYTES = 64
_MAX_NAME_BYTES = 8_192
_TRACE_ID, _SPAN_ID, _PARENT_ID, _NAME, _STATUS = 0x0A, 0x12, 0x22, 0x2A, 0x7A
_RESOURCE_SPANS, _RESOURCE, _SCOPE_SPANS, _SPAN = 0x0A, 0x0A, 0x12, 0x12
_KIND, _START, _END, _ATTRIBUTE, _LINK = 0x30, 0x39, 0x41, 0x4A, 0x6A
_TEXT = 0x0A
_FLAGS = b"\x85\x01"
_time = struct.Struct("<xQ").unpack_from
_word = struct.Struct("<2xI").unpack_from

_Scanned = tuple[dict[int, bytes], list[Token], list[Token], list[bytes], int, int, int, int]
"""Parts by tag, attributes, those that no other span shares, links, kind, start, end and flags of a span."""


class WireReader:
    """Requests to spans; what is wrong with them is appended to `problems`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._tokens = Tokens()
        self._layouts = Layouts(self._tokens)

    def spans(self, data: bytes, problems: list[str]) -> list[Told]:
        """The spans of a request, up to where it is broken."""
        found: list[Told] = []
        try:
            for tag, at, end in _parts(data, 0, len(data)):
                if tag == _RESOURCE_SPANS:
                    self._add_resource_spans(data, at, end, found, problems)
                if end > len(data):
                    raise WireError
        except WireError:
            problems.append(_CUT)
        return found

    def _add_resource_spans(
        self, data: bytes, at: int, end: int, found: list[Told], problems: list[str]
    ) -> None:
        scopes: list[tuple[int, int]] = []
        resource, broken = b"", end > len(data)
        end = min(end, len(data))
        try:
            for tag, start, stop in _parts(data, at, end):
                broken = broken or stop > end
                if tag == _RESOURCE and stop <= end:
                    resource = data[start:stop]
                elif tag == _SCOPE_SPANS:
                    scopes.append((start, stop if stop < end else end))
        except WireError:
            broken = True
        shared = self._resource(resource)
        for start, stop in scopes:
            self._add_scope_spans(data, start, stop, shared, found, problems)
        if broken:
            raise WireError

    def _add_scope_spans(
        self, data: bytes, at: int, end: int, resource: Resource, found: list[Told], problems: list[str]
    ) -> None:
        append, alike, span = found.append, self._alike, self._span
        while at < end:
            if data[at] != _SPAN:
                at = _after(data, at, end)
                continue
            size, at = varint(data, at + 1, end)
            stop = at + size
            if stop > end:
                raise WireError
            told = alike(data, at, stop, resource, problems) if size >= _LEAST_BYTES else None
            told = told or span(data, at, stop, resource, problems)
            if told is not None:
                append(told)
            at = stop
        if at > end:
            raise WireError

    def _resource(self, data: bytes) -> Resource:
        known = self._memory.resource(data)
        if known is not None:
            return known
        tokens: list[Token] = []
        for field in fields(data, 0, len(data)):
            token = self._tokens[data[field.start : field.stop]] if field.number == 1 else None
            if token is not None:
                tokens.append(token)
        return self._memory.learn_resource(data, tokens, len(data))

    def _alike(self, data: bytes, at: int, end: int, resource: Resource, problems: list[str]) -> Told | None:
        """The span, where it is laid out as another one was, and means the same."""
        layouts = self._layouts
        for layout in layouts.alike(data, at, end):
            parts = layout.unpack(data, at)
            known = resource.shapes.get(layout.same(parts))
            if known is None:
                continue
            meaning, failed, is_remote = known
            parent_id = None if layout.parent_id is None else parts[layout.parent_id]
            request_id = None
            if layout.alone and (meaning.asks_request or parent_id is None):
                request_id = _request_in(layout.alone, parts)
                if request_id is None:
                    return None
            layouts.note()
            return told_of(
                parts[layout.trace_id].hex(),
                parts[layout.span_id].hex(),
                None if parent_id is None or parent_id == _NO_PARENT else parent_id.hex(),
                parts[layout.start],
                parts[layout.end],
                failed,
                meaning,
                problems,
                is_remote,
                request_id,
            )
        return None

    def _span(self, data: bytes, at: int, end: int, resource: Resource, problems: list[str]) -> Told | None:
        parts, tokens, alone, links, kind, start, stop, flags = self._scanned(data, at, end)
        trace_id, span_id = parts.get(_TRACE_ID, b""), parts.get(_SPAN_ID, b"")
        if len(trace_id) != _TRACE_ID_BYTES or len(span_id) != _SPAN_ID_BYTES:
            problems.append("A span was left out: it has no trace id of 16 bytes and span id of 8.")
            return None
        name = parts.get(_NAME, b"")
        key = (*tokens, name, kind)
        meaning = resource.meanings.get(key)
        if meaning is None:
            shown = name[:_MAX_NAME_BYTES].decode("utf-8", "replace")
            meaning = self._memory.learn(resource, key, tokens, shown, kind)
        parent_id = parts.get(_PARENT_ID)
        failed = _STATUS in parts and _is_error(parts[_STATUS])
        is_remote = flags & IS_REMOTE != 0
        if not links and end - at >= _LEAST_BYTES:
            self._learn(data, at, end, resource, Known(meaning, failed, is_remote))
        asks = alone and (meaning.asks_request or parent_id is None)
        return told_of(
            trace_id.hex(),
            span_id.hex(),
            None if parent_id is None or parent_id == _NO_PARENT else parent_id.hex(),
            start,
            stop,
            failed,
            meaning,
            problems,
            is_remote,
            request_of(alone) if asks else None,
            tuple(map(_link, links)) if links else (),
        )

    def _learn(self, data: bytes, at: int, end: int, resource: Resource, known: Known) -> None:
        layouts = self._layouts
        layout = layouts.learn(data, at, end)
        if layout is not None:
            self._memory.learn_shape(resource, layout.same(layout.unpack(data, at)), known, end - at)

    def _scanned(self, data: bytes, at: int, end: int) -> _Scanned:
        """What of a span is looked at: this is where most of the time goes."""
        known = self._tokens
        parts: dict[int, bytes] = {}
        tokens: list[Token] = []
        alone: list[Token] = []
        links: list[bytes] = []
        kind = start = stop = flags = 0
        try:
            while at < end:
                tag = data[at]
                if tag & 7 == BYTES and tag < 0x80:
                    size = data[at + 1]
                    first = at + 2
                    if size >= 0x80:
                        size, first = varint(data, at + 1, end)
                    at = first + size
                    if at > end:
                        raise WireError
                    if tag == _ATTRIBUTE:
                        token = known[data[first:at]]
                        if isinstance(token, Alone):
                            alone.append(token)
                            token = token.mark
                        if token is not None:
                            tokens.append(token)
                    elif tag == _LINK and len(links) < _MOST_LINKS:
                        links.append(data[first:at])
                    else:
                        parts[tag] = data[first:at]
                elif tag == _START:
                    (start,) = _time(data, at)
                    at += 9
                elif tag == _END:
                    (stop,) = _time(data, at)
                    at += 9
                elif tag == _KIND:
                    kind, at = varint(data, at + 1, end)
                else:
                    flags = _word(data, at)[0] if data[at : at + 2] == _FLAGS else flags
                    at = _after(data, at, end)
        except (IndexError, struct.error):
            raise WireError from None
        if at > end:
            raise WireError
        return parts, tokens, alone, links, kind, start, stop, flags


def _request_in(alone: Sequence[tuple[str, int]], parts: Parts) -> str | None:
    """The request id among the parts of a span; None where that takes a careful look."""
    tokens: list[Token] = []
    for name, place in alone:
        value = parts[place]
        size = len(value) - 2
        # A short text, as its tag and its length say.
        if not 0 < size < 0x80 or value[0] != _TEXT or value[1] != size or not value.isascii():
            return None
        text = str(value[2:], "ascii")
        if len(alone) == 1 and is_id(text):
            return text
        token = token_of(name, text)
        if token is None:
            return None
        tokens.append(token)
    return request_of(tokens)


def _is_error(status: bytes) -> bool:
    """Whether a `Status` says that its span failed."""
    return any(field.number == 3 and field.value == _ERROR for field in fields(status, 0, len(status)))


def _link(data: bytes) -> tuple[str, str]:
    """The trace and the span of a `Link`."""
    ids = {field.number: data[field.start : field.stop].hex() for field in fields(data, 0, len(data))}
    return ids.get(1, ""), ids.get(2, "")


def _parts(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tags, begins and ends of the fields that have a length; the last may reach beyond the end."""
    while at < end:
        tag = data[at]
        if tag & 7 != BYTES or tag >= 0x80:
            at = _after(data, at, end)
            continue
        size, start = varint(data, at + 1, end)
        at = start + size
        yield tag, start, at


def _after(data: bytes, at: int, end: int) -> int:
    """Where the field ends that begins here."""
    tag, at = varint(data, at, end)
    kind = tag & 7
    if kind == BYTES:
        size, at = varint(data, at, end)
        return at + size
    if kind == VARINT:
        return varint(data, at, end)[1]
    if kind not in (FIXED64, FIXED32):
        raise WireError
    return at + (8 if kind == FIXED64 else 4)
