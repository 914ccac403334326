"""Cuts JSON that is nested too deep for decoders that recurse."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]', re.DOTALL)


def prune(text: str, max_depth: int) -> str:
    """The text with every list or object below `max_depth` levels replaced by `null`."""
    kept: list[str] = []
    depth = last = 0
    for token in _TOKEN.finditer(text):
        char = text[token.start()]
        if char in "{[":
            depth += 1
            if depth == max_depth + 1:
                kept.append(text[last : token.start()])
        elif char in "}]":
            depth -= 1
            if depth == max_depth:
                kept.append("null")
                last = token.end()
    return "".join(kept) + text[last:] if depth <= max_depth else "".join(kept)
