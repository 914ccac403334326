"""Columns that grow, are given up, and are kept."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from coldtrail.detectors.rates.table import Rows, Table
from coldtrail.detectors.rates.tails import Floats
from coldtrail.errors import BundleError


class Some(Table):
    numbers: Floats
    rows: ClassVar[dict[str, Rows]] = {"numbers": Rows(2, np.float64, -1.0)}


def filled(functions: int) -> Some:
    made = Some()
    made.make_room(functions)
    made.numbers[:, :functions] = np.arange(2 * functions).reshape(2, functions)
    return made


def test_a_new_column_holds_what_every_function_begins_with() -> None:
    made = filled(60)
    made.make_room(200)
    assert made.numbers[1, 59] == 119.0
    assert (made.numbers[:, 60:200] == -1.0).all()
    made.forget(59)
    assert made.numbers[:, 59].tolist() == [-1.0, -1.0]


def test_what_is_kept_comes_back() -> None:
    made, again = filled(70), Some()
    again.restore(made.state(), 70)
    assert (again.numbers[:, :70] == made.numbers[:, :70]).all()


@pytest.mark.parametrize("damage", [np.full(140, np.nan), np.zeros(139), np.zeros(140, np.float32)])
def test_damage_is_told_as_such(damage: np.ndarray) -> None:
    with pytest.raises(BundleError):
        Some().restore({"numbers": damage}, 70)
