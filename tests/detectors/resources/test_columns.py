"""What a new version takes over."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.resources.columns import DAY, HOUR, INHERITED, SAID, columns


def test_sums_are_exact_and_baselines_small() -> None:
    table = columns()
    table.grow(1)
    assert all(table[name].dtype == np.float64 for name in (*HOUR, *DAY))
    assert all(table[name].dtype == np.float32 for name in INHERITED)


def test_neither_what_runs_nor_what_was_told_is_inherited() -> None:
    assert not set(INHERITED) & {*HOUR, *DAY, *SAID}
