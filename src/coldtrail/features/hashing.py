"""Exact-in-practice numbers for sequences of words: 64-bit hashes, and counts kept by them.

The chance that any two of a million different contexts share a 64-bit hash is about 3 in 10^8.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xBF58476D1CE4E5B9)
_UNDONE = np.uint64(pow(int(_MULTIPLIER), -1, 2**64))
_SECOND_UNDONE = np.uint64(pow(int(_SECOND), -1, 2**64))


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


class Counts:
    """How often each hash was met; a sorted table, so that a whole array is looked up at once."""

    def __init__(self, keys: Hashes, values: NDArray[np.float64]) -> None:
        if keys.shape != values.shape:
            raise ValueError("a table of counts has not one value a key")
        self.keys = keys
        self.values = values

    @classmethod
    def of(cls, hashes: Hashes, weights: NDArray[np.float64]) -> Counts:
        """The table of the summed weights of equal hashes."""
        keys, inverse = np.unique(hashes, return_inverse=True)
        return cls(keys, np.bincount(inverse, weights, len(keys)).astype(np.float64))

    def and_of(self, hashes: Hashes, weights: NDArray[np.float64]) -> Counts:
        """The table with the weights of more hashes."""
        return Counts.of(np.concatenate([self.keys, hashes]), np.concatenate([self.values, weights]))

    def __call__(self, hashes: Hashes) -> NDArray[np.float64]:
        """The count of each hash, 0 where never met."""
        place = _find(self.keys, hashes)
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


class Table:
    """Rows of numbers by hash."""

    def __init__(self, keys: Hashes, rows: NDArray[np.float64]) -> None:
        if len(keys) != len(rows):
            raise ValueError("a table has not one row a key")
        self.keys = keys
        self.rows = rows
        """(key, column)"""

    def find(self, hashes: Hashes) -> NDArray[np.int64]:
        """The row number of each hash, -1 where there is none."""
        return _find(self.keys, hashes)


def _find(keys: Hashes, hashes: Hashes) -> NDArray[np.int64]:
    """The place of each hash among sorted keys, -1 where it is none of them."""
    if not len(keys):
        return np.full(len(hashes), -1, np.int64)
    place = np.searchsorted(keys, hashes)
    place[place == len(keys)] = 0
    return np.where(keys[place] == hashes, place, -1)
