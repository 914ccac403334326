"""Loops: which steps come several times in a row, in numbers that vary.

How often such a loop turns is judged by its repeats. Its order should not be judged by it as well: what
follows a loop of varying turns is read as if it had turned once. A step that always comes twice is no such
loop: its second coming belongs to the order, and so does its absence. Nor does it become one where a call was
lost from the record once, or a run broke off.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from coldtrail.detectors.detector import State
from coldtrail.features.arrays import hashes
from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import Hashes, distinct, is_in_ascending, mix

VARYING = 0.02
"""Of the visits to a loop, those that turn in another number than most do, from which its turns vary."""
ARRAYS = (hashes("turns_varying"),)


class Said(NamedTuple):
    """The steps of runs one after another, with the runs' ends."""

    token: Ints
    function: Ints
    place: Ints
    """(position,) the place in its run, from 0."""


class Turns:
    """The loops of each function whose number of turns varies."""

    def __init__(self) -> None:
        self.varying_: Hashes = np.zeros(0, np.uint64)

    def fit(self, said: Said, weights: Floats) -> Self:
        """Learns from the runs alone, whose positions weigh so much, and returns itself."""
        head = _heads(said)
        first = np.flatnonzero(head == np.arange(len(head)))
        turns = np.diff(np.append(first, len(head)))
        keys, of = distinct(_keys(said, first))
        _, each = distinct(mix(keys[of], turns))
        visits, alike = np.bincount(of, weights[first]), np.bincount(each, weights[first])
        usual = np.zeros(len(keys))
        np.maximum.at(usual, of, alike[each])
        self.varying_ = keys[usual < (1.0 - VARYING) * visits]
        return self

    def before(self, said: Said, back: int, start: int) -> tuple[Ints, ...]:
        """The token 1, 2, ... places before each position, a loop of varying turns being one place.

        `start` stands where the run begins.
        """
        entered = self._entered(said)
        at = np.arange(len(said.token))
        inside = np.ones(len(at), np.bool_)
        before = []
        for _ in range(back):
            inside = inside & (said.place[at] > 0)
            at = np.where(inside, at - 1, at)
            before.append(np.where(inside, said.token[at], start))
            at = np.where(inside, entered[at], at)
        return tuple(before)

    def _entered(self, said: Said) -> Ints:
        """(position,) where the loop began that this is a turn of; itself outside loops of varying turns."""
        at = np.arange(len(said.token))
        if not len(self.varying_):
            return at
        head = _heads(said)
        turning = np.flatnonzero(head < at)
        varying = is_in_ascending(_keys(said, head[turning]), self.varying_)
        entered = at.copy()
        entered[turning[varying]] = head[turning[varying]]
        return entered

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {"turns_varying": self.varying_}

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        self.varying_ = state["turns_varying"].astype(np.uint64)
        return self


def _heads(said: Said) -> Ints:
    """(position,) the first of the equal tokens, one after another, that each belongs to."""
    again: Bools = np.zeros(len(said.token), np.bool_)
    again[1:] = (said.token[1:] == said.token[:-1]) & (said.place[1:] > 0)
    return np.maximum.accumulate(np.where(again, 0, np.arange(len(again))))


def _keys(said: Said, at: Ints) -> Hashes:
    """The step at each of some places, after the one before it, in its function."""
    before = np.where(said.place[at] > 0, said.token[at - 1], -1)
    hashed = mix(np.full(len(at), 53, np.uint64), said.function[at] + 7)
    return mix(mix(hashed, said.token[at] + 11), before + 11)
