"""Documents out of a stream, however it is cut into pieces."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.sources.splitting import Splitter

ODD = ['"', "\\", '\\"', "{[", "]}", "é"]
VALUES = st.dictionaries(
    st.text(max_size=6),
    st.recursive(
        st.none()
        | st.integers()
        | st.text(max_size=20)
        | st.sampled_from(['"', "\\", '\\"', "{[", "]}", "é"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
).filter(lambda value: "Traces" not in value)
FORMS = ("lines", "list", "answer", "pretty", "pretty list", "pretty answer", "joined")


def written(values: list[Any], form: str) -> bytes:
    text = {
        "lines": lambda: "".join(json.dumps(value) + "\n" for value in values),
        "list": lambda: json.dumps(values, ensure_ascii=False),
        "answer": lambda: json.dumps({"Next": "[{", "More": [[{}]], "Traces": values, "After": [{"x": []}]}),
        "pretty": lambda: "\n".join(json.dumps(value, indent=2) for value in values),
        "pretty list": lambda: json.dumps(values, indent=2),
        "pretty answer": lambda: json.dumps({"After": {}, "Traces": values}, indent=2),
        "joined": lambda: "".join(json.dumps(value) for value in values),
    }[form]()
    return text.encode()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def split(
    data: bytes, size: int = 1 << 20, limit: int = 1 << 20, damaged: bool = False
) -> tuple[list[bytes], list[str]]:
    lost: list[str] = []
    splitter = Splitter(limit, lambda kind, place, reason: lost.append(kind), lambda: damaged)
    return [document for _, document in splitter.split(pieces(data, size))], lost


@given(
    st.lists(VALUES, min_size=1, max_size=5), st.sampled_from(FORMS), st.integers(1, 40), st.integers(0, 1)
)
def test_any_form_in_any_pieces(values: list[Any], form: str, size: int, small: int) -> None:
    data = written(values, form)
    longest = max(len(written([value], shape)) for value in values for shape in ("pretty", "pretty list"))
    limit = 4 * longest + 60 if small else 1 << 20
    documents, lost = split(data, size, limit)
    assert [json.loads(document) for document in documents] == values
    assert lost == []


@given(st.binary(max_size=300), st.integers(1, 50), st.sampled_from([8, 100, 10_000]))
def test_any_bytes_in_any_pieces(data: bytes, size: int, limit: int) -> None:
    documents, _ = split(data, size, limit)
    assert all(len(document) <= limit for document in documents)


@given(
    st.text(alphabet='{}[]",: \\\n1aTraces', max_size=80), st.integers(1, 9), st.sampled_from([4, 30, 10_000])
)
def test_any_brackets_in_any_pieces(text: str, size: int, limit: int) -> None:
    documents, _ = split(text.encode(), size, limit)
    assert all(len(document) <= limit for document in documents)


@given(st.lists(VALUES, min_size=2, max_size=5), st.sampled_from(FORMS), st.integers(1, 40), st.data())
def test_what_stands_before_a_cut_is_kept(
    values: list[Any], form: str, size: int, data: st.DataObject
) -> None:
    whole = written(values, form)
    kept = data.draw(st.integers(1, len(values) - 1))
    cut = data.draw(st.integers(len(written(values[:kept], form)), len(whole)))
    documents, _ = split(whole[:cut], size, damaged=True)
    if form in ("lines", "joined", "pretty"):
        assert [json.loads(document) for document in documents[:kept]] == values[:kept]
    assert len(documents) <= len(values)


@pytest.mark.parametrize("damage", [(b'"y"', b'"y'), (b'"y"', b'y"'), (b'"m": {', b'"m": '), (b"}\n", b"\n")])
@pytest.mark.parametrize("form", ["pretty", "pretty list", "pretty answer", "a line each"])
def test_damage_in_one_document_leaves_those_after_it(form: str, damage: tuple[bytes, bytes]) -> None:
    values = [{"n": number, "x": "y", "m": {"z": [{"a": 1}]}} for number in range(6)]
    if form == "a line each":
        data = b"[\n" + b",\n".join(json.dumps(value).encode() for value in values) + b"\n]\n"
    else:
        data = written(values, form)
    first, last = data.index(b'"n": 2'), data.index(b'"n": 3')
    damaged = data[:first] + data[first:last].replace(*damage, 1) + data[last:]
    for size in (5, 1 << 20):
        documents, lost = split(damaged, size)
        found = []
        for document in documents:
            with suppress(ValueError):
                found.append(json.loads(document))
        assert [value for value in values if value["n"] != 2 and value not in found] == []
        assert len(lost) <= 2


@pytest.mark.parametrize("size", [7, 1 << 20])
def test_a_document_too_large_is_passed_over(size: int) -> None:
    big = {"x": "y" * 5_000, "z": [{"a": '\\"'}] * 50}
    for form in FORMS:
        documents, lost = split(written([{"n": 1}, big, {"n": 2}], form), size, 1_000)
        assert [json.loads(document) for document in documents] == [{"n": 1}, {"n": 2}], form
        assert lost == ["document too large"]


def test_a_list_of_other_things_is_told() -> None:
    documents, lost = split(b'[{"n":1}, 7, "x", {"n":2}, null] ', size=9, limit=20)
    assert documents == [b'{"n":1}', b'{"n":2}']
    assert lost == ["text between documents"] * 2


def test_a_file_cut_off_inside_a_document() -> None:
    documents, lost = split(b'[\n{"n":1},\n{"n":')
    assert documents == [b'{"n":1}']
    assert lost == ["document broken or cut off"]


def test_a_first_line_cut_off_does_not_hide_the_others() -> None:
    good = b'{"n":1}\n{"n":2}\n'
    for first in (b'{"a":"x', b'{"a":', b'{"a":[', b"{"):
        documents, _ = split(first + b"\n" + good)
        assert documents[-2:] == [b'{"n":1}', b'{"n":2}']


def test_unsound_json_in_a_list_costs_one_element() -> None:
    documents, lost = split(b'[{"n":1},{"n":NaN},{"n":2}]')
    assert documents == [b'{"n":1}', b'{"n":NaN}', b'{"n":2}']
    assert lost == []


def test_an_endless_nest_is_no_trap() -> None:
    for data in (b"[" * 300_000, b'{"a":' * 100_000, b'[{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}]"):
        documents, _ = split(data)
        assert len(documents) <= 1


STRAY = [b"\xff\xfe", b"\xfe\xff", b"\x00\x01", b"\x00\x00", b"xy", b"\xff\xfe\xfd{broken}\n"]


@pytest.mark.parametrize("stray", STRAY)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [3, 1 << 20])
def test_stray_bytes_at_the_start_cost_at_most_the_first_document(stray: bytes, form: str, size: int) -> None:
    values = [{"n": number, "x": [1]} for number in range(4)]
    documents, lost = split(stray + written(values, form), size)
    good = []
    for document in documents:
        with suppress(ValueError):
            good.append(json.loads(document))
    assert good in (values, values[1:])
    assert lost or len(documents) > len(good)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("text", ['{"n": 1}\n', '[{"n": "\u65e5\u672c\u8a9e"}]'])
def test_wide_characters_are_refused_with_a_sentence(text: str, encoding: str) -> None:
    told: list[str] = []
    splitter = Splitter(1 << 20, lambda kind, place, reason: told.append(reason), lambda: False)
    assert list(splitter.split(iter([text.encode(encoding)]))) == []
    (reason,) = told
    assert "UTF-16" in reason
