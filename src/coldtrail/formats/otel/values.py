"""Ids, numbers and kinds of spans, however JSON spells them."""

from __future__ import annotations

import base64
import binascii

from coldtrail.records.identity import trace_key

Number = int | str | float | None
_KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
_ERRORS = frozenset((2, 2.0, "2", "STATUS_CODE_ERROR", "ERROR", "Error", "error"))
_TRACE_DIGITS = 32
IS_REMOTE = 0x200
"""Of a span's flags: its parent is elsewhere."""


def identifier(text: str, digits: int) -> str | None:
    """An id of so many hexadecimal digits, in lower case; None where the text is none.

    Ids of traces may be spelt as X-Ray does (`1-5f84c7a1-…`).
    """
    text = trace_key(text) if digits == _TRACE_DIGITS else text
    try:
        data = bytes.fromhex(text) if len(text) == digits else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    found = data.hex()
    return found if len(found) == digits else None


def whole(value: Number) -> int:
    """A whole number, however it is written; 0 where it is none."""
    if isinstance(value, str):
        return int(value) if len(value) <= 20 and value.isascii() and value.isdigit() else 0
    if isinstance(value, float):
        return int(value) if 0 <= value < 2**63 else 0
    return value if value is not None and 0 <= value < 2**64 else 0


def kind_of(value: Number) -> int:
    """The kind of a span, as its number."""
    if value.__class__ is str and value in _KINDS:
        return _KINDS[value]
    if isinstance(value, str) and not value.isdigit():
        return _KINDS.get(value.upper().removeprefix("SPAN_KIND_"), 0)
    return whole(value)


def is_error(code: Number) -> bool:
    """Whether the code of a status says that a span failed."""
    return code in _ERRORS
