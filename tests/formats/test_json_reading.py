from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from coldtrail.errors import DocumentError
from coldtrail.formats.json_reading import JsonReader


class Inner(Struct):
    name: str
    size: int | None = None


class Outer(Struct):
    id: str
    inner: Inner | None = None
    many: list[Inner] | None = None
    raw: list[Raw] | None = None
    number: float = 0.0


READ = JsonReader(Outer, "thing")


def read(payload: bytes | str) -> tuple[Outer, list[str]]:
    problems: list[str] = []
    return READ(payload, problems), problems


def test_what_is_sound_is_read_at_once() -> None:
    outer, problems = read(b'{"id":"a","inner":{"name":"b","secret":1},"other":"secret"}')
    assert (outer.inner, problems) == (Inner("b"), [])


def test_a_bad_part_costs_itself_alone() -> None:
    outer, problems = read(
        '{"id":"a","inner":{"name":"b","size":"x"},"many":[{"name":"c"},{"name":5},7],"number":[],"raw":[1,{}]}'
    )
    assert (outer.inner, outer.many, outer.number) == (Inner("b"), [Inner("c")], 0.0)
    assert [bytes(one) for one in outer.raw or ()] == [b"1", b"{}"]
    assert len(problems) == 5


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "broken"),
        (b"{", "broken at character 2"),
        (b"[1]", "no JSON object"),
        (b'{"id":5}', "no usable id"),
        (b'{"id":' + b"1" * 5_000 + b"}", "too long"),
        (b"[" * 90_000, "broken"),
    ],
)
def test_what_cannot_be_read(payload: bytes, why: str) -> None:
    with pytest.raises(DocumentError, match=why):
        read(payload)


def test_what_is_nested_too_deep_is_cut_off() -> None:
    outer, problems = read('{"id":"a","inner":' + '{"x":' * 50_000 + "1" + "}" * 50_000 + "}")
    assert outer.id == "a"
    assert "nested too deep" in problems[0]


def test_bytes_that_are_no_text_are_replaced() -> None:
    outer, problems = read(b'{"id":"\xff"}')
    assert outer.id == "\ufffd"
    assert "UTF-8" in problems[0]


def test_control_characters_are_no_reason_to_lose_a_document() -> None:
    assert read(b'{"id":"a\tb"}')[0].id == "a\tb"


def test_decoded_json_is_read_the_same() -> None:
    problems: list[str] = []
    assert READ.of({"id": "a", "number": "x"}, problems).id == "a"
    assert len(problems) == 1


ANY: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "inner", "many", "raw", "name", "size"]), inner, max_size=4)
    ),
)


@given(ANY)
def test_any_value(value: Any) -> None:
    try:
        assert isinstance(READ.of(value, []).id, str)
    except DocumentError:
        return
