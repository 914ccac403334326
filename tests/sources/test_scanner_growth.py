"""What hostile files cost the scanner grows with their size and no faster: bytes looked at, bytes held."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coldtrail.sources import scanner as module
from coldtrail.sources.scanner import Scanner

PIECE_BYTES = 1 << 10
_MOST_BYTES = 1 << 13
PATTERNS = {
    "a broken string a line": b'{"x\n',
    "an open bracket a line": b"{\n",
    "an open list a line": b"[\n",
    "two open and one closed": b"{{}\n",
    "a wrong closer": b"{]\n",
    "indented": b' {"a":[\n',
    "stray text after each": b"{}x\n",
    "quotes": b'"\n',
    "commas": b"{},\n",
    "beginnings of ids": b',{"Id":"1-00000000-',
    "answers in answers": b'{"Traces":[',
    "answers in answers a line": b'{"Traces":[\n',
    "escapes": b'{"a":"\\\n',
    "objects on one line": b"{}",
    "nested on one line": b'[{"a":[1,{"b":"c"}]},',
    "native events that break": b', {"application_name":"\n{',
    "ids in lists": b'{"a":1},{"Id":"1-00000000-x"},]',
    "blanks": b" \t\r\n",
    "backslashes": b'"\\\\',
}
BEFORE = [b"", b"[\n", b"[", b'{"Traces":[\n', b"x\n", b'{"x\n']


class Looking:
    """A regular expression that counts the bytes that it looks at."""

    def __init__(self, pattern: re.Pattern[bytes], seen: list[int]) -> None:
        self._pattern, self._seen = pattern, seen

    def finditer(self, data: bytearray, start: int, end: int | None = None) -> Iterator[re.Match[bytes]]:
        stop = len(data) if end is None else end
        for found in self._pattern.finditer(data, start, stop):
            self._seen[0] += found.end() - start
            start = found.end()
            yield found
        self._seen[0] += stop - start

    def match(self, data: bytearray, start: int) -> re.Match[bytes] | None:
        found = self._pattern.match(data, start)
        self._seen[0] += (len(data) if found is None else found.end()) - start
        return found

    def search(self, data: bytearray, start: int = 0) -> re.Match[bytes] | None:
        found = self._pattern.search(data, start)
        self._seen[0] += (len(data) if found is None else found.end()) - start
        return found


def looked_at(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """How many bytes a scanner looks at in all, and the most that it holds."""
    seen = [0]
    next_document, decode = module._next_document, module._decode_first

    def decoding(text: str) -> tuple[object, int]:
        seen[0] += len(text)
        return decode(text)

    with monkeypatch.context() as patched:
        for name in ("_STRING_REST", "_TOKEN", "_TRACES"):
            patched.setattr(module, name, Looking(getattr(module, name), seen))
        patched.setattr(module, "_next_document", lambda indent: Looking(next_document(indent), seen))
        patched.setattr(module, "_decode_first", decoding)
        scanner, most = Scanner(_MOST_BYTES), 0
        for start in range(0, len(data), PIECE_BYTES):
            scanner.feed(data[start : start + PIECE_BYTES])
            most = max(most, len(scanner._buffer))
        scanner.finish()
    return seen[0], most


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_twice_the_bytes_cost_twice_the_looks_and_no_more_memory(
    pattern: bytes, before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = (1 << 14, 1 << 15)
    (small, _), (large, most) = (
        looked_at(before + pattern * (size // len(pattern)), monkeypatch) for size in sizes
    )
    assert large <= 2.4 * small + PIECE_BYTES
    assert large <= 100 * sizes[1]
    assert most <= _MOST_BYTES + 2 * PIECE_BYTES
