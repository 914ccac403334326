"""JSON that a terminal can show: the same values, and no character that acts on the screen."""

from __future__ import annotations

import re
from json import dumps

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def in_json(encoded: bytes) -> bytes:
    """A JSON text in UTF-8, with each character outside ASCII that is not simply shown as `\\uXXXX`.

    JSON escapes control characters below 32 itself; above 127 there are more, and those that turn the reading
    direction. Outside strings JSON holds ASCII only, so that nothing but strings changes.
    """
    return encoded if encoded.isascii() else _NOT_ASCII.sub(_shown, encoded.decode()).encode()


def _shown(found: re.Match[str]) -> str:
    return "".join(char if char.isprintable() else dumps(char)[1:-1] for char in found[0])
