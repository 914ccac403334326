"""River's half-space trees (Tan, Ting and Liu 2011), one forest for each function, taught run by run.

Trees are as many as in that paper (25), with River's height (8; the paper's 15 would take gigabytes here).
The window is a quarter of a function's learned runs, at most River's 250: within the first nothing is
scored at all. Each column ranges over what was learned and a little more: River's scaler would make all
values of a count that never varied equal, those of new actions too.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from benchmarks.peers.counts import PerFunction, Rows
from coldtrail.features.batch import Floats

TREES = 25
WINDOW = 250
LEAST_SECONDS = 0.01


class Trees:
    """How little of the last window's mass lies where a row does."""

    def fit(self, rows: Rows, counted: int) -> None:
        """Learns from one row after another."""
        from river.anomaly import HalfSpaceTrees

        window = min(max(len(rows) // 4, 2), WINDOW)
        room = np.where(np.arange(rows.shape[1]) < counted, 1.0, LEAST_SECONDS)
        ranges = zip((rows.min(axis=0) - room).tolist(), (rows.max(axis=0) + room).tolist(), strict=True)
        limits: dict[Hashable, tuple[float, float]] = dict(enumerate(ranges))
        self.model_ = HalfSpaceTrees(n_trees=TREES, window_size=window, limits=limits, seed=0)
        for row in rows:
            self.model_.learn_one(dict(enumerate(row.tolist())))

    def score(self, rows: Rows) -> Floats:
        """(flow,) higher is stranger."""
        scores = [self.model_.score_one(dict(enumerate(row.tolist()))) for row in rows]
        return np.array(scores, np.float64)


def peer() -> PerFunction:
    """A peer that has learned nothing yet."""
    return PerFunction(Trees)
