"""Tails by function, channel and condition: whose history a score is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.verdicts.tails import Tails, joined

WARM, COLD, ALL, TROUBLED = range(4)
"""The conditions of runs: nothing special; a cold start; any; not cold, but something failed."""
KEPT_OWN = 256
KEPT_POOLED = 4096
"""Largest scores kept of each function and of all: the rest only tells that a score is common."""
EVERYONE = -1
"""Stands for all functions together."""


class Placed(NamedTuple):
    """Tails, the first of them that of no history, and where the others belong."""

    tails: Tails
    places: Ints
    """(tail - 1, 3) function (or `EVERYONE`), channel and condition of each tail but the first."""


def conditions_of(flows: Encoded) -> Ints:
    """(flow,) the condition of each run."""
    troubled = flows.failed | (np.bincount(flows.flow_of, flows.error, len(flows)) > 0.0)
    return np.where(flows.cold, COLD, np.where(troubled, TROUBLED, WARM))


def tails_of(flows: Encoded, scores: Floats, channels: Sequence[int]) -> Placed:
    """The tails of all functions together and of each, by condition and in all, in some columns of scores."""
    parts, places = [Tails.none()], [np.zeros((0, 3), np.int64)]
    for key, kept in _groupings(flows):
        keys, group = np.unique(key, return_inverse=True)
        for channel in channels:
            parts.append(Tails.of(scores[:, channel], flows.weight, group, len(keys), kept))
            places.append(_places(keys, channel))
    return Placed(joined(parts), np.concatenate(places))


def tails_with(
    known: Placed, flows: Encoded, scores: Floats, channels: Sequence[int], faded: float
) -> Placed:
    """Known tails, as much faded, with the scores of new flows among them."""
    parts, places = [Tails.none()], [np.zeros((0, 3), np.int64)]
    old = (known.places[:, 0] + 1) * 4 + known.places[:, 2]
    pooled = known.places[:, 0] == EVERYONE
    whole = known.places[:, 2] == ALL
    kinds = (pooled & whole, pooled & ~whole, ~pooled & ~whole, ~pooled & whole)
    for (new, kept), kind in zip(_groupings(flows), kinds, strict=True):
        for channel in channels:
            at = np.flatnonzero(kind & (known.places[:, 1] == channel))
            keys = np.unique(np.concatenate([old[at], new]))
            before, after = np.searchsorted(keys, old[at]), np.searchsorted(keys, new)
            grown = known.tails.take(at + 1).with_scores(
                before, faded, scores[:, channel], flows.weight, after, len(keys), kept
            )
            parts.append(grown)
            places.append(_places(keys, channel))
    return Placed(joined(parts), np.concatenate(places))


def _groupings(flows: Encoded) -> Iterator[tuple[Ints, int]]:
    """(flow,) the number of each flow's group, four times, and how many scores are kept of a group."""
    condition, all_ = conditions_of(flows), np.full(len(flows), ALL)
    everyone = np.full(len(flows), EVERYONE)
    for function, of, kept in (
        (everyone, all_, KEPT_POOLED),
        (everyone, condition, KEPT_POOLED),
        (flows.function, condition, KEPT_OWN),
        (flows.function, all_, KEPT_OWN),
    ):
        yield (function + 1) * 4 + of, kept


def _places(keys: Ints, channel: int) -> Ints:
    """(group, 3) function, channel and condition of groups by their numbers."""
    return np.column_stack([keys // 4 - 1, np.full(len(keys), channel), keys % 4])
