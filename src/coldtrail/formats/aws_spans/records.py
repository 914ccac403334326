"""Records of `aws/spans`: the fields that may enter, and the forms in which records come.

One record a document, a list of them, or a trace as `ListRetrievedTraces` gives it, whose spans are texts. No
schema is published: the form is that of real records, and of what AWS shows of them (CloudWatch user guide,
"Transaction Search"; X-Ray API reference, `ListRetrievedTraces`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct

from coldtrail.errors import DocumentError
from coldtrail.formats.json_reading import pruned
from coldtrail.formats.otel.values import Number

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MAX_DEPTH = 64
_MOST_DEEP = 4
_BEGINS = (b"{", b"[")
_PREFIX_BYTES = 1_024
_NOT_A_SPAN = "this is no span of aws/spans: it has no traceId, spanId and startTimeUnixNano."
NOTHING = Raw(b"")


class Holder(Struct, gc=False):
    """What all spans of a resource tell by name."""

    attributes: dict[str, Raw] | None = None


class Link(Struct, gc=False, rename="camel"):
    """What a span follows from."""

    trace_id: str = ""
    span_id: str = ""


class Status(Struct, gc=False):
    """How a span ended."""

    code: Number = None


class XRay(Struct, gc=False):
    """What a record was in X-Ray."""

    name: str | None = None
    type: str | None = None
    namespace: str | None = None


class Aws(Struct, gc=False):
    """The part that CloudWatch adds."""

    xray: XRay | None = None


class Record(Struct, gc=False, rename="camel"):
    """A span."""

    trace_id: str
    span_id: str
    start_time_unix_nano: Number = None
    end_time_unix_nano: Number = None
    parent_span_id: str | None = None
    name: str | None = None
    kind: Number = None
    flags: Number = None
    resource: Raw = NOTHING
    attributes: dict[str, Raw] | None = None
    status: Status | None = None
    links: list[Link] | None = None
    aws: Aws | None = msgspec.field(default=None, name="_aws")


class _Document(Struct, gc=False):
    Document: Raw


class _Wrapped(Struct, gc=False):
    Spans: list[_Document] | None = None
    Traces: list[Raw] | None = None
    message: Raw = NOTHING
    """As exports and shippers of logs hold a record."""
    log_message: Raw = msgspec.field(default=NOTHING, name="@message")


decode_resource = msgspec.json.Decoder(Holder).decode
_decode = msgspec.json.Decoder(Record).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_decode_wrapped = msgspec.json.Decoder(_Wrapped).decode
_decode_text = msgspec.json.Decoder(str).decode
_FIELDS = dict(zip(Record.__struct_encode_fields__, Record.__struct_fields__, strict=True))


def records(payload: bytes, problems: list[str]) -> Iterator[Record]:
    """The records of a payload; raises `DocumentError` where there is none, and names those it cannot use."""
    if payload[:1] not in _BEGINS:
        payload = _without_prefix(payload)
    try:
        yield _decode(payload)
    except _BROKEN:
        yield from _held(payload, problems, 0)


def _without_prefix(payload: bytes) -> bytes:
    """The payload without what exports and `aws logs tail` put before a record: its time, its stream."""
    at = payload.find(b"{", 0, _PREFIX_BYTES)
    return payload[at:] if at > 0 and payload.lstrip()[:1] not in _BEGINS else payload


def _held(payload: bytes, problems: list[str], depth: int) -> Iterator[Record]:
    """What a list or a retrieved trace holds, or what is left of a record of which a part is wrong."""
    parts = _parts(payload) if depth < _MOST_DEEP else None
    if parts is None:
        yield _saved(payload, problems)
        return
    for part in parts:
        try:
            yield _decode(part)
        except _BROKEN:
            try:
                yield from _held(part, problems, depth + 1)
            except DocumentError as error:
                problems.append(f"A span was left out: {str(error)[:1].lower()}{str(error)[1:]}")


def _parts(payload: bytes) -> list[bytes] | None:
    try:
        if payload.lstrip()[:1] == b"[":
            return [bytes(part) for part in _decode_list(payload)]
        wrapped = _decode_wrapped(payload)
    except _BROKEN:
        return None
    if wrapped.Traces is not None:
        return [bytes(trace) for trace in wrapped.Traces]
    if wrapped.Spans is not None:
        return [_content(span.Document) for span in wrapped.Spans]
    message = bytes(wrapped.message) or bytes(wrapped.log_message)
    return [_content(Raw(message))] if message else None


def _content(held: Raw) -> bytes:
    """The document, which may be held as text."""
    try:
        return _decode_text(held).encode("utf-8", "replace")
    except _BROKEN:
        return bytes(held)


def _saved(payload: bytes, problems: list[str]) -> Record:
    """The record, without those of its parts that cannot be used."""
    value = pruned(payload, "span", _MAX_DEPTH, problems)
    told = {key: value[key] for key in _FIELDS if key in value} if isinstance(value, dict) else {}
    usable: dict[str, Any] = {}
    for key, part in told.items():
        try:
            alone = {"traceId": "", "spanId": "", key: part}
            decoded = msgspec.json.decode(msgspec.json.encode(alone), type=Record)
            usable[_FIELDS[key]] = getattr(decoded, _FIELDS[key])
        except msgspec.ValidationError:
            problems.append(f"The {key} of a span was left out: it is of the wrong type.")
    if "trace_id" not in usable or "span_id" not in usable:
        raise DocumentError(problems[-1] if problems else f"{_NOT_A_SPAN[0].upper()}{_NOT_A_SPAN[1:]}")
    return Record(**usable)
