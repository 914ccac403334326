"""What functions lend each other."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.resources.columns import columns
from coldtrail.detectors.resources.measures import MEASURES, MEMORY
from coldtrail.detectors.resources.pools import SIZES, Pools, group_of
from coldtrail.errors import BundleError

WIDTH = len(MEASURES)


@pytest.mark.parametrize(
    ("size", "group"), [(None, 0), (-1.0, 0), (64.0, 1), (128.0, 2), (1_024.0, 5), (10_240.0, SIZES - 1)]
)
def test_groups_go_by_size(size: float | None, group: int) -> None:
    assert group_of(size) == group


def test_a_function_with_few_calls_scatters_as_its_group_does() -> None:
    pools, table = Pools(), columns()
    table.grow(2 * WIDTH)
    rows, groups = np.array([MEMORY, WIDTH + MEMORY]), np.array([3, 4])
    for _ in range(200):
        pools.learn(rows, groups, np.array([0.04, 0.0001]), np.array([100.0, 100.0]))
    assert pools.within(table, rows, groups) == pytest.approx([0.04, 0.0001], abs=1e-3)
    table["calls"][rows], table["within"][rows] = 50.0, 0.25
    assert pools.within(table, rows, groups) == pytest.approx([0.25, 0.25])


def test_days_of_few_values_teach_no_scatter() -> None:
    pools, table = Pools(), columns()
    table.grow(WIDTH)
    rows, groups = np.array([MEMORY]), np.array([3])
    before = pools.within(table, rows, groups)
    pools.learn(rows, groups, np.array([9.0]), np.array([2.0]))
    assert pools.within(table, rows, groups) == pytest.approx(before)


def test_chances_are_those_of_the_past() -> None:
    pools = Pools()
    rows, groups = np.arange(WIDTH), np.zeros(1, np.int64)
    fresh = pools.strength("hour", MEMORY, 1.0)
    for _ in range(10_000):
        pools.learn(rows, groups, np.zeros(WIDTH), np.zeros(WIDTH))
    quiet = pools.strength("hour", MEMORY, 1.0)
    for _ in range(200):
        pools.count("hour", MEMORY)
    assert pools.strength("hour", MEMORY, 1.0) < fresh < quiet
    assert pools.chance("hour", MEMORY, 1.0) == pytest.approx(200.5 / 10_500)
    assert pools.strength("hour", MEMORY, 2.0) > pools.strength("hour", MEMORY, 1.0) + 1
    assert pools.strength("day", MEMORY, 1.0) == quiet


def test_a_snapshot_comes_back_and_damage_is_told() -> None:
    pools, again = Pools(), Pools()
    pools.count("hour", MEMORY)
    again.restore(pools.snapshot())
    assert again.strength("hour", MEMORY, 1.0) == pools.strength("hour", MEMORY, 1.0)
    for broken in (np.zeros(3), pools.snapshot()["pools"] * np.nan, pools.snapshot()["pools"] - 1):
        with pytest.raises(BundleError):
            Pools().restore({"pools": broken})
