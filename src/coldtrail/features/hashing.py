"""Exact-in-practice numbers for sequences of words: 64-bit hashes, and counts kept by them.

The chance that any two of a million different contexts share a 64-bit hash is about 3 in 10^8.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
T = TypeVar("T", bound=np.integer[Any])
Numbers = TypeVar("Numbers", bound=NDArray[np.integer[Any]])

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xBF58476D1CE4E5B9)
_UNDONE = np.uint64(pow(int(_MULTIPLIER), -1, 2**64))
_SECOND_UNDONE = np.uint64(pow(int(_SECOND), -1, 2**64))


MANY, LEAST_AT_ONCE = 8192, 256
"""Keys of a table, and hashes looked up at once, from which leading bits are worth while."""
LARGE = 0xD1B54A32D192ED03
"""Added to where chains of different lengths begin: after a small number, one value could undo the next."""


def mix(hashes: Hashes, values: NDArray[np.integer]) -> Hashes:
    """The hashes with one more value folded into each (the SplitMix64 finaliser, Steele et al. 2014)."""
    mixed = (hashes ^ values.astype(np.uint64)) * _MULTIPLIER
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))


def unmixed(hashes: Hashes) -> Hashes:
    """For each hash that `mix` made, the hash before and the value folded into it, still xored together.

    Each step of the finaliser can be undone: a product with an odd number by that with its inverse.
    """
    mixed = hashes ^ (hashes >> np.uint64(31)) ^ (hashes >> np.uint64(62))
    mixed = mixed * _SECOND_UNDONE
    mixed = mixed ^ (mixed >> np.uint64(30)) ^ (mixed >> np.uint64(60))
    undone: Hashes = mixed * _UNDONE
    return undone


class _Keys:
    """Hashes, ascending, and where each lies.

    A search by halves misses the cache at each step where they are many. Hashes are spread evenly,
    so that from their leading bits follows almost where they lie.
    """

    keys: Hashes
    _asked = 0

    def find(self, hashes: Hashes) -> NDArray[np.int64]:
        """The place of each hash, -1 where it is none of them."""
        if not len(self.keys):
            return np.full(len(hashes), -1, np.int64)
        self._asked += len(hashes)
        by_halves = len(self.keys) < MANY or len(hashes) < LEAST_AT_ONCE or self._asked < len(self.keys)
        place = np.searchsorted(self.keys, hashes) if by_halves else self._placed(hashes)
        place[place == len(self.keys)] = 0
        return np.where(self.keys[place] == hashes, place, -1)

    @cached_property
    def _shift(self) -> np.uint64:
        return np.uint64(min(65 - len(self.keys).bit_length(), 63))

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        """By leading bits, the place of the first hash with these or more."""
        parts = np.arange(1 << (64 - int(self._shift)), dtype=np.uint64) << self._shift
        first: NDArray[np.int64] = np.searchsorted(self.keys, parts)
        return first

    def _placed(self, hashes: Hashes) -> NDArray[np.int64]:
        """What `searchsorted` gives."""
        place: NDArray[np.int64] = self._first[hashes >> self._shift]
        last = len(self.keys) - 1
        some = np.flatnonzero(place <= last)
        while len(some := some[self.keys[place[some]] < hashes[some]]):
            place[some] += 1
            some = some[place[some] <= last]
        return place


class Counts(_Keys):
    """How often each hash was met; a sorted table, so that a whole array is looked up at once."""

    def __init__(self, keys: Hashes, values: NDArray[np.float64]) -> None:
        if keys.shape != values.shape:
            raise ValueError("a table of counts has not one value a key")
        self.keys = keys
        self.values = values

    @classmethod
    def of(cls, hashes: Hashes, weights: NDArray[np.float64]) -> Counts:
        """The table of the summed weights of equal hashes."""
        keys, inverse = distinct(hashes)
        return cls(keys, np.bincount(inverse, weights, len(keys)).astype(np.float64))

    @classmethod
    def of_kinds(cls, hashes: Hashes, kind: NDArray[np.integer], weights: NDArray[np.float64]) -> Counts:
        """The table of the summed weights of rows by the hash of each one's kind; kinds may share a hash."""
        keys, place = distinct(hashes)
        of = place[kind]
        met = np.flatnonzero(np.bincount(of, minlength=len(keys)))
        return cls(keys[met], np.bincount(of, weights, len(keys))[met].astype(np.float64))

    def and_of(self, hashes: Hashes, weights: NDArray[np.float64]) -> Counts:
        """The table with the weights of more hashes."""
        return Counts.of(np.concatenate([self.keys, hashes]), np.concatenate([self.values, weights]))

    def __call__(self, hashes: Hashes) -> NDArray[np.float64]:
        """The count of each hash, 0 where never met."""
        place = self.find(hashes)
        if not len(self.keys):
            return np.zeros(len(hashes))
        return np.where(place >= 0, self.values[place], 0.0)

    @cached_property
    def _undone(self) -> tuple[Hashes, NDArray[np.int64]]:
        undone = unmixed(self.keys)
        order = np.argsort(undone, kind="stable")
        return undone[order], order

    def folded_into(
        self, before: int, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Which values were folded into one hash to make keys of the table, and the counts of these keys.

        Only values from `first` to `last`, both at least 0, are told, ascending. However large the table is,
        nothing is looked at but what has the hash's leading bits.
        """
        undone, order = self._undone
        low = (1 << (first ^ last).bit_length()) - 1
        start = (before ^ first) & ~low
        near = slice(
            int(np.searchsorted(undone, np.uint64(start))),
            int(np.searchsorted(undone, np.uint64(start | low), "right")),
        )
        value = (undone[near] ^ np.uint64(before)).astype(np.int64)
        there = np.flatnonzero((value >= first) & (value <= last))
        there = there[np.argsort(value[there])]
        return value[there], self.values[order[near][there]]


def is_in_ascending(values: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    """(value,) whether it is one of the known ones, which ascend: these need not be sorted again."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found


def distinct(numbers: NDArray[T]) -> tuple[NDArray[T], NDArray[np.int64]]:
    """The different numbers, ascending, and (number,) the place of each among them: as `unique` of numpy
    gives them, but sorted in whichever order is quickest for equal ones."""
    order, starts = _runs_of_equals(numbers)
    place = np.empty(len(numbers), np.int64)
    place[order] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(numbers))))
    return numbers[order[starts]], place


