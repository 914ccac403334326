"""Rows of numbers in memory: what is compared of things that themselves may lie on disk."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Bools, Ints
from coldtrail.records.stage import State
from coldtrail.records.stage import array as array_of

NO_KEY = 0
_AT_ONCE = 1_024
_TYPES: dict[str, type[np.generic]] = {"d": np.float64, "q": np.int64, "Q": np.uint64}


def key_of(text: str | None) -> int:
    """Eight bytes that stand for an id; `NO_KEY` for none. Two ids share them once in about 10^19 pairs, so
    that what is found by them has still to be compared."""
    if not text:
        return NO_KEY
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


class Rows:
    """Columns of one length, to which rows are added, and of which some are kept."""

    def __init__(self, **types: str) -> None:
        """Each column by its name, and the type of its numbers as the module `array` has it."""
        self._columns: dict[str, array[Any]] = {name: array(kind) for name, kind in types.items()}
        self._new: list[tuple[float, ...]] = []
        """Rows that are not in the columns yet."""

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()))) + len(self._new)

    def add(self, *row: float) -> None:
        """Adds a row: a number for each column."""
        self._new.append(row)
        if len(self._new) >= _AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        for column, values in zip(self._columns.values(), zip(*self._new, strict=True), strict=False):
            column.extend(values)
        self._new.clear()

    def __getitem__(self, name: str) -> NDArray[Any]:
        self._settle()
        column = self._columns[name]
        return np.array(column, _TYPES[column.typecode])

    def drop(self, gone: Sequence[int] | Ints | Bools) -> None:
        """Lets rows go, by their places or by a mark for each."""
        left = np.ones(len(self), np.bool_)
        left[gone] = False
        for name, column in self._columns.items():
            kept = self[name][left]
            del column[:]
            column.frombytes(kept.tobytes())

    def state(self) -> State:
        """The columns, for `restore`."""
        return {name: self[name] for name in self._columns}

    def restore(self, state: State) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        length = None
        self._new.clear()
        for name, column in self._columns.items():
            kind: Any = _TYPES[column.typecode]
            told = array_of(state, name, kind, length)
            length = len(told)
            del column[:]
            column.frombytes(told.tobytes())
