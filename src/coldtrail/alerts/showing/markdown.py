"""A name in a Markdown document.

Source: CommonMark 0.31.2, 6.1 Code spans; GitHub Flavored Markdown 0.29, 4.10 Tables.
"""

from __future__ import annotations

import re

from coldtrail.alerts.showing.plain import LONGEST_NAME, short


def in_markdown(text: str, longest: int = LONGEST_NAME) -> str:
    """The name as a code span, in which no HTML, link, mention or emphasis is read.

    A pipe, which would end a cell of a table even there, is written out.
    """
    told = short(text, longest).replace("|", "\\x7c")
    fence = "`" * (1 + max(map(len, re.findall("`+", told)), default=0))
    pad = " " if not told.strip() or told[0] in "` " or told[-1] in "` " else ""
    return f"{fence}{pad}{told or ' '}{pad}{fence}"
