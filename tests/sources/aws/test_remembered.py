"""What was given is remembered, within a bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.sources.aws.remembered import BUCKET_S, Remembered

IDS = st.lists(st.tuples(st.text(max_size=5), st.floats(0, 200)), max_size=40)


@given(IDS)
def test_a_position_holds_all_that_is_remembered(ids: list[tuple[str, float]]) -> None:
    remembered, again = Remembered(1_000), Remembered(1_000)
    for one in ids:
        remembered.add(*one)
    again.restore(remembered.state())
    assert all(again.has(*one) for one in ids)
    assert len(again) == len(remembered) == len({(id, at // BUCKET_S) for id, at in ids})
    assert again.state() == remembered.state()


def test_what_is_earlier_is_forgotten() -> None:
    remembered = Remembered(1_000)
    for at in (5.0, 15.0, 25.0):
        remembered.add("a", at)
    remembered.forget(20.0)
    assert [remembered.has("a", at) for at in (5.0, 15.0, 25.0)] == [False, False, True]


def test_too_many_are_bounded_and_it_says_from_when_on_it_knows() -> None:
    remembered = Remembered(10)
    for number in range(30):
        remembered.add(str(number), number * 1.0)
    assert remembered.bound() == 20.0
    assert len(remembered) == 10
    assert remembered.bound() is None


def test_no_position_is_refused() -> None:
    with pytest.raises(ValueError, match=r"base64|padding"):
        Remembered(1).restore({"1": "%"})
