"""How surprising what comes next usually is: the mean surprise in each context of each function.

Where one of nine lanes comes next, two nats of surprise are usual and say nothing; where one step always
follows another, they are news. Only what is above its own expectation is evidence, so that the sum over a
run that loops is no larger than that over a straight run, and functions can be compared with each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coldtrail.detectors.detector import State
from coldtrail.features.arrays import lookup
from coldtrail.features.batch import Bools, Floats
from coldtrail.features.hashing import Counts, Hashes

ARRAYS = lookup("usual_keys", "usual_values")


class Expectations:
    """The summed surprise of what came next in each context."""

    def __init__(self) -> None:
        self.sums = Counts(np.zeros(0, np.uint64), np.zeros(0))

    def fit(self, contexts: Sequence[Hashes], counted: Bools, surprise: Floats, weights: Floats) -> None:
        """Learns from positions; `contexts` are those of a function, from the shortest to the longest."""
        each = np.tile((surprise * weights)[counted], len(contexts))
        self.sums = Counts.of(np.concatenate([context[counted] for context in contexts]), each)

    def usual(self, contexts: Sequence[Hashes], totals: Counts) -> Floats:
        """(position,) the mean surprise in the longest context that is known, in nats."""
        out = np.zeros(len(contexts[0]))
        for context in contexts:
            number = totals(context)
            known = np.flatnonzero(number)
            out[known] = self.sums(context[known]) / number[known]
        return out

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {"usual_keys": self.sums.keys, "usual_values": self.sums.values}

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        values = state["usual_values"].astype(np.float64)
        self.sums = Counts(state["usual_keys"].astype(np.uint64), values)
