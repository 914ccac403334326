"""Names from telemetry on one line of plain text, the same in every place.

Behind this door no character can move the cursor, colour the screen, turn the reading direction, hide, or
pile up on its neighbours.
"""

from __future__ import annotations

import re
from unicodedata import category

LONGEST_NAME = 96
_MOST_MARKS = 3
"""Combining marks on one letter: no living language writes more."""
_HIDDEN = frozenset(
    map(
        chr,
        (
            0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164, 0xFFA0,
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)  # fmt: skip
"""What counts as printable, and shows nothing: fillers, selectors of variants, the empty Braille pattern
(Unicode 16, DerivedCoreProperties.txt, Default_Ignorable_Code_Point)."""
_ONE_WORD = re.compile(r"[^\s'\"`“”]+")


def plain(text: str) -> str:
    """The text on one line with every character that is not simply shown written out, as in `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text))


def _shown(text: str) -> list[str]:
    shown, marks = [], _MOST_MARKS
    for char in text:
        is_mark = char > "\u02ff" and category(char) in ("Mn", "Me")
        marks = marks + 1 if is_mark else 0
        hides = not char.isprintable() or char in _HIDDEN or marks > _MOST_MARKS
        shown.append(_written_out(char) if hides else char)
    return shown


def short(text: str, longest: int = LONGEST_NAME) -> str:
    """The plain text, its middle left out where it is long."""
    text = plain(text)
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def named(text: str, longest: int = LONGEST_NAME) -> str:
    """The short text as a name inside a sentence: in quotation marks where it is not one word, so that it
    cannot pass for a part of the sentence."""
    told = short(text, longest)
    return told if not told or _ONE_WORD.fullmatch(told) else "“" + re.sub("[“”]", '"', told) + "”"


def _written_out(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
