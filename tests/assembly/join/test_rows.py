"""Rows of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.assembly.join.rows import NO_KEY, Rows, key_of
from coldtrail.errors import BundleError


def test_rows_are_added_dropped_and_put_away() -> None:
    rows = Rows(time="d", key="Q")
    for number in range(5):
        rows.add(number / 2, 2**64 - 1 - number)
    rows.drop([1, 3])
    assert rows["time"].tolist() == [0.0, 1.0, 2.0]
    assert rows["key"].tolist() == [2**64 - 1, 2**64 - 3, 2**64 - 5]
    rows.drop(rows["time"] > 1.5)
    again = Rows(time="d", key="Q")
    again.restore(rows.state())
    assert len(again) == 2
    again.drop([])
    assert again["time"].tolist() == [0.0, 1.0]


def test_a_state_that_is_damaged_is_refused() -> None:
    rows = Rows(time="d", key="Q")
    with pytest.raises(BundleError):
        rows.restore({"time": np.zeros(2), "key": np.zeros(1, np.uint64)})


def test_a_key_stands_for_an_id() -> None:
    assert key_of(None) == key_of("") == NO_KEY
    assert len({key_of(str(number)) for number in range(10_000)}) == 10_000
