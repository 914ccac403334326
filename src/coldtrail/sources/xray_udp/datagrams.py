"""One datagram to the telemetry that it carries: a header line, and behind it a segment or OTLP in base64.

Sources: AWS X-Ray developer guide, "Sending segment documents to the X-Ray daemon", for segments; the UDP
exporters of the AWS Distro for OpenTelemetry, for `T1S` (sampled), `T1U` (not sampled), the plain `T1` of
their first releases, and `M1` (metrics).
"""

from __future__ import annotations

import binascii
from base64 import b64decode

import msgspec
from msgspec import Struct

KNOWN_HEADERS = (b'{"format":"json","version":1}', b'{"format": "json", "version": 1}')
NO_HEADER = "no header line of the daemon's protocol"
OTHER_FORMAT = "unknown format or version in the header"
NOTHING = "nothing behind the header"
METRICS = "metrics, which tell of no invocations"
DAMAGED = "damaged base64"
NO_SEGMENT = "neither a segment nor OTLP traces"
_MOST_HEADER_BYTES = 256
_TRACES, _METRICS = (b"T1S", b"T1U"), b"M1"
_FIRST_TRACES = b"T1C"
"""`T1`, and the first character that any OTLP request has in base64."""
_RESOURCE_SPANS = b"\n"


class DatagramError(Exception):
    """A datagram that carries no telemetry; its text is the kind under which it is counted."""


class _Header(Struct):
    format: str
    version: int


_decode = msgspec.json.Decoder(_Header).decode


def telemetry_of(datagram: bytes) -> bytes:
    """The segment, or the OTLP request, that a datagram carries; raises `DatagramError`."""
    header, _, body = datagram.partition(b"\n")
    if header not in KNOWN_HEADERS:
        _check(header)
    if body[:1] == b"{":
        return body
    if body.startswith(_TRACES):
        return _otlp(body[3:])
    if body.startswith(_FIRST_TRACES):
        return _otlp(body[2:])
    body = body.strip()
    if body[:1] == b"{":
        return body
    if not body:
        raise DatagramError(NOTHING)
    raise DatagramError(METRICS if body.startswith(_METRICS) else NO_SEGMENT)


def _check(header: bytes) -> None:
    if len(header) > _MOST_HEADER_BYTES:
        raise DatagramError(NO_HEADER)
    try:
        found = _decode(header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DatagramError(NO_HEADER) from None
    if (found.format, found.version) != ("json", 1):
        raise DatagramError(OTHER_FORMAT)


def _otlp(text: bytes) -> bytes:
    try:
        found = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise DatagramError(DAMAGED) from None
    if found[:1] != _RESOURCE_SPANS:
        raise DatagramError(NO_SEGMENT if found else NOTHING)
    return found
