"""Distance from the mean run of a function, in its own covariance (Mahalanobis 1936)."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.counts import PerFunction, Rows
from coldtrail.features.batch import Floats

LEAST_SECONDS = 0.01
"""A deviation below which times are not told apart."""


class Distance:
    """The distance of rows from the mean of those learned, by a covariance shrunk as by Ledoit and Wolf 2004.

    Counts that never varied get the variance that one other run among all would have given them.
    """

    def fit(self, rows: Rows, counted: int) -> None:
        """Learns mean, scale and covariance."""
        from sklearn.covariance import ledoit_wolf

        least = np.full(rows.shape[1], LEAST_SECONDS**2)
        least[:counted] = 1.0 / len(rows)
        self.mean_ = rows.mean(axis=0)
        self.scale_ = np.sqrt(rows.var(axis=0) + least)
        covariance, _ = ledoit_wolf((rows - self.mean_) / self.scale_, assume_centered=True)
        ridge = np.diag(least / self.scale_**2)
        self.precision_ = np.linalg.inv(covariance + ridge)

    def score(self, rows: Rows) -> Floats:
        """(flow,) the squared distance as a normal deviate, whatever the number of columns.

        The cube root of a chi-square over its degrees of freedom is nearly normal (Wilson and Hilferty 1931).
        """
        away = (rows - self.mean_) / self.scale_
        squared = np.einsum("ij,jk,ik->i", away, self.precision_, away)
        spread = 2.0 / (9.0 * rows.shape[1])
        deviate: Floats = (np.cbrt(squared / rows.shape[1]) - (1.0 - spread)) / np.sqrt(spread)
        return deviate


def peer() -> PerFunction:
    """A peer that has learned nothing yet; its scores are comparable already."""
    return PerFunction(Distance, scaled=False)
