"""Flows that are told alike in all but ids and times, of which what no time matters to is worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import UNKNOWN

_FIELDS = ("function", "trigger", "caller", "version", "invocation", "cold", "complete", "failed")
_MOST = 2**62
"""Numbers up to here are told apart in 64 bits."""


class Alike(NamedTuple):
    """Which flows of a batch are alike."""

    first: Ints
    """(kind,) one flow of each kind."""
    of: Ints
    """(flow,) the kind of each."""

    @property
    def is_worth_it(self) -> bool:
        """Whether so many are alike that less is to be worked out."""
        return 2 * len(self.first) <= len(self.of)


def alike(flows: Encoded) -> Alike | None:
    """Which flows are alike; None where that is not known, or where few are.

    A flow is like no other one where a word of it as a whole was never met, or where its steps stand in
    another order than they began in, since they ran at once.
    """
    if flows.shape is None or not len(flows):
        return None
    single = np.zeros(len(flows), np.bool_)
    moved = np.flatnonzero(flows.standing != np.arange(len(flows.step)))
    single[flows.flow_of[moved]] = True
    for name in _FIELDS[:4]:
        single |= getattr(flows, name) == UNKNOWN
    code = np.where(single, np.arange(1, len(flows) + 1), 0)
    found = _numbered([code, flows.shape, *(getattr(flows, name) for name in _FIELDS)])
    return found if found.is_worth_it else None


def _numbered(columns: Sequence[Ints]) -> Alike:
    """The flows by what all columns say of them."""
    code, most = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        least = int(column.min())
        span = int(column.max()) - least + 1
        if most * span > _MOST:
            code = np.unique(code, return_inverse=True)[1]
            most = int(code.max()) + 1
        code, most = code * span + (column.astype(np.int64) - least), most * span
    _, first, of = np.unique(code, return_index=True, return_inverse=True)
    return Alike(first, of)


def parted(flows: Alike, scores: Floats) -> Alike:
    """The same flows, alike where their (flow, channel) scores are those of the least strange of them too."""
    order = np.lexsort((scores.sum(axis=1), flows.of))
    least = order[np.flatnonzero(np.diff(flows.of[order], prepend=-1))]
    same = (scores == scores[least[flows.of]]).all(axis=1)
    others = np.flatnonzero(~same)
    of = flows.of.copy()
    of[others] = len(least) + np.arange(len(others))
    return Alike(np.concatenate([least, others]), of)
