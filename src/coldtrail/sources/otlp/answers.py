"""What a sender is answered, in the encoding that it spoke.

Source: OpenTelemetry protocol specification 1.11, "OTLP/HTTP Response" and "OTLP/gRPC Throttling".
"""

from __future__ import annotations

import random
from enum import IntEnum

import msgspec
from msgspec import Struct

PROTOBUF, JSON = b"application/x-protobuf", b"application/json"
_MOST_PAUSE_S = 5
_VARINT, _BYTES = 0, 2
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"


class Code(IntEnum):
    """Codes of gRPC, which the status of HTTP answers holds as well."""

    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


class Refusal(Struct, frozen=True):
    """Why a request was not taken in."""

    status: int
    """Of HTTP."""
    code: Code
    kind: str
    """Under which it is counted."""
    sentence: str
    is_put_off: bool = False
    """Whether the sender may try the same again."""


class RefusedError(Exception):
    """Carries a refusal to where it is answered."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


BUSY = Refusal(
    429,
    Code.RESOURCE_EXHAUSTED,
    "too much in flight",
    "Too much is being taken in right now; send it again later.",
    is_put_off=True,
)
FULL = Refusal(
    429,
    Code.RESOURCE_EXHAUSTED,
    "spool full",
    "The spool is full; send it again later.",
    is_put_off=True,
)
UNWRITTEN = Refusal(
    503,
    Code.UNAVAILABLE,
    "spool cannot be written",
    "The spool cannot be written now; send it again later.",
    is_put_off=True,
)
NO_TOKEN = Refusal(
    401,
    Code.UNAUTHENTICATED,
    "no token or a wrong one",
    "The token is missing or wrong; show the one that Coldtrail was given, as `Authorization: Bearer …`.",
)
OTHER_SIGNAL = Refusal(
    404,
    Code.UNIMPLEMENTED,
    "other signals than traces",
    "Coldtrail reads traces alone; send metrics, logs and profiles elsewhere, or switch their exporters off.",
)
NO_SUCH_PATH = Refusal(
    404, Code.UNIMPLEMENTED, "unknown path", "There is nothing here; traces go to /v1/traces."
)
NO_POST = Refusal(405, Code.UNIMPLEMENTED, "other method than POST", "Traces are sent by POST.")
OTHER_TYPE = Refusal(
    415,
    Code.INVALID_ARGUMENT,
    "unknown content type",
    "Send traces as application/x-protobuf or as application/json.",
)
OTHER_ENCODING = Refusal(
    415,
    Code.INVALID_ARGUMENT,
    "unknown content encoding",
    "Send traces plain, or compressed by gzip or deflate.",
)
DAMAGED = Refusal(
    400,
    Code.INVALID_ARGUMENT,
    "compressed data damaged",
    "The compressed data is damaged or cut off; nothing of it was taken in.",
)
NO_TRACES = Refusal(
    400,
    Code.INVALID_ARGUMENT,
    "no OTLP traces",
    "This is no ExportTraceServiceRequest in the encoding that its content type names.",
)
TOO_SLOW = Refusal(
    408,
    Code.DEADLINE_EXCEEDED,
    "too slow",
    "The request took too long to come; nothing of it was taken in.",
)


def too_large(most: int) -> Refusal:
    """The refusal of a request that is larger than `most` bytes."""
    return Refusal(
        413,
        Code.INVALID_ARGUMENT,
        "request too large",
        f"A request holds {most:,} bytes at most after it was decompressed; send smaller batches.",
    )


def accepted(content_type: bytes) -> bytes:
    """An `ExportTraceServiceResponse` of full success."""
    return b"{}" if content_type == JSON else b""


def status_body(refusal: Refusal, content_type: bytes) -> bytes:
    """A `google.rpc.Status` in the encoding of the request."""
    if content_type == PROTOBUF:
        return _status(refusal)
    return msgspec.json.encode({"code": int(refusal.code), "message": refusal.sentence})


def pause_s() -> int:
    """After how many seconds to try again; senders are not told the same, or all would come at once."""
    return random.randint(1, _MOST_PAUSE_S)  # noqa: S311


def retry_details(refusal: Refusal, seconds: int) -> tuple[tuple[str, bytes], ...]:
    """Trailing metadata of a gRPC answer that says when to try again."""
    info = _field(1, _BYTES, _field(1, _VARINT, bytes((seconds,))))
    detail = _field(1, _BYTES, _RETRY_INFO.encode()) + _field(2, _BYTES, info)
    status = _status(refusal) + _field(3, _BYTES, detail)
    # The specification asks for the first; OpenTelemetry's exporter for Python looks for the second.
    return ("grpc-status-details-bin", status), ("google.rpc.retryinfo-bin", info)


def _status(refusal: Refusal) -> bytes:
    return _field(1, _VARINT, bytes((refusal.code,))) + _field(2, _BYTES, refusal.sentence.encode())


def _field(number: int, wire: int, value: bytes) -> bytes:
    """A field of a protobuf message; lengths here lie below 2**14."""
    tag = bytes((number << 3 | wire,))
    if wire == _VARINT:
        return tag + value
    size = len(value)
    length = bytes((size,)) if size < 0x80 else bytes((size & 0x7F | 0x80, size >> 7))
    return tag + length + value
