"""PyOD's isolation forest (Liu, Ting and Zhou 2008), one for each function, with PyOD's settings."""

from __future__ import annotations

from benchmarks.peers.counts import PerFunction, Rows
from coldtrail.features.batch import Floats


class Forest:
    """How few cuts isolate a row."""

    def fit(self, rows: Rows, counted: int) -> None:
        """Grows the trees."""
        from pyod.models.iforest import IForest

        self.forest_ = IForest(random_state=0, n_jobs=1)
        self.forest_.fit(rows)

    def score(self, rows: Rows) -> Floats:
        """(flow,) higher is stranger."""
        scores: Floats = self.forest_.decision_function(rows)
        return scores


def peer() -> PerFunction:
    """A peer that has learned nothing yet."""
    return PerFunction(Forest)
