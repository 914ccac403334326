"""Declarations of arrays: what fits passes, and each thing that does not is named in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from coldtrail.features.arrays import check, floats, hashes, integers, lookup, prefixed, words

DECLARED = (
    *lookup("keys", "counts"),
    hashes("pairs", distinct=False),
    floats("rows", "keys", 2, least=(0.0, -1.0), most=(1.0, 2.0)),
    integers("step", "pairs", least=1, most="steps"),
    floats("weight", 1),
    words("names"),
)
KNOWN = {"steps": 3}


def good() -> dict[str, Any]:
    return {
        "keys": np.array([1, 2**64 - 1], np.uint64),
        "counts": np.array([0.0, 5.0]),
        "pairs": np.array([1, 1, 2], np.uint64),
        "rows": np.array([[0.0, -1.0], [1.0, 2.0]]),
        "step": np.array([1, 2, 3]),
        "weight": np.array([0.9]),
        "names": np.array(["Booking", ""]),
    }


def test_what_is_declared_passes_and_more_is_no_matter() -> None:
    check(good(), DECLARED, KNOWN)
    check(good() | {"more": np.zeros(3)}, DECLARED, KNOWN)


def test_bytes_may_stand_in_another_order() -> None:
    check(
        {name: array.astype(array.dtype.newbyteorder(">")) for name, array in good().items()}, DECLARED, KNOWN
    )


def test_nothing_is_declared_by_nothing() -> None:
    check({}, (), {})


WRONG: dict[str, tuple[str, Any, str]] = {
    "whole numbers": ("counts", np.array([0, 5]), "counts holds other things than it should"),
    "halves": ("counts", np.array([0.0, 5.0], np.float16), "other things"),
    "signed hashes": ("keys", np.array([1, 2]), "other things"),
    "words": ("weight", np.array(["a"]), "other things"),
    "too few": ("counts", np.array([0.0]), "counts is of another size than it should be"),
    "too many": ("weight", np.array([1.0, 1.0]), "another size"),
    "deeper": ("weight", np.array([[1.0]]), "another size"),
    "no axis": ("weight", np.array(1.0), "another size"),
    "a column less": ("rows", np.zeros((2, 1)), "another size"),
    "unsorted": ("keys", np.array([2, 1], np.uint64), "keys is not in order"),
    "twice": ("keys", np.array([2, 2], np.uint64), "not in order"),
    "falling": ("pairs", np.array([2, 1, 1], np.uint64), "not in order"),
    "negative": ("counts", np.array([0.0, -1e-9]), "counts holds numbers that cannot be"),
    "huge": ("counts", np.array([0.0, 1e16]), "cannot be"),
    "no number": ("counts", np.array([0.0, np.nan]), "cannot be"),
    "infinite": ("counts", np.array([0.0, np.inf]), "cannot be"),
    "one column": ("rows", np.array([[0.0, 0.0], [1.5, 0.0]]), "cannot be"),
    "no word of it": ("step", np.array([1, 2, 4]), "cannot be"),
    "the unknown word": ("step", np.array([0, 2, 3]), "cannot be"),
    "half a character": ("names", np.array(["\ud800", ""]), "surrogates not allowed"),
}


@pytest.mark.parametrize(("name", "array", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_is_not_as_declared_is_named(name: str, array: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check(good() | {name: array}, DECLARED, KNOWN)


@pytest.mark.parametrize("name", good())
def test_what_is_missing_is_named(name: str) -> None:
    state = good()
    del state[name]
    with pytest.raises(ValueError, match=f"{name} is missing"):
        check(state, DECLARED, KNOWN)


def test_a_start_parts_the_lengths_too() -> None:
    declared = (*prefixed("a_", lookup("keys", "counts")), *prefixed("b_", lookup("keys", "counts")))
    lengths = {"a_": 2, "b_": 3}
    state: dict[str, Any] = {}
    for start, length in lengths.items():
        state[f"{start}keys"], state[f"{start}counts"] = np.arange(length, dtype=np.uint64), np.ones(length)
    check(state, declared, {})
    with pytest.raises(ValueError, match="b_counts is of another size"):
        check(state | {"b_counts": np.ones(2)}, declared, {})


@given(
    st.sampled_from(DECLARED),
    arrays_of.arrays(
        st.one_of(arrays_of.scalar_dtypes(), arrays_of.unicode_string_dtypes()),
        arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    ),
)
def test_any_array_passes_or_is_refused_by_a_value_error(declared: Any, array: Any) -> None:
    told = ""
    try:
        check(good() | {declared.name: array}, DECLARED, KNOWN)
    except ValueError as error:
        told = str(error)
    as_declared = array.dtype.kind == np.dtype(declared.dtype).kind and array.ndim == len(declared.axes)
    assert told or as_declared
