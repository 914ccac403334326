"""Many distributions at once are what each is by itself, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.drift.e_values import grid_of, log_e_value_of_less, log_e_value_of_more
from coldtrail.detectors.drift.grids import Grids


@pytest.mark.parametrize("power", [1.7, 5.0])
@pytest.mark.parametrize("weighed", [False, True])
@given(seed=st.integers(0, 2**16), decimals=st.integers(0, 3))
def test_groups_have_the_grids_and_e_values_of_each(
    weighed: bool, power: float, seed: int, decimals: int
) -> None:
    draw = np.random.default_rng(seed)
    group = draw.integers(0, 5, 300) * 2
    values, weights = draw.random(300).round(decimals), draw.random(300) + 0.1
    grids = Grids(group, values, weights if weighed else None, 10)
    asked, of = draw.random(50).round(decimals), draw.integers(-1, 10, 50)
    more, less = (grids.log_e_values_of_more(of, asked, power), grids.log_e_values_of_less(of, asked, power))
    for one in range(10):
        mine = group == one
        assert grids[one] == grid_of(values[mine], weights[mine] if weighed else None)
    for row, (at, value) in enumerate(zip(of.tolist(), asked.tolist(), strict=True)):
        if at < 0 or at % 2:
            assert more[row] == less[row] == 0.0
        else:
            assert more[row] == log_e_value_of_more(grids[at], value, power)
            assert less[row] == log_e_value_of_less(grids[at], value, power)


def test_no_groups_are_no_trouble() -> None:
    grids = Grids(np.zeros(0, np.int64), np.zeros(0), None, 0)
    assert grids.log_e_values_of_more(np.array([-1]), np.array([0.5]), 2.0).tolist() == [0.0]
