"""The tails of many functions in one table, so that a batch is compared with all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from coldtrail.features.batch import Floats, Ints
from coldtrail.verdicts.tails import Tail

Key = tuple[int, int, int]
"""Function, channel, condition."""


class TailTable:
    """Tails by function, channel and condition, one after another."""

    def __init__(self, keys: Ints, kept: Ints, number: Floats, values: Floats, above: Floats) -> None:
        """Of each tail its key (tail, 3), how many scores are kept of it and how many flows there were in
        all; then the scores of all tails, ascending in each, and how many flows scored at least as high."""
        self.keys = keys
        self.number = number
        self.values = values
        self.above = above
        self.ends = np.cumsum(kept)
        self.starts = self.ends - kept

    @classmethod
    def of(cls, tails: Mapping[Key, Tail]) -> TailTable:
        """The table of some tails."""
        some = list(tails.values())
        return cls(
            np.array(list(tails), np.int64).reshape(-1, 3),
            np.array([len(tail.values) for tail in some], np.int64),
            np.array([tail.number for tail in some], np.float64),
            np.concatenate([np.zeros(0), *(tail.values for tail in some)]),
            np.concatenate([np.zeros(0), *(tail.above for tail in some)]),
        )

    def __len__(self) -> int:
        return len(self.number)

    @cached_property
    def _functions(self) -> Ints:
        return np.unique(self.keys[:, 0])

    @cached_property
    def _places(self) -> Ints:
        """(function, condition, channel) the number of each tail, -1 where there is none: functions as they
        lie in `_functions`, and last on each axis what is none of them."""
        function, channel, condition = self.keys.T
        highest = len(self._functions), condition.max(initial=-1) + 1, channel.max(initial=-1) + 1
        places = np.full(np.array(highest) + 1, -1, np.int64)
        places[np.searchsorted(self._functions, function), condition, channel] = np.arange(len(self))
        return places

    def find(self, function: Ints, condition: Ints, channels: Ints) -> Ints:
        """(row, channel) the number of the tail of each row's function and condition, -1 for none."""
        known = np.append(self._functions, -1)
        place = np.searchsorted(self._functions, function)
        place[known[place] != function] = len(self._functions)
        _, conditions, width = self._places.shape
        rows: Ints = self._places[place, np.minimum(condition, conditions - 1)]
        return rows.take(np.minimum(channels, width - 1), axis=1)

    def at(self, tails: Ints) -> Chosen:
        """The tails of these numbers, none of them -1."""
        return Chosen(self, tails)


class Chosen:
    """One tail of a table for each of some scores."""

    def __init__(self, table: TailTable, tails: Ints) -> None:
        self._table, self._tails = table, tails
        self.number: Floats = table.number[tails]
        """How many flows there were in all."""

    def reached(self, scores: Floats) -> Floats:
        """How many flows of each score's history scored at least as high."""
        table, tails = self._table, self._tails
        start, end = table.starts[tails], table.ends[tails]
        out = self.number.copy()
        held = np.flatnonzero(start < end)
        high = held[scores[held] > table.values[start[held]]]
        place = _places_in(table.values, start[high], end[high], scores[high])
        inside = place < end[high]
        out[high] = np.where(inside, table.above[np.where(inside, place, 0)], 0.0)
        return out


def _places_in(values: Floats, start: Ints, end: Ints, scores: Floats) -> Ints:
    """(row,) the first place from `start` on, and below `end`, whose value is not below the score.

    A binary search in as many parts of the values as there are rows, all at once.
    """
    place, last = start.copy(), len(values) - 1
    step = 1 << int((end - start).max(initial=0)).bit_length() >> 1
    while step:
        probe = place + (step - 1)
        place += step * ((probe < end) & (values[np.minimum(probe, last)] < scores))
        step >>= 1
    return place
