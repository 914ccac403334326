"""One rule for all peers to get a threshold from a budget of false alarms: scores out of fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.peers.peer import Peer
from coldtrail.features.batch import Floats
from coldtrail.learning.teaching import dealt
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey

BUDGET = 0.003
"""The share of benign flows that may alarm: that of Coldtrail's default detectors."""


def out_of_fold(make: Callable[[], Peer], flows: Sequence[Flow], folds: int) -> Floats:
    """(flow,) the score of each flow by a peer that learned from the other folds.

    Folds are dealt as Coldtrail deals its own: each function's flows in rounds, over the whole time.
    """
    numbers = {name: i for i, name in enumerate(dict.fromkeys(map(function_of, flows)))}
    fold = dealt(np.array([numbers[function_of(flow)] for flow in flows], np.int64), folds)
    scores = np.zeros(len(flows))
    for k in range(folds):
        peer = make()
        peer.fit([flow for flow, own in zip(flows, fold, strict=True) if own != k])
        scores[fold == k] = peer.score([flow for flow, own in zip(flows, fold, strict=True) if own == k])
    return scores


def function_of(flow: Flow) -> FunctionKey:
    """The function."""
    return flow.key


def threshold(scores: Floats, budget: float = BUDGET) -> float:
    """The score that a new benign flow exceeds with at most the budget's chance, given those of others.

    The conformal quantile (Vovk, Gammerman and Shafer 2005): of n scores that of rank (n + 1)(1 - budget).
    Raises ValueError where there are none.
    """
    if not len(scores):
        raise ValueError("There are no scores to take a threshold from.")
    rank = int(np.ceil((len(scores) + 1) * (1.0 - budget)))
    return float(np.sort(scores)[min(rank, len(scores)) - 1])
