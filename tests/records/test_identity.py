"""One trace is one, however its id is spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.records.identity import spelling, trace_key

HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


def in_xray(key: str) -> str:
    return f"1-{key[:8]}-{key[8:]}"


@given(HEX)
def test_both_spellings_are_one_trace(key: str) -> None:
    assert trace_key(key) == trace_key(key.upper()) == trace_key(in_xray(key)) == key
    assert trace_key(trace_key(in_xray(key))) == key


@given(HEX, HEX)
def test_different_traces_stay_apart(one: str, other: str) -> None:
    assert (trace_key(in_xray(one)) == trace_key(other)) == (one == other)


@pytest.mark.parametrize(
    "name",
    ["", "1", "t-1", "1-5f", "order 7", f"2-{'a' * 8}-{'b' * 24}", "g" * 32, f"1-{'g' * 8}-{'b' * 24}"],
)
def test_any_other_id_is_its_own_key(name: str) -> None:
    assert trace_key(name) == name


@given(HEX)
def test_the_spelling_of_x_ray_is_shown(key: str) -> None:
    assert spelling(key, in_xray(key)) == spelling(in_xray(key), key) == in_xray(key)
    assert spelling(key, key) == key
