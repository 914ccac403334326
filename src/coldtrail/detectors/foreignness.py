"""What the new things that a function has met looked like, and how foreign another one is among them.

A function that is fed unrelated names has met new things all the time, and still none like the next one, if
that is of another make.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from coldtrail.detectors.detector import State
from coldtrail.features.arrays import Array, hashes
from coldtrail.features.batch import Floats
from coldtrail.features.hashing import Hashes, mix
from coldtrail.features.looks import TRAITS
from coldtrail.features.names.foreign import Family, Rows

MOST_KEPT = 256
"""New things kept of each function and sort: a sample by hash."""
_MOST_FAMILIES, _MOST_CACHED = 256, 4096
ARRAYS = (
    hashes("lookkeys", distinct=False),
    Array("looks", np.uint16, ("lookkeys", TRAITS), 0, 0xFFFF),
)


class Foreignness:
    """What the things looked like that functions met once."""

    def __init__(self) -> None:
        self.keys = np.zeros(0, np.uint64)
        """(thing,) by function and sort, ascending."""
        self.looks: Rows = np.zeros((0, TRAITS), np.uint16)
        self._family = lru_cache(_MOST_FAMILIES)(self._family_at)
        self._chance = lru_cache(_MOST_CACHED)(self._chance_of)

    def fit(self, keys: Hashes, things: Hashes, looks: Rows) -> None:
        """Learns what things looked like; of one key a sample by the things' hashes."""
        order = np.lexsort((mix(things, np.full(len(things), 3)), keys))
        ordered = keys[order]
        place = np.arange(len(order)) - np.searchsorted(ordered, ordered, side="left")
        kept = order[place < MOST_KEPT]
        self._set(keys[kept], looks[kept])

    def _set(self, keys: Hashes, looks: Rows) -> None:
        self.keys, self.looks = keys, looks
        self._family.cache_clear()
        self._chance.cache_clear()

    def share(self, keys: Hashes, looks: Rows) -> Floats:
        """(row,) the chance that a new thing of a key looks at least as foreign; 1 where none was met."""
        start = np.searchsorted(self.keys, keys, side="left")
        end = np.searchsorted(self.keys, keys, side="right")
        out = np.ones(len(keys))
        for row in np.flatnonzero(end > start).tolist():
            out[row] = self._chance(int(start[row]), int(end[row]), looks[row].tobytes())
        return out

    def _family_at(self, start: int, end: int) -> Family:
        return Family(self.looks[start:end])

    def _chance_of(self, start: int, end: int, look: bytes) -> float:
        return self._family(start, end).chance(np.frombuffer(look, np.uint16))

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {"lookkeys": self.keys, "looks": self.looks}

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        self._set(state["lookkeys"].astype(np.uint64), state["looks"].astype(np.uint16).reshape(-1, TRAITS))
