"""Spans out of requests in JSON: as exporters send them, as the collector's file exporter writes them, or
lists of `ResourceSpans`.

Identifiers are hexadecimal, or base64 where protobuf's own JSON writer was used; 64-bit numbers texts or
numbers; kinds and codes numbers or names. Source: OTLP specification 1.11, "JSON Protobuf encoding".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from coldtrail.errors import DocumentError
from coldtrail.formats.json_reading import pruned
from coldtrail.formats.otel.memory import Alone, Memory, Resource, Token, request_of, token_of
from coldtrail.formats.otel.spans import NO_SPAN_ID, Told, told_of
from coldtrail.formats.otel.values import IS_REMOTE, Number, identifier, is_error, kind_of, whole

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MOST_LINKS = 32
_MOST_REMEMBERED = 50_000
_MOST_REMEMBERED_BYTES = 512
_MAX_NAME_CHARS = 2_048
_MAX_DEPTH = 64
_NO_REQUEST = "This is no OTLP request: it holds no resourceSpans."
_NOTHING = Raw(b"")


class Link(Struct, gc=False, rename="camel"):
    """What a span follows from."""

    trace_id: str = ""
    span_id: str = ""


class Status(Struct, gc=False, rename="camel"):
    """How a span ended."""

    code: Number = None


class JsonSpan(Struct, gc=False, rename="camel"):
    """A span; other keys are dropped, and attributes are read one by one."""

    trace_id: str
    span_id: str
    name: str = ""
    parent_span_id: str | None = None
    kind: Number = None
    start_time_unix_nano: Number = None
    end_time_unix_nano: Number = None
    attributes: list[Raw] | None = None
    links: list[Link] | None = None
    status: Status | None = None
    flags: Number = None


class ScopeSpans(Struct, gc=False, rename="camel"):
    """Spans of one instrumentation."""

    spans: list[JsonSpan] | None = None


class ResourceSpans(Struct, gc=False, rename="camel"):
    """Spans of one resource."""

    resource: Raw = _NOTHING
    scope_spans: list[ScopeSpans] | None = None
    instrumentation_library_spans: list[ScopeSpans] | None = None
    """As the scopes was called until 2022."""


class Request(Struct, gc=False, rename="camel"):
    """An `ExportTraceServiceRequest`."""

    resource_spans: list[ResourceSpans] | None = None


class JsonResource(Struct, gc=False, rename="camel"):
    """Attributes that all spans of a resource share."""

    attributes: list[Raw] | None = None


class AnyValue(Struct, gc=False, rename="camel"):
    """A value of an attribute, of which one is told."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Number = None
    double_value: Number = None
    array_value: Raw = _NOTHING


class KeyValue(Struct, gc=False, rename="camel"):
    """An attribute."""

    key: str = ""
    value: AnyValue | None = None


class ArrayValue(Struct, gc=False, rename="camel"):
    """A list; only texts in it are of use."""

    values: list[AnyValue] | None = None


_decode_request = msgspec.json.Decoder(Request).decode
_decode_list = msgspec.json.Decoder(list[ResourceSpans]).decode
_decode_one = msgspec.json.Decoder(ResourceSpans).decode
_decode_pair = msgspec.json.Decoder(KeyValue).decode
_decode_array = msgspec.json.Decoder(ArrayValue).decode
_decode_resource = msgspec.json.Decoder(JsonResource).decode


class JsonTokens(dict[bytes, Token | None]):
    """Attributes by their bytes, each read once: None for those that may not enter."""

    def __missing__(self, pair: bytes) -> Token | None:
        token = _token(pair)
        if len(pair) <= _MOST_REMEMBERED_BYTES and not isinstance(token, Alone):
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[pair] = token
        return token


