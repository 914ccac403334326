"""Upper tails of scores: how many runs of a history scored at least as high, which gives p-values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from coldtrail.features.batch import Floats

PROVEN_RUNS = 2


@dataclass(frozen=True)
class Tail:
    """The largest scores, and how many flows there were in all."""

    values: Floats
    """(kept,) ascending"""
    above: Floats
    """(kept,) how many flows scored at least as high as each."""
    number: float

    @classmethod
    def of(cls, scores: Floats, weight: Floats, kept: int) -> Tail:
        """The tail of scores by weighted flows, of which the `kept` largest stay; NaN counts as no score."""
        known = ~np.isnan(scores)
        order = np.argsort(scores[known])
        ordered = weight[known][order]
        above = np.cumsum(ordered[::-1])[::-1]
        return cls(scores[known][order][-kept:], above[-kept:], float(ordered.sum()))

    def reached(self, scores: Floats) -> Floats:
        """How many flows of the history scored at least as high."""
        if not self.number:
            return np.zeros(len(scores))
        place = np.searchsorted(self.values, scores, side="left")
        return np.where(scores <= self.values[0], self.number, np.append(self.above, 0.0)[place])


class Reaching(Protocol):
    """One tail for all scores, or one for each of them."""

    @property
    def number(self) -> float | Floats:
        """How many flows there were in all."""
        ...

    def reached(self, scores: Floats) -> Floats:
        """How many flows scored at least as high."""
        ...


def quantile(values: Floats, weight: Floats, share: float) -> float:
    """The conformal quantile: the smallest value not exceeded by this share of n + 1 flows."""
    order = np.argsort(values)
    passed = np.cumsum(weight[order])
    place = int(np.searchsorted(passed, share * (passed[-1] + 1.0) - 1e-9 * passed[-1], side="left"))
    return float(values[order][min(place, len(values) - 1)])


def lean(tail: Reaching, scores: Floats, wider: Floats, itself: Floats, weight: float) -> Floats:
    """The share of a group that scores at least as high, leaning on that of a wider group."""
    return (tail.reached(scores) - itself + weight * wider) / (tail.number - itself + weight)


def proven(tail: Reaching, scores: Floats, itself: Floats) -> Floats:
    """The share of a function's runs that score at least as high, by its own record; 0 if met too seldom.

    What a function has done `PROVEN_RUNS` times, in whatever condition, is no rarer than its own record says.
    """
    reached = tail.reached(scores) - itself
    return np.where(reached >= PROVEN_RUNS - 0.5, reached / (tail.number - itself + 1.0), 0.0)
