"""Runs by who learns from them and by their kind."""

from __future__ import annotations

from collections import Counter

import numpy as np

from coldtrail.detectors.drift.kinds import Commonest, Grouped, kinds_of

TEACHER = np.array([0, 0, 0, 0, 2, 2, 2])
KIND = np.array([7, -1, 7, 9, 9, 7, 9])
WEIGHT = np.array([1.0, 2.5, 1.0, 0.5, 1.0, 4.0, 1.0])


def test_kinds_are_counted_and_weighed_by_teacher() -> None:
    kinds = kinds_of(TEACHER, KIND, WEIGHT)
    pairs = list(zip(kinds.teacher.tolist(), kinds.kind.tolist(), strict=True))
    assert pairs == sorted(set(zip(TEACHER.tolist(), KIND.tolist(), strict=True)))
    assert dict(zip(pairs, kinds.number.tolist(), strict=True)) == Counter(
        zip(TEACHER.tolist(), KIND.tolist(), strict=True)
    )
    assert kinds.weight.tolist() == [2.5, 2.0, 0.5, 4.0, 2.0]
    assert [pairs[row] for row in kinds.of.tolist()] == list(
        zip(TEACHER.tolist(), KIND.tolist(), strict=True)
    )


def test_a_kind_is_found_where_its_teacher_has_it() -> None:
    kinds = kinds_of(TEACHER, KIND, WEIGHT)
    asked = np.array([0, 0, 1, 2, 2, 0]), np.array([7, 8, 7, 9, -1, 10])
    assert kinds.find(*asked).tolist() == [1, -1, -1, 4, -1, -1]
    nothing = kinds_of(*(np.zeros(0, np.int64) for _ in range(2)), np.zeros(0))
    assert nothing.find(*asked).tolist() == [-1] * 6


def test_the_commonest_kinds_come_first_and_others_are_left_out() -> None:
    commonest = Commonest(kinds_of(TEACHER, KIND, WEIGHT), 2, 4)
    assert [list(commonest.of(one).items()) for one in range(4)] == [
        [(-1, 2.5), (7, 2.0)],
        [],
        [(7, 4.0), (9, 2.0)],
        [],
    ]


def test_rows_are_grouped_in_the_order_in_which_they_come() -> None:
    rows = Grouped(np.array([2, 0, 2, 2]), np.array([5, 4, 9, 1]), 4)
    assert [rows[one].tolist() for one in range(4)] == [[4], [], [5, 9, 1], []]
