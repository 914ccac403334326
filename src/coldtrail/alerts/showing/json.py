"""JSON that a terminal can show: the same values, and no character that acts on the screen."""

from __future__ import annotations

import re
from json import dumps

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def in_json(encoded: bytes) -> bytes:
    """A JSON text in UTF-8, with each character that is not simply shown as `\\uXXXX`.

    JSON escapes control characters below 32 itself; from 127 on there are more, and those that turn the
    reading direction. Outside strings JSON holds none of them, so that nothing but strings changes.
    """
    encoded = encoded.replace(b"\x7f", b"\\u007f")
    return encoded if encoded.isascii() else _NOT_ASCII.sub(_shown, encoded.decode()).encode()


def _shown(found: re.Match[str]) -> str:
    return "".join(char if char.isprintable() else dumps(char)[1:-1] for char in found[0])
