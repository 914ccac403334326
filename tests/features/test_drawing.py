"""Which flows are kept: the smallest ranks of each kind, and no more than fit."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.features.drawing import Limits, drawn

STRATUM = np.array([0, 0, 0, 1, 1, 2])
FUNCTION = np.array([7, 7, 7, 7, 7, 8])
RANKS = np.array([0.3, 0.1, 0.2, 0.6, 0.5, 0.9])
INF = float("inf")


@pytest.mark.parametrize(
    ("limits", "kept", "bounds"),
    [
        (Limits(9, 9, 9), [0, 1, 2, 3, 4, 5], [INF, INF, INF]),
        (Limits(2, 9, 9), [1, 2, 4, 3, 5], [0.2, 0.6, INF]),
        (Limits(9, 1, 9), [0, 1, 2, 5], [INF, INF, INF]),
        (Limits(4, 9, 5), [1, 2, 4, 3, 5], [0.2, 0.6, INF]),
        (Limits(4, 9, 2), [1, 4], [0.1, 0.5, 0.9]),
        (Limits(1, 1, 1), [1], [0.1, 0.9, 0.9]),
    ],
    ids=["all", "of a kind", "of a function", "fewer of each kind", "in all", "one"],
)
def test_the_smallest_ranks_are_kept(limits: Limits, kept: list[int], bounds: list[float]) -> None:
    rows, least = drawn(FUNCTION, RANKS, STRATUM, np.full(3, INF), limits)
    assert sorted(rows.tolist()) == sorted(kept)
    assert least.tolist() == bounds


def test_bounds_never_widen() -> None:
    before = np.array([0.15, 0.55, INF])
    _, bounds = drawn(FUNCTION, RANKS, STRATUM, before, Limits(2, 9, 9))
    assert bounds.tolist() == [0.15, 0.55, INF]
    assert before.tolist() == [0.15, 0.55, INF]
