"""Columns grow, shrink and come back from a snapshot; damage is told."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.resources.table import Table
from coldtrail.errors import BundleError


def table() -> Table:
    return Table({"a": np.float64, "b": np.float32})


def test_new_rows_are_zero_and_old_ones_stay() -> None:
    one = table()
    assert one.grow(2) == 0
    one["a"][1] = 5.0
    assert one.grow(100) == 2
    assert one["a"][:102].tolist() == [0.0, 5.0, *[0.0] * 100]


def test_rows_that_are_kept_stay_in_order() -> None:
    one = table()
    one.grow(4)
    one["a"][:4] = [1, 2, 3, 4]
    one.keep(np.array([1, 3]))
    assert one["a"][: one.length].tolist() == [2.0, 4.0]
    one.grow(1)
    assert one["a"][: one.length].tolist() == [2.0, 4.0, 0.0]


def test_a_snapshot_holds_the_rows_asked_for_exactly() -> None:
    one, two = table(), table()
    one.grow(3)
    one["a"][:3], one["b"][:3] = [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]
    two.restore(one.snapshot(np.array([0, 2]), "t"), "t", 3)
    assert two["a"][:3].tolist() == [0.1, 0.0, 0.3]
    assert two["b"][2] == one["b"][2]
    assert two.length == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("t_rows", np.array([0, 7])),
        ("t_rows", np.array([-1, 0])),
        ("t_float64", np.zeros(1)),
        ("t_float64", np.array([np.nan, 1.0])),
        ("t_float32", np.zeros(2)),
    ],
)
def test_damage_is_told(key: str, value: np.ndarray) -> None:
    one = table()
    one.grow(2)
    state = one.snapshot(np.arange(2), "t") | {key: value}
    with pytest.raises(BundleError):
        table().restore(state, "t", 2)
