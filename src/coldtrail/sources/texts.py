"""Whether a file may hold JSON in UTF-8, judged by how it begins; damage there costs no more than itself."""

from __future__ import annotations

import re

ZERO = b"\0"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SAMPLE_BYTES = 1 << 12
_WIDE_SHARE = 0.2
"""Of a sample: how far zeros at even and odd places may differ in number. In UTF-16 it is half of Latin text,
in UTF-32 a quarter; runs of zeros, and those of binary files, are at both alike."""
_WIDE_BEGINS = re.compile(rb"[{\[]\0[^\0]\0|[{\[]\0{3}[^\0]\0{3}")
_FIRST_BYTES = 64
_BETWEEN_FIELDS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
"""Control characters but for white space and the one that begins colours in logs."""
_JSON_BEGINS = re.compile(rb'[{\[][\0\s]*+["{\[]')


def is_text(head: bytes) -> bool:
    """Whether the first bytes of a file, up to a line of content or more, may be those of JSON."""
    if ZERO not in head:
        return not _is_binary(head)
    return not _is_wide(head) and _JSON_BEGINS.search(head) is not None


def why_not_text(head: bytes) -> str:
    """The sentence on a file that begins with these bytes."""
    if head.startswith(_WIDE_MARKS) or _is_wide(head):
        return "the text is UTF-16 or UTF-32, which is not supported; save it as UTF-8."
    if ZERO not in head:
        return "the file is no text, and no whole OTLP request stands at its beginning; export it again."
    return "the file is no text (it holds zero bytes) and no OTLP request; export the telemetry as JSON."


def _is_binary(head: bytes) -> bool:
    """Whether the first bytes are such as stand between the fields of a request, and no JSON follows."""
    return _BETWEEN_FIELDS.search(head[:_FIRST_BYTES]) is not None and _JSON_BEGINS.search(head) is None


def _is_wide(head: bytes) -> bool:
    sample = head.lstrip(ZERO)[:_SAMPLE_BYTES]
    if _WIDE_BEGINS.match(sample) or (head.startswith(_WIDE_MARKS) and 4 * sample.count(0) >= len(sample)):
        return True
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return abs(even - odd) > _WIDE_SHARE * len(sample)
