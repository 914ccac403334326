"""How much of what was appended to a file is whole: lines, records of several lines, requests."""

from __future__ import annotations

from enum import Enum

import msgspec

from coldtrail.sources import messages
from coldtrail.sources.expansion import is_packed
from coldtrail.sources.splitting import is_lines
from coldtrail.sources.text_lines import begins_record
from coldtrail.sources.texts import is_text

HEAD_BYTES = 1 << 16
"""How a file grows is told by so many of its first bytes."""
_RECORD_BYTES = 1 << 16
_JSON = (b"{", b"[")
_FIXED_BYTES = 4
_VARINT_BYTES = 6


class Growth(Enum):
    """How a file grows."""

    LINES = "lines"
    BARE = "requests"
    VARINT = "requests after their length"
    FIXED = "requests after their length in four bytes"
    WHOLE = "as a whole"


_REQUESTS = {
    messages.Form.BARE: Growth.BARE,
    messages.Form.VARINT: Growth.VARINT,
    messages.Form.FIXED: Growth.FIXED,
}


def growth_of(head: bytes, *, ended: bool, max_bytes: int) -> Growth | None:
    """How a file grows that begins so; None where that cannot be told before more has come. `ended` says
    that no more comes for now."""
    if is_packed(head):
        return Growth.WHOLE
    form = messages.form_of(head)
    if form is not None:
        return _REQUESTS[form]
    if b"\n" not in head:
        return Growth.WHOLE if ended and (len(head) >= HEAD_BYTES or _is_sound(head)) else None
    if is_text(head) and is_lines(head, False, max_bytes):
        return Growth.LINES
    return Growth.WHOLE


def whole_part(growth: Growth, data: bytes, *, settled: bool) -> int:
    """How many of these bytes are whole, so that what is appended later changes nothing of them.

    Where the file has `settled`, a record that may still grow is taken for whole, and so is a last line
    without its end that is a whole JSON value.
    """
    if growth is Growth.LINES:
        return _whole_lines(data, settled=settled)
    at = 0
    while (size := message_size(growth, data[at : at + _VARINT_BYTES])) is not None and at + size <= len(
        data
    ):
        at += size
    return at


def message_size(growth: Growth, head: bytes) -> int | None:
    """How long a request is that begins so, with what stands before it; None where that is not told yet."""
    if growth is Growth.FIXED:
        whole = len(head) >= _FIXED_BYTES
        return _FIXED_BYTES + int.from_bytes(head[:_FIXED_BYTES], "big") if whole else None
    value = 0
    start = 1 if growth is Growth.BARE else 0
    for place, byte in enumerate(head[start : start + 5]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return start + place + 1 + value
    return None


def _whole_lines(data: bytes, *, settled: bool) -> int:
    end = data.rfind(b"\n") + 1
    if settled:
        return len(data) if end < len(data) and _is_sound(data[end:]) else end
    record = _last_record(data, end)
    return end if record is None else record


def _last_record(data: bytes, end: int) -> int | None:
    """Where the last record begins that may go on in lines to come; None where there is none."""
    stop = end
    while stop > max(0, end - _RECORD_BYTES):
        start = data.rfind(b"\n", 0, stop - 1) + 1
        line = data[start:stop]
        if begins_record(line):
            return start
        stop = start
    return None


def _is_sound(line: bytes) -> bool:
    if not line.lstrip().startswith(_JSON):
        return False
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
