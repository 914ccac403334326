"""Limits of functions that had no part in them."""

from __future__ import annotations

import numpy as np

from benchmarks.azure import folds
from benchmarks.azure.reading import Functions

SOME = Functions(
    [f"f{number}" for number in range(20)],
    ["http"] * 20,
    np.zeros((20, 480)),
    [f"a{number // 2}" for number in range(20)],
)


def test_functions_of_an_application_lie_in_one_fold() -> None:
    parts = folds._parts(SOME)
    assert len(parts) == folds.FOLDS
    assert sorted(name for part in parts for name in part) == sorted(SOME.names)
    for number in range(0, 20, 2):
        assert any({f"f{number}", f"f{number + 1}"} <= part for part in parts)


def test_only_other_functions_choose_the_limit() -> None:
    mine = frozenset(("f0", "f1"))
    calm: dict[float, list[list[str]]] = {budget: [[], []] for budget in folds.BUDGETS}
    assert folds._chosen(calm, mine, SOME, 0.03) == folds.BUDGETS[0]
    own = calm | {0.1: [["f0"] * 9, ["f1"]]}
    assert folds._chosen(own, mine, SOME, 0.03) == folds.BUDGETS[0]
    others = calm | {0.1: [["f5"], ["f6"]], 0.06: [["f5"], []]}
    assert folds._chosen(others, mine, SOME, 0.03) == 0.05


def test_limits_lie_from_the_lowest_to_twice_the_usual_one() -> None:
    limits = [folds._limit(budget) for budget in folds.BUDGETS]
    assert limits == sorted(limits)
    assert abs(folds._limit(folds._CERTAIN) - 2.0) < 0.02
