"""Plain text: one line, nothing that acts, nothing that hides."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.plain import named, plain, short

UNSEEN = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u115f", "\u3164", "\uffa0", "\ufe0f"]
TURNING = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
ACTING = ["\x00", "\x07", "\x08", "\x1b", "\x7f", "\x85", "\x9b", "\x9d", "\r", "\n", "\u2028", "\u2029"]
BROKEN = ["\ud800", "\udfff", "\ufffe", "\ue000", "\U000e0041", "\U000e0100", "\u2800"]


@pytest.mark.parametrize("char", [*UNSEEN, *TURNING, *ACTING, *BROKEN], ids=ascii)
def test_what_is_not_simply_shown_is_written_out(char: str) -> None:
    shown = plain(f"a{char}b")
    assert shown.isascii()
    assert f"{ord(char):x}" in shown
    assert shown.startswith("a\\")
    assert shown.endswith("b")


@given(st.text())
def test_plain_text_is_one_printable_line_and_stays_as_it_is(text: str) -> None:
    assert plain(text).isprintable()
    assert plain(plain(text)) == plain(text)


def test_words_of_living_languages_are_left_alone() -> None:
    for words in ("Bücher", "e\u0301te\u0301", "заказы", "注文", "ออเดอร์", "הזמנה", "🙂", "a\\x1b"):
        assert plain(words) == words


def test_marks_cannot_pile_up_or_sit_on_what_stands_before() -> None:
    piled = plain("a" + "\u0301" * 50)
    assert sum(category(char) == "Mn" for char in piled) == 3
    assert plain("\u0301\u0302x") == "\\u0301\\u0302x"


def test_long_names_keep_both_ends() -> None:
    assert short("a" * 50 + "b" * 50, 11) == "aaaaa…bbbbb"
    assert len(short("\x00" * 500)) <= 96
    assert short("abcdefg", 7) == "abcdefg"


def test_a_name_in_a_sentence_ends_where_it_ends() -> None:
    assert named("orders") == "orders"
    assert named("x: aws s3 rb s3://prod # ") == "“x: aws s3 rb s3://prod # ”"
    assert named("a”, now run: b") == '“a", now run: b”'
    assert named("") == ""
