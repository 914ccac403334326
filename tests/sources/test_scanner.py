"""Where JSON documents begin and end, one byte or all bytes at a time."""

import pytest

from coldtrail.sources.scanner import Scanner, Trouble


def scan(data: bytes, size: int, limit: int = 1_000) -> list[bytes | Trouble]:
    scanner = Scanner(limit)
    found: list[bytes | Trouble] = []
    for start in range(0, len(data), size):
        found += scanner.feed(data[start : start + size])
    return [*found, *scanner.finish()]


@pytest.mark.parametrize("size", [1, 3, 1_000])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b" \n", []),
        (b"{}", [b"{}"]),
        (b'{"a":"}{"}{"b":[]}', [b'{"a":"}{"}', b'{"b":[]}']),
        (b'[{"a":"\\""},[1],{}]', [b'{"a":"\\""}', b"[1]", b"{}"]),
        (b'[{"a":"\\\\"}]', [b'{"a":"\\\\"}']),
        (b'{"Traces" : [ {"a":1} , {"b":2} ], "x":[{}]}{"c":3}', [b'{"a":1}', b'{"b":2}', b'{"c":3}']),
        (b'{"x":{"Traces":[{}]}}', [b'{"x":{"Traces":[{}]}}']),
        (b'{"Traces":{"a":[]}}', [b'{"Traces":{"a":[]}}']),
        (b'[{"a":1}', [b'{"a":1}', Trouble.CUT_OFF]),
        (b'[{"a":1', [Trouble.CUT_OFF]),
        (b'{"a":"x', [Trouble.CUT_OFF]),
        (b'{"a":"x\\', [Trouble.CUT_OFF]),
        (b"[7,{}]", [Trouble.STRAY, b"{}"]),
        (b"[{},7]", [b"{}", Trouble.STRAY]),
        (b"{}junk{}", [b"{}", Trouble.STRAY, b"{}"]),
        (b"]}{}", [Trouble.STRAY, b"{}"]),
        (b'"text"', [Trouble.STRAY]),
    ],
)
def test_documents_and_troubles(data: bytes, size: int, expected: list[bytes | Trouble]) -> None:
    assert scan(data, size) == expected


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_large_documents_are_not_held(size: int) -> None:
    scanner = Scanner(100)
    data = b'[{"a":"' + b'\\"' * 5_000 + b'"},{"n":1}]'
    found: list[bytes | Trouble] = []
    for start in range(0, len(data), size):
        found += scanner.feed(data[start : start + size])
        assert len(scanner._buffer) <= max(101, size)
    assert found == [Trouble.TOO_LARGE, b'{"n":1}']
    assert list(scanner.finish()) == []


def test_the_rest_is_what_was_not_finished() -> None:
    scanner = Scanner(100)
    assert list(scanner.feed(b'[{"a":1},{"b":')) == [b'{"a":1}']
    assert scanner.rest == b'{"b":'
