"""What every detector is: it ranks flows and says which of their steps made them strange.

A detector sees arrays only, decides nothing (thresholds belong to `calibration`), and does no input or output
(its state is arrays, which `bundle` stores).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.channel import Channel
from coldtrail.features.arrays import Array
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import Value
from coldtrail.records.flow import Flow

State = dict[str, NDArray[np.generic]]

Tell = Callable[[str], None]
"""Hears what is being done now, in a few words."""


def silent(stage: str) -> None:
    """Ignores progress."""


Fit = Callable[[Bools, float], "Detector"]
"""A new detector of some of the flows at hand, each counted for a weight: what `fit` gives for these."""


class Contributions(NamedTuple):
    """How much each step, and the run as a whole, added to each channel's score of its flow."""

    steps: Floats
    """(step, channel)"""
    whole: Floats
    """(flow, channel) what no single step accounts for: a missing end, the caller."""


class Evidence(NamedTuple):
    """What one contribution says, as values: the kind of finding, what was expected and what was seen."""

    kind: str
    expected: Value
    seen: Value


class Place(NamedTuple):
    """Where evidence lies: a flow of a batch, one of its steps (None: the whole), a channel."""

    flow: int
    step: int | None
    """Position within the flow, from 0."""
    channel: int


class Detector(ABC):
    """Ranks flows by how strange they are, in one or more channels that share what was learned.

    What is not abstract is what most detectors share: they learn once for each fold, from what a history
    keeps, draw no random numbers, and have every time of a flow matter.
    """

    seed: int = 0
    """Of the random numbers it draws."""
    remarks_: tuple[str, ...] = ()
    """What its user should know of the last `fit`, a sentence each."""
    reads_words: bool = False
    """Whether it reads words and clocks of each flow, which a history recalls by its vocabulary."""

    @property
    @abstractmethod
    def channels(self) -> tuple[Channel, ...]:
        """The columns of its scores."""

    @property
    @abstractmethod
    def arrays(self) -> tuple[Array, ...]:
        """What `restore` may rely on, whoever wrote the state: it is checked before.

        The bounds `steps`, `functions` and `triggers` are how many of these words there are.
        """

    @abstractmethod
    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """Learns from the flows alone, and returns itself.

        Each flow counts for `weight` flows: what is learned from all flows in the end speaks in the scale of
        what was learned from most of them to calibrate. What takes long tells of its progress.
        """

    def fits(self, flows: Encoded) -> Fit:
        """What learns from any part of the flows, time and again: what all parts need is done once."""

        def fit(some: Bools, weight: float) -> Detector:
            new = type(self)()
            new.seed = self.seed
            return new.fit(flows.take(np.flatnonzero(some)), weight)

        return fit

    @abstractmethod
    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores: finite, never negative, higher is stranger."""

    @abstractmethod
    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores."""

    @abstractmethod
    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """What the contribution at each place says; `told` are the flows in which the places lie."""

    def evidence(self, flows: Encoded, place: Place, flow: Flow, vocabulary: Vocabulary) -> Evidence:
        """What the contribution at one place says."""
        return self.evidences(flows, [place], [flow], vocabulary)[0]

    @abstractmethod
    def state(self) -> State:
        """All that was learned, as arrays."""

    @abstractmethod
    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself; raises KeyError where an array is missing."""

    def kept_back(self, flows: Encoded) -> Ints | None:
        """The flows that `fit` would not learn from, at least one where there are any, to calibrate by.

        None for a detector that is calibrated by learning it once more for each fold.
        """
        return None

    def check_available(self) -> None:
        """Raises `ConfigError` where what `fit` needs is not installed."""
        return

    def limits(self, flows: Encoded) -> Floats | None:
        """(step + flow,) seconds of each step's `self_time`, then of each run's `own_time`.

        Up to there its scores follow from all else that `Encoded` tells of a flow, of its clocks only which
        steps ran at once (`features.standing`). None where every time matters.
        """
        return None


def no_limits(flows: Encoded) -> Floats:
    """(step + flow,) the limits of a detector to which no time matters."""
    return np.full(len(flows.step) + len(flows), np.inf)
