"""Draws the flows that a history keeps: those of the smallest ranks of each kind, as many as fit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Hashes


class Limits(NamedTuple):
    """How much is kept at most."""

    alike: int
    """Flows of a kind."""
    kinds: int
    """Kinds of a function."""
    flows: int
    """In all; beyond it, fewer of each kind are."""


class Waiting(NamedTuple):
    """Candidates for the sample."""

    flows: Encoded
    ids: Hashes
    ranks: Floats
    names: NDArray[np.object_]


def drawn(
    function: Ints, ranks: Floats, stratum: Ints, bounds: Floats, limits: Limits
) -> tuple[Ints, Floats]:
    """The rows of the flows that are kept, and for each stratum the rank from which none is.

    Given are each flow's function, rank and stratum, and the bounds of earlier draws, which never widen: what
    lay beyond them is not there any more to be drawn.
    """
    bounds = bounds.copy()
    order = np.lexsort((ranks, stratum))
    place = _places(stratum[order])
    fits = _fitting(function, ranks, order[place == 0], stratum, limits.kinds)
    order, place = order[fits[order]], place[fits[order]]
    sizes = np.bincount(stratum[order], minlength=len(bounds))
    most = limits.alike
    while most > 1 and np.minimum(sizes, most).sum() > limits.flows:
        most //= 2
    last = order[place == most - 1]
    bounds[stratum[last]] = np.minimum(bounds[stratum[last]], ranks[last])
    kept = order[place < most]
    if len(kept) > limits.flows:
        kept = kept[np.argsort(ranks[kept], kind="stable")]
        bounds = np.minimum(bounds, ranks[kept[limits.flows]])
        kept = kept[: limits.flows]
    return kept, bounds


def _places(ordered: Ints) -> Ints:
    """The place of each among its equals, from 0, for numbers in ascending order."""
    return np.arange(len(ordered)) - np.searchsorted(ordered, ordered)


def _fitting(function: Ints, ranks: Floats, firsts: Ints, stratum: Ints, most: int) -> Bools:
    """(flow,) whether a flow is of the kinds that are kept of its function, given each kind's first flow."""
    order = firsts[np.lexsort((ranks[firsts], function[firsts]))]
    kinds = order[_places(function[order]) < most]
    return np.isin(stratum, stratum[kinds]) if len(kinds) < len(firsts) else np.ones(len(stratum), np.bool_)
