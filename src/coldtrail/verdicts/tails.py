"""Upper tails of scores: how many runs of a history scored at least as high, which gives p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coldtrail.features.batch import Floats, Ints

PROVEN_RUNS = 2
_CLOSE = 1e-9
"""Sums of the same weights differ by less, in whatever order they were added."""
NO_TAIL = 0
"""The first of all tails is that of no history."""


@dataclass(frozen=True)
class Tails:
    """For each of many groups of runs the largest scores, and how many flows there were in all.

    The values of tail i are values[offsets[i]] to values[offsets[i + 1]].
    """

    values: Floats
    """(kept,) ascending within each tail."""
    above: Floats
    """(kept,) how many flows of the tail scored at least as high as each."""
    offsets: Ints
    """(tail + 1,)"""
    numbers: Floats
    """(tail,) flows in all."""

    @classmethod
    def none(cls) -> Tails:
        """The tail of no history, alone."""
        return cls(np.zeros(0), np.zeros(0), np.zeros(2, np.int64), np.zeros(1))

    @classmethod
    def of(cls, scores: Floats, weight: Floats, group: Ints, groups: int, kept: int) -> Tails:
        """The tails of the groups of weighted flows, of which the `kept` largest scores stay.

        NaN counts as no score. Equal scores are one value.
        """
        known = np.flatnonzero(~np.isnan(scores))
        rows = known[np.lexsort((scores[known], group[known]))]
        of, value, each = group[rows], scores[rows], weight[rows]
        sizes = np.bincount(of, minlength=groups)
        ends = np.cumsum(sizes)
        numbers = np.zeros(groups)
        some = np.flatnonzero(sizes)
        numbers[some] = np.add.reduceat(each, (ends - sizes)[some]) if len(some) else 0.0
        from_top = ends[of] - 1 - np.arange(len(rows))
        largest = from_top < kept
        of, value, each, from_top = of[largest], value[largest], each[largest], from_top[largest]
        above = _running_sums(of, from_top, each, groups)
        new = np.append(True, (np.diff(of) != 0) | (np.diff(value) != 0))[: len(of)]
        lengths = np.bincount(of[new], minlength=groups)
        offsets: Ints = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return cls(value[new], above[new], offsets, numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, tails: Ints) -> Tails:
        """Only some tails, in the given order."""
        lengths = np.diff(self.offsets)[tails]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[tails] - offsets[:-1], lengths)
        return Tails(self.values[rows], self.above[rows], offsets, self.numbers[tails])

    def with_scores(
        self, places: Ints, faded: float, scores: Floats, weight: Floats, group: Ints, groups: int, kept: int
    ) -> Tails:
        """The tails of so many groups: these, in their `places`, as much faded, and new scores as in `of`.

        Where a tail does not hold its lower scores, it does not hold new ones as low either.
        """
        of = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        last = np.append(of[1:] != of[:-1], True)[: len(of)]
        each = faded * (self.above - np.where(last, 0.0, np.append(self.above[1:], 0.0)))
        lower = faded * self.numbers - np.bincount(of, each, len(self))
        cut = np.flatnonzero((np.diff(self.offsets) > 0) & (lower > _CLOSE * self.numbers))
        lowest = np.full(groups, -np.inf)
        lowest[places[cut]] = self.values[self.offsets[cut]]
        found = Tails.of(
            np.append(self.values, np.maximum(scores, lowest[group])),
            np.append(each, weight),
            np.append(places[of], group),
            groups,
            kept,
        )
        numbers = found.numbers + np.bincount(places, np.maximum(lower, 0.0), groups)
        return Tails(found.values, found.above, found.offsets, numbers)

    def reached(self, tail: Ints, scores: Floats) -> Floats:
        """(score,) how many flows of its tail scored at least as high."""
        if not len(self.values):
            return np.zeros(len(scores))
        first, end = self.offsets[tail], self.offsets[tail + 1]
        out = self.numbers[tail]
        lowest = self.values[np.minimum(first, len(self.values) - 1)]
        rows = np.flatnonzero((first < end) & (scores > lowest))
        place = _places(self.values, first[rows], end[rows], scores[rows])
        within = place < end[rows]
        out[rows] = np.where(within, self.above[np.where(within, place, 0)], 0.0)
        return out

    def highest(self, tail: Ints) -> Floats:
        """(tail,) the highest score of tails that hold one."""
        return self.values[self.offsets[tail + 1] - 1]


def joined(parts: list[Tails]) -> Tails:
    """All tails of the parts, one part after another."""
    ends = np.cumsum([0, *(len(part.values) for part in parts)])
    offsets = [part.offsets[:-1] + end for part, end in zip(parts, ends.tolist(), strict=False)]
    return Tails(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.above for part in parts]),
        np.concatenate([*offsets, ends[-1:]]),
        np.concatenate([part.numbers for part in parts]),
    )


def _running_sums(group: Ints, place: Ints, weight: Floats, groups: int) -> Floats:
    """(row,) the sum of the weights of a row's group from place 0 up to its own, added in this order."""
    table = np.zeros((groups, int(place.max(initial=-1)) + 1))
    table[group, place] = weight
    sums: Floats = np.cumsum(table, axis=1)[group, place]
    return sums


def _places(values: Floats, first: Ints, end: Ints, scores: Floats) -> Ints:
    """(score,) the first place from `first` to `end` whose value is no smaller, `end` if there is none."""
    first, end = first.copy(), end.copy()
    while (open_ := first < end).any():
        middle = (first + end) // 2
        less = open_ & (values[np.minimum(middle, len(values) - 1)] < scores)
        first = np.where(less, middle + 1, first)
        end = np.where(open_ & ~less, middle, end)
    return first


def quantile(values: Floats, weight: Floats, share: float) -> float:
    """The conformal quantile: the smallest value not exceeded by this share of n + 1 flows."""
    order = np.argsort(values)
    passed = np.cumsum(weight[order])
    place = int(np.searchsorted(passed, share * (passed[-1] + 1.0) - 1e-9 * passed[-1], side="left"))
    return float(values[order][min(place, len(values) - 1)])


def lean(reached: Floats, number: Floats, wider: Floats, weight: float) -> Floats:
    """The share of groups that scores at least as high, leaning on that of wider groups."""
    return (reached + weight * wider) / (number + weight)


def proven(reached: Floats, number: Floats) -> Floats:
    """The share of functions' runs that score at least as high, by their own record; 0 if met too seldom.

    What a function has done `PROVEN_RUNS` times is no rarer than its own record says.
    """
    return np.where(reached >= PROVEN_RUNS - 0.5, reached / (number + 1.0), 0.0)
