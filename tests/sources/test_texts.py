"""What may be JSON, by its first bytes."""

from __future__ import annotations

import pytest

from coldtrail.sources.texts import is_text, why_not_text

LINE = b'{"n": 1, "x": ["a", "b"]}\n'


@pytest.mark.parametrize("zeros", [1, 3, 512, 4096, 65_536])
@pytest.mark.parametrize("place", [0, 1, 5, len(LINE), len(LINE) + 1])
def test_zeros_anywhere_before_good_lines_leave_them_text(zeros: int, place: int) -> None:
    head = LINE * 40
    assert is_text(head[:place] + b"\0" * zeros + head[place:])
    assert is_text(head[:place] + b"\0" * zeros + head[place + zeros :] + LINE)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ['{"n": 1}\n', '[{"n": "日本語"}]', '{\n  "n": 1\n}\n' * 500])
def test_wide_characters_are_no_text_and_are_told(text: str, encoding: str) -> None:
    head = text.encode(encoding)
    assert not is_text(head)
    assert "UTF-16" in why_not_text(head)


def test_binary_files_are_no_text() -> None:
    for head in (b"\0" * 5_000, b"\x7fELF\0\0\0\1" * 100, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        assert not is_text(head)
        assert "zero bytes" in why_not_text(head)


def test_what_holds_neither_zeros_nor_control_characters_is_for_others_to_judge() -> None:
    assert is_text(b"anything")
    assert is_text(bytes(range(0x80, 0x100)))


@pytest.mark.parametrize(
    "head",
    [b"\n\xb2\x04\nT\n\x1f\n\x0cservice.name", b"\xb5\x04", b"\xb5\x04\n\xb2\x04\nT", b"\x12\x07\n\x05tests"],
)
def test_a_broken_request_is_no_text_even_without_a_zero(head: bytes) -> None:
    assert not is_text(head)
    assert "no whole OTLP request stands at its beginning" in why_not_text(head)


@pytest.mark.parametrize(
    "head",
    [
        b"\x1b[32mINFO\x1b[0m REPORT RequestId: 3f1a",
        b'\x01\x02\n{"a": 1}',
        "über\tnäme\r\n".encode(),
        b"START RequestId: 3f1a",
    ],
)
def test_colours_white_space_and_stray_bytes_before_json_are_text(head: bytes) -> None:
    assert is_text(head)
