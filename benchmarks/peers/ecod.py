"""PyOD's ECOD (Li et al. 2022): tail probabilities of each column, summed; one for each function."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from benchmarks.peers.counts import PerFunction, Rows
from coldtrail.features.batch import Floats


class Tails:
    """How far out a row lies in each column."""

    def fit(self, rows: Rows, counted: int) -> None:
        """Keeps the rows."""
        from pyod.models.ecod import ECOD

        self.ecod_ = ECOD(n_jobs=1)
        with _constant_columns():
            self.ecod_.fit(rows)

    def score(self, rows: Rows) -> Floats:
        """(flow,) higher is stranger.

        PyOD ranks rows among those learned and all that are scored with them. Each row is scored by itself,
        so that attacked runs do not make each other look usual; equal rows are scored once.
        """
        different, of = np.unique(rows, axis=0, return_inverse=True)
        with _constant_columns():
            scores = [float(self.ecod_.decision_function(row[None, :])[0]) for row in different]
        return np.array(scores, np.float64)[of]


@contextmanager
def _constant_columns() -> Iterator[None]:
    """Silence where SciPy warns of a count that never varies: PyOD takes its skewness as none."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Precision loss occurred", RuntimeWarning)
        yield


def peer() -> PerFunction:
    """A peer that has learned nothing yet."""
    return PerFunction(Tails)
