"""Text in a page of HTML.

Source of what has to be escaped: HTML Standard, 13.1.2.3 Attributes and 13.1.2.4 Text.
"""

from __future__ import annotations

from html import escape

from coldtrail.alerts.showing.plain import short

LONGEST_TEXT = 4_000
"""A longer text is cut, in characters: names are far shorter, and a page of long ones still opens."""


def in_text(text: str) -> str:
    """The text as it stands between two tags."""
    return escape(short(text, LONGEST_TEXT), quote=True)


def in_attribute(text: str) -> str:
    """The text as the value of an attribute, which a template quotes or forgets to quote."""
    told = short(text, LONGEST_TEXT)
    return "".join(char if char.isalnum() or char in "-_." else f"&#{ord(char)};" for char in told)
