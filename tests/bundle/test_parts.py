"""Parts of a bundle: every number comes back as it was, and what nobody packed is refused."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from numpy.typing import NDArray

from coldtrail.bundle.parts import MAGIC, compressed, expanded, packed, unpacked

TYPES = (
    arrays_of.integer_dtypes(endianness="=")
    | arrays_of.unsigned_integer_dtypes(endianness="=")
    | arrays_of.boolean_dtypes()
    | arrays_of.floating_dtypes(endianness="=", sizes=(32, 64))
    | arrays_of.unicode_string_dtypes(endianness="=", max_len=5)
)
SHAPES = arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)


def some_arrays() -> st.SearchStrategy[NDArray[np.generic]]:
    return TYPES.flatmap(
        lambda kind: arrays_of.arrays(
            kind, SHAPES, elements=arrays_of.from_dtype(kind, allow_nan=False, allow_infinity=False)
        )
    )


@given(st.dictionaries(st.text(max_size=8), some_arrays(), max_size=4))
def test_every_number_and_word_comes_back(arrays: dict[str, NDArray[np.generic]]) -> None:
    again = unpacked(packed(arrays))
    assert again.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(again[name], array)


@given(st.lists(st.integers(-(2**52), 2**52), max_size=20), st.booleans())
def test_clock_times_and_numbers_in_order_come_back(ticks: list[int], ordered: bool) -> None:
    times = np.array(sorted(ticks) if ordered else ticks, np.int64) / 2.0**22
    hashes = np.sort(np.array([abs(tick) * 977 for tick in ticks], np.uint64))
    again = unpacked(packed({"times": times, "hashes": hashes}))
    assert again["times"].tolist() == times.tolist()
    assert again["hashes"].tolist() == hashes.tolist()


def test_times_of_a_clock_take_a_third_of_their_room() -> None:
    random = np.random.default_rng(0)
    begins = 1.79e9 + np.cumsum(random.random(10_000))
    ends = begins + random.lognormal(-4.0, 1.0, 10_000)
    assert len(packed({"span": ends - begins})) < 30_000
    assert len(packed({"begin": begins})) < 40_000


def test_the_same_arrays_are_the_same_bytes() -> None:
    arrays = {"a": np.arange(100), "b": np.linspace(0.0, 1.0, 9)}
    assert packed(arrays) == packed({name: array.copy() for name, array in arrays.items()})


def headed(data: bytes, change: Callable[[dict[str, object]], dict[str, object]]) -> bytes:
    """The file with another head."""
    start = len(MAGIC) + 4
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    head = [change(one) for one in msgspec.json.decode(data[start : start + length])]
    told = msgspec.json.encode(head)
    return MAGIC + len(told).to_bytes(4, "little") + told + data[start + length :]


WHOLE = packed({"a": np.arange(100) ** 3, "b": np.linspace(0.0, 1.0, 9)})


@pytest.mark.parametrize(
    "fields",
    [
        {"dtype": "<c16"},
        {"stored": "<c16", "dtype": "<c16"},
        {"dtype": "|O"},
        {"stored": "|V8"},
        {"dtype": "nonsense"},
        {"dtype": "<f16"},
        {"shape": [-1]},
        {"shape": [2**40]},
        {"shape": [2**31, 2**31, 2**31]},
        {"shape": [1, 1, 1, 100]},
        {"shape": [99]},
        {"shape": [101]},
        {"shape": []},
        {"size": -1},
        {"size": 10**9},
        {"size": 1},
        {"name": "b"},
        {"steps": True, "shape": [10, 10]},
        {"stored": "|b1"},
        {"stored": "<f8"},
        {"other": 1},
    ],
)
def test_a_forged_head_is_refused(fields: dict[str, object]) -> None:
    def change(one: dict[str, object]) -> dict[str, object]:
        return one | fields if one["name"] == "a" else one

    with pytest.raises((ValueError, msgspec.DecodeError)):
        unpacked(headed(WHOLE, change))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_damage_is_refused_or_gives_finite_numbers(place: int, change: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= change
    try:
        found = unpacked(bytes(damaged))
    except (ValueError, msgspec.DecodeError):
        return
    for array in found.values():
        assert array.dtype.kind in "biuU" or np.isfinite(array).all()


@pytest.mark.parametrize("data", [b"", MAGIC, WHOLE[:-1], WHOLE + b"x", WHOLE[:40], b"PK" + WHOLE])
def test_what_is_no_file_of_arrays_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, msgspec.DecodeError)):
        unpacked(data)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="a is not finite"):
        unpacked(packed({"a": np.array([0.0, value])}))


def test_texts_come_back_and_bombs_do_not() -> None:
    bomb = compressed(b"a" * 1_000_000)
    assert len(bomb) < 1000
    assert expanded(bomb) == b"a" * 1_000_000
    with pytest.raises(ValueError, match="damaged"):
        expanded(bomb, most=999_999)
    with pytest.raises(ValueError, match="damaged"):
        expanded(bomb[:-3])
    with pytest.raises(ValueError, match="damaged"):
        expanded(bomb + b"x")
