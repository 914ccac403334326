"""Runs by who learns from them and by their kind, a path or a caller."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Floats, Ints


class Kinds(NamedTuple):
    """Kinds of runs by teacher."""

    teacher: Ints
    kind: Ints
    number: Ints
    """Of runs."""
    weight: Floats
    of: Ints
    """(run,) the row of each run given."""

    def places(self, order: Ints) -> Ints:
        """(row,) the place among its teacher's, where rows come in an order that has teachers ascending."""
        teacher = self.teacher[order]
        out = np.empty(len(order), np.int64)
        out[order] = np.arange(len(order)) - np.searchsorted(teacher, teacher)
        return out

    def most_first(self, amount: Floats | Ints) -> Ints:
        """The rows by teacher, and by an amount from the most to the least."""
        return np.lexsort((-amount, self.teacher))

    def find(self, teacher: Ints, kind: Ints) -> Ints:
        """(row,) where a kind of a teacher is, -1 for none."""
        codes = np.unique(self.kind)
        known = np.searchsorted(codes, self.kind)
        asked = np.minimum(np.searchsorted(codes, kind), max(len(codes) - 1, 0))
        if not len(codes):
            return np.full(len(kind), -1)
        mine, wanted = self.teacher * len(codes) + known, teacher * len(codes) + asked
        at = np.minimum(np.searchsorted(mine, wanted), len(mine) - 1)
        return np.where((mine[at] == wanted) & (codes[asked] == kind), at, -1)


def kinds_of(teacher: Ints, kind: Ints, weight: Floats) -> Kinds:
    """The kinds of runs, by teacher and kind ascending."""
    codes, code = np.unique(kind, return_inverse=True)
    found, of, number = np.unique(
        teacher * max(len(codes), 1) + code, return_inverse=True, return_counts=True
    )
    weights = np.bincount(of, weight, len(found)).astype(np.float64)
    return Kinds(found // max(len(codes), 1), codes[found % max(len(codes), 1)], number, weights, of)


class Commonest:
    """The kinds of each teacher that most of its runs are of."""

    def __init__(self, kinds: Kinds, most: int, teachers: int) -> None:
        order = kinds.most_first(kinds.weight)
        kept = order[kinds.places(order)[order] < most]
        self._kind, self._weight = kinds.kind[kept].tolist(), kinds.weight[kept].tolist()
        self._ends = [0, *np.cumsum(np.bincount(kinds.teacher[kept], minlength=teachers)).tolist()]

    def of(self, teacher: int) -> dict[int, float]:
        """Its runs by kind, the commonest first."""
        own = slice(self._ends[teacher], self._ends[teacher + 1])
        return dict(zip(self._kind[own], self._weight[own], strict=True))


class Grouped:
    """Rows by group, in the order in which they are given."""

    def __init__(self, group: Ints, rows: Ints, groups: int) -> None:
        self._rows = rows[np.argsort(group, kind="stable")]
        self._ends = [0, *np.cumsum(np.bincount(group, minlength=groups)).tolist()]

    def __getitem__(self, group: int) -> Ints:
        return self._rows[self._ends[group] : self._ends[group + 1]]
