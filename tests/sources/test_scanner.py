"""Where JSON documents begin and end, one byte or all bytes at a time."""

import pytest

from coldtrail.sources.scanner import Scanner, Trouble
from tests.sources.looking import watch

MOST_LOOKED_AT = 20_000_000
"""Bytes, by one test: far more than any needs."""


@pytest.fixture(autouse=True)
def _no_test_looks_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    watch(monkeypatch, MOST_LOOKED_AT)


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
        (b'[{"a":1}', [b'{"a":1}', Trouble.BROKEN]),
        (b'[{"a":1', [Trouble.BROKEN]),
        (b'{"a":"x', [Trouble.BROKEN]),
        (b'{"a":"x\\', [Trouble.BROKEN]),
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
    assert scanner.finish() == []


@pytest.mark.parametrize("size", [1, 5, 1_000])
@pytest.mark.parametrize(
    "broken", [b'{"b":"x}', b'{"b":[}', b'{"b":]', b'{"b":{"x":1}', b'{"b":x"}', b'{"b":[1}}}']
)
def test_the_way_is_found_again_after_damage(size: int, broken: bytes) -> None:
    data = b'[\n  {"a":1},\n  ' + broken + b',\n  {"c":[\n    {"d":1}]},\n  {"e":1}\n]\n{"f":1}'
    found = scan(data, size)
    whole = [b'{"a":1}', b'{"c":[\n    {"d":1}]}', b'{"e":1}']
    assert [document for document in found if document in whole] == whole
    assert Trouble.BROKEN in found or Trouble.STRAY in found


def test_damage_without_lines_costs_the_rest() -> None:
    assert scan(b'[{"a":1},{"b":[}},{"c":1}]', 4) == [b'{"a":1}', Trouble.BROKEN]


def test_a_deep_nest_in_a_document_is_left_to_the_parsers() -> None:
    deep = b'{"metadata":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    assert scan(b"[" + deep + b',{"b":1}]', 1_000, limit=100_000) == [deep, b'{"b":1}']


def test_a_nest_without_end_takes_no_memory() -> None:
    scanner = Scanner(100)
    for _ in range(200):
        scanner.feed(b"[" * 1_000)
        assert len(scanner._expected) + len(scanner._buffer) < 25_000
    assert scanner.feed(b'\n{"a":1}') == [b'{"a":1}']


TRACE = b'{"Id":"1-5f0c1a2b-%024d","Segments":[{"Id":"a","Document":"{\\"id\\":\\"a\\"}"}]}'


@pytest.mark.parametrize("size", [1, 13, 100_000])
@pytest.mark.parametrize("gap", [b",", b", "])
@pytest.mark.parametrize(
    "damage",
    [
        (b'"Document":"', b'"Document":'),  # a quote is missing
        (b'"}]}', b"}]}"),
        (b"}]}", b"}]"),  # a bracket is missing
        (b'"Segments":[', b'"Segments":'),
    ],
)
def test_damage_in_a_list_without_line_breaks_costs_one_document(
    size: int, gap: bytes, damage: tuple[bytes, bytes]
) -> None:
    traces = [TRACE % number for number in range(7)]
    broken = [*traces[:3], traces[3].replace(*damage), *traces[4:]]
    for data in (b"[" + gap.join(broken) + b"]", b'{"Traces":[' + gap.join(broken) + b"]}"):
        found = scan(data, size, limit=10_000)
        assert [one for one in found if isinstance(one, bytes)] == traces[:3] + traces[4:]
        assert any(isinstance(one, Trouble) for one in found)
