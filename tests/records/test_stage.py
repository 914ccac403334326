"""States of stages, packed and joined."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.errors import BundleError
from coldtrail.records.stage import State, array, joined, packed, part, unpacked


def test_what_was_packed_comes_back() -> None:
    value = {"a": [(1, 2.5)], "b": []}
    assert unpacked({"it": packed(value)}, "it", dict[str, list[tuple[int, float]]]) == value


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"it": packed("text")},
        {"it": packed([1, 2])[:-1]},
        {"it": np.zeros(3)},
        {"it": np.zeros((1, 1), np.uint8)},
    ],
)
def test_what_is_damaged_is_refused_in_one_sentence(state: State) -> None:
    with pytest.raises(BundleError, match=r"^The state is damaged \(it.*\)\.$"):
        unpacked(state, "it", list[int])


def test_an_array_of_another_length_is_refused() -> None:
    with pytest.raises(BundleError):
        array({"it": np.zeros(3)}, "it", np.float64, 4)
    assert len(array({"it": np.zeros(0)}, "it", np.float64, 0)) == 0


def test_states_are_joined_and_parted_by_the_name_of_their_stage() -> None:
    whole = joined({"a": {"x": np.zeros(1)}, "ab": {"x": np.ones(1)}})
    assert part(whole, "a").keys() == {"x"}
    assert part(whole, "a")["x"][0] == 0
    assert part(whole, "ab")["x"][0] == 1
