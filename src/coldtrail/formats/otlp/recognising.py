"""Whether bytes are a request in protobuf's wire format, and which traces they speak of, by a quick look."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.formats.otlp.encoding import Field, WireError, fields, varint

_BEGINS = b"\n"
"""Tag of `resource_spans`, the one field of a request."""
_TRACE_ID = b"\n\x10"
_TRACE_ID_BYTES = 16
_LOOKED_AT = 64
"""Resources and scopes that are looked at to find a span."""


def is_wire(payload: bytes) -> bool:
    """Whether a request begins here: a span within a scope within a resource, by tags and lengths."""
    if payload[:1] != _BEGINS:
        return False
    try:
        return next(_spans(payload, _LOOKED_AT), None) is not None
    except (WireError, IndexError):
        return False


def trace_ids(payload: bytes) -> set[bytes]:
    """The ids of all traces of a request; empty where it is broken."""
    try:
        return {payload[at + 2 : at + 2 + _TRACE_ID_BYTES] for at in _spans(payload, len(payload))}
    except (WireError, IndexError):
        return set()


def length_of_message(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the message begins and ends that a length stands before, as in a stream; else None."""
    try:
        size, start = varint(data, at, len(data))
    except WireError:
        return None
    return (start, start + size) if size > 0 else None


def _spans(payload: bytes, most: int) -> Iterator[int]:
    """Where spans begin that have a trace id of the right length."""
    for resource in _parts(payload, Field(1, 0, len(payload)), 1, most):
        for scope in _parts(payload, resource, 2, most):
            for span in _parts(payload, scope, 2, most):
                if payload[span.start : span.start + 2] != _TRACE_ID:
                    raise WireError
                yield span.start


def _parts(payload: bytes, whole: Field, number: int, most: int) -> Iterator[Field]:
    for seen, field in enumerate(fields(payload, whole.start, whole.stop, cut=True)):
        if seen >= most or field.number > 1_000:
            raise WireError
        if field.number == number:
            yield field