def first_rows(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """(different number, ascending) the first row that holds it."""
    order, starts = _runs_of_equals(numbers)
    return np.minimum.reduceat(order, starts) if len(starts) else starts


def order_of(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """The rows by their numbers, equal ones as they stand: as a stable `argsort` gives them."""
    _, place = distinct(numbers)
    size = max(len(numbers), 1)
    return np.sort(place * size + np.arange(len(numbers))) % size


def equals_before(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """(number,) how many equal ones stand before it."""
    order = order_of(numbers)
    ordered, at = numbers[order], np.arange(len(numbers))
    first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    out = np.empty(len(numbers), np.int64)
    out[order] = at - np.maximum.accumulate(np.where(first, at, 0))
    return out


def _runs_of_equals(numbers: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows by their numbers, and where each different number begins among them."""
    order = np.argsort(numbers)
    ordered = numbers[order]
    return order, np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])


def each_once(numbers: Numbers) -> Numbers:
    """The different numbers, ascending.

    `numpy.unique` gives the same, but looks each up in a table of its own, which takes a hundred times as
    long where there are millions.
    """
    ordered = np.sort(numbers)
    kept: Numbers = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return kept


def is_among(numbers: NDArray[T], known: NDArray[T]) -> NDArray[np.bool_]:
    """(number,) whether each is one of those known, as `numpy.isin` gives it: that takes long for hashes."""
    if not len(known):
        return np.zeros(len(numbers), np.bool_)
    ordered = np.sort(known)
    place = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[place] == numbers)


class Table(_Keys):
    """Rows of numbers by hash."""

    def __init__(self, keys: Hashes, rows: NDArray[np.float64]) -> None:
        if len(keys) != len(rows):
            raise ValueError("a table has not one row a key")
        self.keys = keys
        self.rows = rows
        """(key, column)"""
