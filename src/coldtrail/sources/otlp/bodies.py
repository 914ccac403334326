"""Bodies of requests, decompressed within a bound and looked at from outside."""

from __future__ import annotations

import asyncio
import zlib

from coldtrail.sources.otlp.answers import DAMAGED, JSON, NO_TRACES, OTHER_ENCODING, RefusedError, too_large

_GZIP, _ZLIB, _RAW = 31, 15, -15
_ENCODINGS = {b"gzip": _GZIP, b"x-gzip": _GZIP, b"deflate": _ZLIB}
_PLAIN = frozenset((b"", b"identity"))
_INLINE_BYTES = 1 << 18
"""Up to so many decompressed bytes take no longer than to hand them to a thread."""
_RESOURCE_SPANS = b"\n"
"""The tag of the only field of an `ExportTraceServiceRequest`."""
_SPANS = b'Spans"'
_HEAD_BYTES = 64


def check_encoding(encoding: bytes) -> None:
    """Raises `RefusedError` where a content encoding is not known."""
    if encoding not in _PLAIN and encoding not in _ENCODINGS:
        raise RefusedError(OTHER_ENCODING)


async def plain(body: bytes, encoding: bytes, most: int) -> bytes:
    """The body decompressed; raises `RefusedError` as soon as it is larger than `most`, or is damaged."""
    if encoding in _PLAIN:
        return body
    bits = _ENCODINGS[encoding]
    if bits == _ZLIB and not _is_zlib(body):
        bits = _RAW
    first = expanded(body, bits, min(most, _INLINE_BYTES))
    if first is None and most > _INLINE_BYTES:
        first = await asyncio.to_thread(expanded, body, bits, most)
    if first is None:
        raise RefusedError(too_large(most))
    return first


def expanded(body: bytes, bits: int, most: int) -> bytes | None:
    """The body decompressed; None where it is larger than `most`, of which no more is decompressed."""
    parts: list[bytes] = []
    left = most + 1
    while body:
        inner = zlib.decompressobj(wbits=bits)
        try:
            part = inner.decompress(body, left)
        except zlib.error:
            raise RefusedError(DAMAGED) from None
        parts.append(part)
        left -= len(part)
        if left <= 0:
            return None
        if not inner.eof or (inner.unused_data and bits != _GZIP):
            raise RefusedError(DAMAGED)
        body = inner.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _is_zlib(body: bytes) -> bool:
    """Whether it begins as RFC 1950 says; some senders leave that out and send what RFC 1951 says."""
    return len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def holds_traces(body: bytes, content_type: bytes) -> bool:
    """Whether the request holds anything; raises `RefusedError` for what cannot be one of traces.

    Whether all of it can be read shows later: what is taken in here is not parsed.
    """
    if content_type == JSON:
        is_likely = body[:_HEAD_BYTES].lstrip()[:1] == b"{" and (_SPANS in body or body.strip() == b"{}")
        is_empty = _SPANS not in body
    else:
        is_likely = body[:1] == _RESOURCE_SPANS or not body
        is_empty = not body
    if not is_likely:
        raise RefusedError(NO_TRACES)
    return not is_empty
