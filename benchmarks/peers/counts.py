"""Runs as rows of numbers, a function at a time: how often it did what, and how long that took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import NEVER_MET, OnArrays, without_starts
from coldtrail.features.batch import Encoded, Floats, Ints

Rows = NDArray[np.float64]

LEAST_FLOWS = 10
"""Learned flows below which a function's runs all score 0: there is nothing to compare them with."""


class Columns:
    """Which actions the columns stand for: those one function has shown, and all others together."""

    def __init__(self, flows: Encoded) -> None:
        self.actions = np.unique(flows.action)

    def rows(self, flows: Encoded) -> Rows:
        """(flow, column) counts of each action and of unknown ones, their seconds, the run's own seconds."""
        place = np.searchsorted(self.actions, flows.action)
        place[place == len(self.actions)] = 0
        known = self.actions[place] == flows.action if len(self.actions) else np.zeros(len(place), np.bool_)
        column = np.where(known & (flows.action > 0), place, len(self.actions))
        counts = np.zeros((len(flows), len(self.actions) + 1))
        seconds = np.zeros_like(counts)
        np.add.at(counts, (flows.flow_of, column), 1.0)
        np.add.at(seconds, (flows.flow_of, column), flows.self_time)
        return np.column_stack([counts, seconds, flows.own_time])

    @property
    def counted(self) -> int:
        """How many of the columns, from the first, are counts; the others are seconds."""
        return len(self.actions) + 1


class Ranker(Protocol):
    """Ranks rows of one function."""

    def fit(self, rows: Rows, counted: int) -> None:
        """Learns from rows (flow, column) in the order of their start; the first `counted` are counts."""
        ...

    def score(self, rows: Rows) -> Floats:
        """(flow,) higher is stranger."""
        ...


class PerFunction(OnArrays):
    """A peer with a model for each function.

    Each model's scores are given in standard deviations from the mean of what it learned from (Kriegel et al.
    2011, Gaussian scaling), so that one threshold can serve all functions.
    """

    def __init__(self, ranker: Callable[[], Ranker], scaled: bool = True) -> None:
        self._ranker = ranker
        self._scaled = scaled

    def learn(self, flows: Encoded) -> None:
        """As `fit`, from arrays."""
        self.models_: dict[int, tuple[Columns, Ranker, float, float] | None] = {}
        for function, rows in by_function(flows):
            same = without_starts(flows.take(rows))
            self.models_[function] = self._model(same) if len(rows) >= LEAST_FLOWS else None

    def _model(self, flows: Encoded) -> tuple[Columns, Ranker, float, float]:
        columns, ranker = Columns(flows), self._ranker()
        rows = columns.rows(flows)
        ranker.fit(rows, columns.counted)
        if not self._scaled:
            return columns, ranker, 0.0, 1.0
        scores = ranker.score(rows)
        mean = float(scores.mean())
        return columns, ranker, mean, max(float(scores.std()), 0.01 * abs(mean), 1e-9)

    def rank(self, flows: Encoded) -> Floats:
        """As `score`, from arrays."""
        scores = np.full(len(flows), NEVER_MET)
        for function, rows in by_function(flows):
            if function not in self.models_:
                continue
            model = self.models_[function]
            if model is None:
                scores[rows] = 0.0
                continue
            columns, ranker, mean, deviation = model
            strange = ranker.score(columns.rows(without_starts(flows.take(rows))))
            scores[rows] = np.minimum((strange - mean) / deviation, NEVER_MET)
        return scores


def by_function(flows: Encoded) -> list[tuple[int, Ints]]:
    """Each function that occurs, with the rows of its flows in their order."""
    order = np.argsort(flows.function, kind="stable")
    numbers, starts = np.unique(flows.function[order], return_index=True)
    return list(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True))
