"""JSON for a terminal: the same values, no character that acts."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.json import in_json

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT)))
def test_the_values_are_the_same(value: dict[str, object]) -> None:
    shown = in_json(msgspec.json.encode(value))
    assert json.loads(shown) == value
    assert shown.decode().isprintable()


def test_names_of_all_languages_stay_readable() -> None:
    assert in_json('{"a":"注文"}'.encode()) == '{"a":"注文"}'.encode()
    assert in_json(b'{"a":"\xc2\x9b31m\xe2\x80\xae"}') == b'{"a":"\\u009b31m\\u202e"}'