class JsonReader:
    """Requests to spans; what is wrong with them is appended to `problems`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._tokens = JsonTokens()

    def spans(self, payload: bytes, problems: list[str]) -> list[Told]:
        """The spans of a request; raises `DocumentError` for what is no request at all."""
        found: list[Told] = []
        for group in _groups(payload, problems):
            resource = self._resource(bytes(group.resource))
            for scope in (*(group.scope_spans or ()), *(group.instrumentation_library_spans or ())):
                for span in scope.spans or ():
                    told = self._span(span, resource, problems)
                    if told is not None:
                        found.append(told)
        return found

    def _resource(self, data: bytes) -> Resource:
        known = self._memory.resource(data)
        if known is not None:
            return known
        try:
            pairs = _decode_resource(data).attributes if data and data != b"null" else None
        except _BROKEN:
            pairs = None
        tokens = [token for pair in pairs or () if (token := self._tokens[bytes(pair)]) is not None]
        return self._memory.learn_resource(data, tokens, len(data))

    def _span(self, span: JsonSpan, resource: Resource, problems: list[str]) -> Told | None:
        trace_id, span_id = identifier(span.trace_id, 32), identifier(span.span_id, 16)
        start, stop = whole(span.start_time_unix_nano), whole(span.end_time_unix_nano)
        if trace_id is None or span_id is None:
            problems.append("A span was left out: its trace id or its span id is none.")
            return None
        known = self._tokens
        tokens: list[Token] = []
        alone: list[Token] = []
        for pair in span.attributes or ():
            token = known[bytes(pair)]
            if isinstance(token, Alone):
                alone.append(token)
                token = token.mark
            if token is not None:
                tokens.append(token)
        kind = span.kind if type(span.kind) is int else kind_of(span.kind)
        key = (*tokens, span.name, kind)
        meaning = resource.meanings.get(key)
        if meaning is None:
            meaning = self._memory.learn(resource, key, tokens, span.name[:_MAX_NAME_CHARS], kind)
        parent_id = identifier(span.parent_span_id, 16) if span.parent_span_id else None
        return told_of(
            trace_id,
            span_id,
            None if parent_id == NO_SPAN_ID else parent_id,
            start,
            stop,
            span.status is not None and is_error(span.status.code),
            meaning,
            problems,
            whole(span.flags) & IS_REMOTE != 0,
            request_of(alone) if alone and (meaning.asks_request or parent_id is None) else None,
            tuple(_links(span.links)) if span.links else (),
        )


def _links(links: Sequence[Link]) -> Iterator[tuple[str, str]]:
    for link in links[:_MOST_LINKS]:
        trace_id, span_id = identifier(link.trace_id, 32), identifier(link.span_id, 16)
        if trace_id is not None and span_id is not None:
            yield trace_id, span_id


def _token(pair: bytes) -> Token | None:
    """The token of a `KeyValue`; None also for one that is broken, which costs nothing but itself."""
    try:
        decoded = _decode_pair(pair if _is_text(pair) else pair.decode("utf-8", "replace"))
        value = decoded.value
        if value is None:
            return None
        if bytes(value.array_value):
            values = _decode_array(value.array_value).values or ()
            return token_of(decoded.key, [one.string_value for one in values])
    except _BROKEN:
        return None
    for found in (value.string_value, value.bool_value, value.int_value, value.double_value):
        if found is not None:
            return token_of(decoded.key, found)
    return None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _groups(payload: bytes, problems: list[str]) -> list[ResourceSpans]:
    try:
        if payload.lstrip()[:1] == b"[":
            return _decode_list(payload)
        found = _decode_request(payload).resource_spans
        if found is not None:
            return found
        one = _decode_one(payload)
    except _BROKEN:
        return _saved(payload, problems)
    if one.scope_spans is None and one.instrumentation_library_spans is None:
        raise DocumentError(_NO_REQUEST)
    return [one]


def _saved(payload: bytes, problems: list[str]) -> list[ResourceSpans]:
    """All that can be used of a request of which a part is wrong."""
    value = pruned(payload, "OTLP request", _MAX_DEPTH, problems)
    groups = value if isinstance(value, list) else _of(value, "resourceSpans") or [value]
    found = [group for one in groups for group in _group(one, problems)]
    if not found:
        raise DocumentError(problems[0] if problems else _NO_REQUEST)
    return found


def _group(value: Any, problems: list[str]) -> Iterator[ResourceSpans]:
    scopes = [scope for key in ("scopeSpans", "instrumentationLibrarySpans") for scope in _of(value, key)]
    spans = [span for scope in scopes for one in _of(scope, "spans") for span in _converted(one, problems)]
    if spans:
        resource = value.get("resource")
        yield ResourceSpans(Raw(msgspec.json.encode(resource)), [ScopeSpans(spans)])


def _converted(value: Any, problems: list[str]) -> Iterator[JsonSpan]:
    """The span, without those of its keys that cannot be used."""
    if not isinstance(value, dict):
        problems.append("A span was left out: it is no JSON object.")
        return
    told = {key: value[key] for key in JsonSpan.__struct_encode_fields__ if key in value}
    told["attributes"] = [pair for pair in _of(value, "attributes") if isinstance(pair, dict)]
    for _ in range(len(told)):
        try:
            yield msgspec.json.decode(msgspec.json.encode(told), type=JsonSpan)
        except msgspec.ValidationError as error:
            wrong = str(error).partition("`$.")[2].partition("[")[0].partition(".")[0].rstrip("`")
            if wrong in told and wrong not in ("traceId", "spanId"):
                problems.append(f"The {wrong} of a span was left out: it is of the wrong type.")
                del told[wrong]
                continue
            problems.append("A span was left out: its trace id or its span id is none.")
        return


def _of(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
