"""What hostile files cost the scanner grows with their size and no faster: bytes looked at, bytes held."""

from __future__ import annotations

import pytest

from coldtrail.sources.scanner import Scanner
from tests.sources.looking import watch

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


def looked_at(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """How many bytes a scanner looks at in all, and the most that it holds."""
    with monkeypatch.context() as patched:
        seen = watch(patched, most=200 * len(data))
        scanner, most = Scanner(_MOST_BYTES), 0
        for start in range(0, len(data), PIECE_BYTES):
            scanner.feed(data[start : start + PIECE_BYTES])
            most = max(most, len(scanner._buffer))
        scanner.finish()
    return seen.bytes, most


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
