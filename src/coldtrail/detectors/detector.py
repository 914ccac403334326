"""What every detector is: it ranks flows and says which of their steps made them strange.

A detector sees arrays only, decides nothing (thresholds belong to `calibration`), and does no input or output
(its state is arrays, which `bundle` stores).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.arrays import Array
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import Step, Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.records.telemetry import Document, Parsed

Parser = Callable[[Document], Parsed]
"""Gives all that a document holds; raises DocumentError, and nothing else."""

State = dict[str, NDArray[np.generic]]

Tell = Callable[[str], None]
"""Hears what is being done now, in a few words."""


def silent(stage: str) -> None:
    """Tells nobody."""


class Contributions(NamedTuple):
    """How much each step, and the run as a whole, added to each channel's score of its flow."""

    steps: Floats
    """(step, channel)"""
    whole: Floats
    """(flow, channel) what no single step accounts for: a missing end, the caller."""


class Evidence(NamedTuple):
    """The words for one contribution: the kind of reason, what was expected and what was seen."""

    kind: str
    expected: str
    seen: str


class Place(NamedTuple):
    """Where evidence lies: a flow of a batch, one of its steps (None: the whole), a channel."""

    flow: int
    step: int | None
    """Position within the flow, from 0."""
    channel: int


class Detector(Protocol):
    """Ranks flows by how strange they are, in one or more channels that share what was learned."""

    channels: tuple[str, ...]
    tiers: tuple[str, ...]
    """Channels whose score is minus the decimal logarithm of a chance: where that lies below the budget, they
    alarm by themselves, however much else is strange in the history."""
    arrays: tuple[Array, ...]
    """What `restore` may rely on, whoever wrote the state: it is checked before. The bounds `steps`,
    `functions` and `triggers` are how many of these words there are."""

    def fit(self, flows: Encoded, weight: float = 1.0) -> Self:
        """The detector itself, having learned from the flows alone.

        Each flow counts for `weight` flows: what is learned from all flows in the end speaks in the scale of
        what was learned from most of them to calibrate.
        """
        ...

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores: finite, never negative, higher is stranger."""
        ...

    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores."""
        ...

    def evidence(self, flows: Encoded, place: Place, flow: Flow, vocabulary: Vocabulary) -> Evidence:
        """The words for the contribution at a place."""
        ...

    def state(self) -> State:
        """All that was learned, as arrays."""
        ...

    def restore(self, state: State) -> Self:
        """The detector itself, knowing what `state` gave; raises KeyError where an array is missing."""
        ...


@runtime_checkable
class ShapeBound(Detector, Protocol):
    """A detector to which the lengths of steps are no matter up to a limit.

    Up to there its scores follow from all else that `Encoded` tells of a flow, of its clocks only which steps
    ran at once (`features.standing`).
    """

    def limits(self, flows: Encoded) -> Floats:
        """(step + flow,) seconds of each step's `self_time`, then of each run's `own_time`."""
        ...


@runtime_checkable
class Likely(Detector, Protocol):
    """A detector some of whose scores are chances."""

    surprises: tuple[str, ...]
    """Channels whose score is minus the natural logarithm of a chance: their evidence is never taken to be
    rarer than that."""


@runtime_checkable
class SelfCalibrated(Detector, Protocol):
    """A detector too costly to learn once a fold: it keeps flows back, and is calibrated by these."""

    seed: int
    """Of the random numbers it draws."""
    remarks_: tuple[str, ...]
    """What its user should know of the last `fit`, a sentence each."""
    ruled: tuple[str, ...]
    """Channels whose score is a multiple of a threshold of their own: they alarm above 1, budget or not."""

    def check_available(self) -> None:
        """Raises `ConfigError` where what `fit` needs is not installed."""
        ...

    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """As every detector's; tells of progress, since it takes long."""
        ...

    def kept_back(self, flows: Encoded) -> Ints:
        """The flows that `fit` would not learn from; at least one where there are any."""
        ...


def step_words(step: Step) -> str:
    """A step in words: `PutItem on DynamoDB Booking`, `Invocation`, `POST to api.payments.example`."""
    name, kind, _, target, _ = step
    return event_words(name, kind, target)


def event_words(name: str, kind: str, target: str | None) -> str:
    """An event in words, as `step_words`."""
    if kind in ("lifecycle", "function"):
        return name
    if kind == "remote":
        return f"{name} to {target}" if target else name
    return f"{name} on {kind} {target}" if target else f"{kind} {name}"


def flow_words(flow: Flow, position: int) -> str:
    """The event at a position of a flow, in words."""
    event = flow.events[position]
    return event_words(event.event_name, event.event_type, event.event_target_resource)
