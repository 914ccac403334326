"""Runs that hold one or several things that no other run did."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.firsts import SHARES, Held, at_least, in_company, runs_with, share_of


@pytest.mark.parametrize(
    ("share", "quarters"), [(1.0, 0), (0.26, 0), (0.24, 1), (0.05, 2), (0.001, 3), (0.0, 3)]
)
def test_shares_are_told_apart_by_quarters(share: float, quarters: int) -> None:
    assert share_of(np.array([share])).tolist() == [quarters]
    assert at_least(np.array([share])).tolist() == [[quarters <= at for at in range(SHARES)]]


def test_a_thing_counts_once_a_run_with_all_that_the_run_stands_for() -> None:
    keys = np.array([7, 7, 9], np.uint64)
    held = Held.of(keys, np.array([0, 0, 1]), np.array([3.0, 1.0]))
    assert held.runs(np.array([7, 9, 8], np.uint64)).tolist() == [3.0, 1.0, 0.0]
    assert keys[held.row].tolist() == [7, 9]


def test_runs_are_counted_that_hold_so_many_things_as_usual_as_that() -> None:
    flow, owner = np.array([4, 4, 5, 6, 6]), np.array([0, 0, 0, 1, 1])
    usual = at_least(np.array([1.0, 0.1, 1.0, 1.0, 1.0]))
    assert runs_with(flow, owner, usual, 3).tolist() == [[2.0] * 4, [1.0] * 4, [0.0] * 4]
    assert runs_with(flow, owner, usual, 3, least=2).tolist() == [[0.0, 1.0, 1.0, 1.0], [1.0] * 4, [0.0] * 4]
    nothing = runs_with(flow[:0], owner[:0], usual[:0], 2)
    assert nothing.tolist() == [[0.0] * 4, [0.0] * 4]


def test_things_are_in_company_where_their_run_holds_another() -> None:
    assert in_company(np.array([4, 5, 4, 6])).tolist() == [True, False, True, False]
    assert in_company(np.zeros(0, np.int64)).tolist() == []
