"""How many benign flows reached which combined score, out of fold: the scores that p-values are read off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.arrays import floats
from coldtrail.features.batch import Floats
from coldtrail.verdicts.placing import KEPT_POOLED

ARRAYS = (floats("combined", "flow"), floats("ranks", "flow"), floats("totals", 1))


@dataclass(frozen=True)
class Combined:
    """The largest combined scores of a history, and some of the others."""

    scores: Floats
    """(kept,) ascending."""
    lower: Floats
    """(kept,) how many flows scored lower than each."""
    flows: float
    """In all."""

    @classmethod
    def none(cls) -> Combined:
        """Of no history."""
        return cls(np.zeros(0), np.zeros(0), 0.0)

    @classmethod
    def of(cls, scores: Floats, weight: Floats) -> Combined:
        """Of (flow,) scores and weights."""
        order = np.argsort(scores, kind="stable")
        scores, lower = scores[order], np.concatenate([[0.0], np.cumsum(weight[order])])
        some = np.linspace(0, len(scores) - 1, KEPT_POOLED).astype(np.int64)
        largest = np.arange(max(len(scores) - KEPT_POOLED, 0), len(scores))
        kept = scores[np.union1d(some, largest)]
        return cls(kept, lower[np.searchsorted(scores, kept, side="left")], float(weight.sum()))

    @property
    def weights(self) -> Floats:
        """(kept,) the flows from each kept score up to the next."""
        return np.diff(np.append(self.lower, self.flows))

    def p_values(self, scores: Floats) -> Floats:
        """(flow,) the share of benign flows expected to reach a score."""
        place = np.searchsorted(self.scores, scores, side="left")
        lower = np.append(self.lower, self.flows)[place]
        p_values: Floats = (self.flows - lower + 1.0) / (self.flows + 1.0)
        return p_values

    def state(self) -> dict[str, NDArray[np.generic]]:
        """As arrays."""
        return {"combined": self.scores, "ranks": self.lower, "totals": np.array([self.flows])}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[Any]]) -> Combined:
        """What `state` gave."""
        scores, lower, flows = (state[one.name].astype(np.float64) for one in ARRAYS)
        return cls(scores, lower, float(flows[0]))
