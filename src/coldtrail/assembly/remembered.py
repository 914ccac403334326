"""Which ids came before, of very many: eight bytes and an empty place for each, in place of a record.

Two ids have one digest once in about 10^19 pairs. Who makes two such ids gains nothing by it: the same id
twice does the same.
"""

from __future__ import annotations

from array import array
from hashlib import blake2b
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from coldtrail.errors import BundleError
from coldtrail.features.hashing import Hashes
from coldtrail.records.stage import State, packed, unpacked

_LEAST_PLACES = 1024
_FREE = 0
_DIGESTS_OR_IDS: Any = bytes | list[str]


class _Digests:
    """A set of digests by open addressing: each lies at the first free place from its own on (Knuth, "The Art
    of Computer Programming", volume 3, section 6.4)."""

    def __init__(self) -> None:
        self._places = array("Q", bytes(8 * _LEAST_PLACES))
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def __contains__(self, digest: int) -> bool:
        return self._places[self._place_of(digest)] != _FREE

    def add(self, digest: int) -> None:
        """Adds a digest that is not 0."""
        place = self._place_of(digest)
        if self._places[place] == _FREE:
            self._places[place] = digest
            self._number += 1
            if 2 * self._number > len(self._places):
                self._grow()

    def _place_of(self, digest: int) -> int:
        """Where a digest lies, or would."""
        places, last = self._places, len(self._places) - 1
        place = digest & last
        while (held := places[place]) != digest and held != _FREE:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        places = array("Q", bytes(16 * len(self._places)))
        last = len(places) - 1
        for digest in self.all().tolist():
            place = digest & last
            while places[place] != _FREE:
                place = (place + 1) & last
            places[place] = digest
        self._places = places

    def all(self) -> Hashes:
        """All of them, in any order."""
        places = np.frombuffer(self._places.tobytes(), np.uint64)
        known: Hashes = places[places != _FREE]
        return known


class Remembered:
    """The ids that came last: the last `most` of them at least, and no more than twice as many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._older, self._newer = _Digests(), _Digests()

    def __len__(self) -> int:
        return len(self._older) + len(self._newer)

    def __contains__(self, one: str) -> bool:
        if not self._newer and not self._older:
            return False
        digest = _digest(one)
        return digest in self._newer or digest in self._older

    def add(self, one: str) -> None:
        """Remembers an id."""
        self._newer.add(_digest(one))
        if len(self._newer) == self._most:
            self._older, self._newer = self._newer, _Digests()

    def state(self) -> NDArray[np.uint8]:
        """All that is remembered, for `restored`."""
        return packed(np.concatenate([self._older.all(), self._newer.all()]).tobytes())

    @classmethod
    def restored(cls, most: int, state: State, name: str) -> Self:
        """What `state` gave, or the ids themselves that older states hold; raises `BundleError` where that is
        damaged."""
        known = cls(most)
        told = unpacked(state, name, _DIGESTS_OR_IDS)
        digests = (
            map(_digest, told) if isinstance(told, list) else np.frombuffer(_whole(told), np.uint64).tolist()
        )
        for digest in digests:
            known._older.add(digest or 1)
        return known


def _whole(digests: bytes) -> bytes:
    if len(digests) % 8:
        raise BundleError("The state is damaged (what it remembers is cut off).")
    return digests


def _digest(one: str) -> int:
    digest = blake2b(one.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
