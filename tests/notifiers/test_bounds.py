from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.notifiers.bounds import as_json, bounded, fitted, iso
from coldtrail.notifiers.document import document
from tests.attacks.hostile_names import EVERY_NAME
from tests.notifiers.messages import LONG, a_message, hostile_message

TEXTS = st.one_of(st.text(max_size=2_000), st.sampled_from(EVERY_NAME))


@given(TEXTS)
def test_every_text_of_a_bounded_message_is_short_and_printable(name: str) -> None:
    told = bounded(hostile_message(name))
    for text in (told.title, told.function, told.application, told.account, told.region, *told.lines):
        assert text.isprintable()
        assert len(text) <= 900


def test_a_message_within_bounds_is_left_as_it_is() -> None:
    assert bounded(a_message()) == a_message()


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://x/<b>", "https://x/ y", "https://x/|y", "https://x/\n"]
)
def test_what_is_no_link_is_left_out(link: str) -> None:
    assert bounded(a_message(link=link)).link == ""


@pytest.mark.parametrize("most", [600, 5_000, 20_000, 100_000])
def test_a_document_fits_with_as_many_lines_as_there_is_room_for(most: int) -> None:
    body = fitted(document, bounded(LONG), most)
    assert len(body) <= max(most, 3_000)
    assert json.loads(body)["dedup_key"] == LONG.dedup_key


def test_json_is_ascii_on_one_line() -> None:
    assert as_json({"a": "é\u2028\ud800"}) == b'{"a":"\\u00e9\\u2028\\ud800"}'


def test_times_are_told_in_milliseconds() -> None:
    assert iso(1_795_000_000.25) == "2026-11-18T11:06:40.250Z"
    assert iso(float("inf")) == "1970-01-01T00:00:00.000Z"
