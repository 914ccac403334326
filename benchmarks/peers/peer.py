"""What every peer is: it learns from benign flows, and ranks others by how strange they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow

NEVER_MET = 1e6
"""The score of a flow whose function was never learned: above all others, in every peer's scale."""


class Peer(Protocol):
    """A way to find strange flows."""

    threshold_: float | None
    """Scores above it alarm, by the rule of the peer's own publication; None where it has no such rule."""

    def fit(self, flows: Sequence[Flow]) -> None:
        """Learns from benign flows in the order of their start."""
        ...

    def score(self, flows: Sequence[Flow]) -> Floats:
        """(flow,) finite scores, higher is stranger; nothing is learned from these flows."""
        ...


class OnArrays:
    """A peer that sees flows as Coldtrail's detectors see them."""

    threshold_: float | None = None

    def fit(self, flows: Sequence[Flow]) -> None:
        """Learns from benign flows in the order of their start."""
        self.words_ = Vocabulary()
        learn_words(flows, self.words_)
        self.learn(encode(flows, self.words_))

    def score(self, flows: Sequence[Flow]) -> Floats:
        """(flow,) finite scores, higher is stranger."""
        if not flows:
            return np.zeros(0)
        return self.rank(encode(flows, self.words_))

    def learn(self, flows: Encoded) -> None:
        """As `fit`, from arrays."""
        raise NotImplementedError

    def rank(self, flows: Encoded) -> Floats:
        """As `score`, from arrays."""
        raise NotImplementedError


def without_starts(flows: Encoded) -> Encoded:
    """The flows without the steps of a cold start, which any run may come with: all would look strange."""
    return flows.steps_where(~flows.starting)
