"""The rule anyone would write first: alarm on a sequence never seen, or a run longer than any seen."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.counts import by_function
from benchmarks.peers.peer import NEVER_MET, OnArrays, without_starts
from coldtrail.features.batch import Encoded, Floats

NEW_SEQUENCE = 1e3
"""Added where the sequence is new: above every run that is merely long."""


class SeenSet(OnArrays):
    """Scores a run by its time over the largest its function was seen to take; new sequences lead."""

    threshold_ = 1.0

    def learn(self, flows: Encoded) -> None:
        """As `fit`, from arrays."""
        flows = without_starts(flows)
        self.seen_ = set(_sequences(flows))
        seconds = _seconds(flows)
        self.largest_ = {function: float(seconds[rows].max()) for function, rows in by_function(flows)}

    def rank(self, flows: Encoded) -> Floats:
        """As `score`, from arrays."""
        flows = without_starts(flows)
        largest = np.array([self.largest_.get(int(function), 0.0) for function in flows.function])
        share = np.minimum(_seconds(flows) / np.maximum(largest, 1e-6), NEW_SEQUENCE)
        new = [sequence not in self.seen_ for sequence in _sequences(flows)]
        scores = share + NEW_SEQUENCE * np.array(new, np.float64)
        return np.where(flows.function > 0, scores, NEVER_MET)


def _sequences(flows: Encoded) -> list[tuple[int, bytes]]:
    """(flow,) the function with its steps: name, type, parent, resource and depth each.

    A step never met has number 0, and makes a sequence that was never seen.
    """
    ends = zip(flows.offsets[:-1], flows.offsets[1:], strict=True)
    return [
        (int(function), flows.step[first:last].tobytes())
        for function, (first, last) in zip(flows.function, ends, strict=True)
    ]


def _seconds(flows: Encoded) -> Floats:
    """(flow,) seconds of the run, without its cold start."""
    seconds: Floats = np.bincount(flows.flow_of, flows.self_time, len(flows)) + flows.own_time
    return seconds
