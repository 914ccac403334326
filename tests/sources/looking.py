"""Regular expressions that count the bytes that the scanner looks at, so that no test waits for what would
look for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from coldtrail.sources import scanner as module


@dataclass
class Seen:
    """How many bytes were looked at, which more than `most` fail the test."""

    most: float
    bytes: int = 0

    def look(self, number: int) -> None:
        """So many more are looked at."""
        self.bytes += number
        assert self.bytes <= self.most, "the scanner looks at the same bytes again and again"


class Looking:
    """A regular expression that counts the bytes that it looks at."""

    def __init__(self, pattern: re.Pattern[bytes], seen: Seen) -> None:
        self._pattern, self._seen = pattern, seen

    def finditer(self, data: bytearray, start: int, end: int | None = None) -> Iterator[re.Match[bytes]]:
        stop = len(data) if end is None else end
        for found in self._pattern.finditer(data, start, stop):
            self._seen.look(found.end() - start)
            start = found.end()
            yield found
        self._seen.look(stop - start)

    def match(self, data: bytearray, start: int) -> re.Match[bytes] | None:
        found = self._pattern.match(data, start)
        self._seen.look((len(data) if found is None else found.end()) - start)
        return found

    def search(self, data: bytearray, start: int = 0) -> re.Match[bytes] | None:
        found = self._pattern.search(data, start)
        # What is found at once is a look as well.
        self._seen.look((len(data) if found is None else found.end()) - start + 1)
        return found


def watch(patched: pytest.MonkeyPatch, most: float) -> Seen:
    """What scanners look at from now on."""
    seen = Seen(most)
    next_document, decode = module._next_document, module._decode_first

    def decoding(text: str) -> tuple[object, int]:
        seen.look(len(text))
        return decode(text)

    for name in ("_STRING_REST", "_TOKEN", "_TRACES"):
        patched.setattr(module, name, Looking(getattr(module, name), seen))
    patched.setattr(module, "_next_document", lambda indent: Looking(next_document(indent), seen))
    patched.setattr(module, "_decode_first", decoding)
    return seen
