"""What is told of an order: the step that it is put down to, and the values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coldtrail.detectors.reading import BACK, END
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.vocabulary import UNKNOWN, Step, is_end
from coldtrail.records.finding import StepKey
from coldtrail.records.flow import Flow

ORDER = BACK + 1
CAUSE = 0.6
"""The first step at least this fraction as surprising as the worst one is the cause of what follows."""


def put_down_to_causes(surprise: Floats, flows: Encoded) -> Floats:
    """(position,) surprise, that of the steps right after a strange one put down to it.

    A strange step stands in the context of the next ones, and makes them look strange as well.
    """
    if not len(flows):
        return surprise.copy()
    starts = flows.offsets[:-1] + np.arange(len(flows))
    flow_of = np.repeat(np.arange(len(flows)), flows.lengths + 1)
    worst = np.maximum.reduceat(surprise, starts)
    high = np.flatnonzero(surprise >= CAUSE * worst[flow_of])
    cause = high[np.unique(flow_of[high], return_index=True)[1]]
    after = cause[:, None] + np.arange(1, ORDER)
    follows = after <= (starts + flows.lengths)[:, None]
    added = np.where(follows, surprise[np.where(follows, after, 0)], 0.0)
    owed = surprise.copy()
    owed[cause] += added.sum(axis=1)
    owed[after[follows]] = 0.0
    return owed


def kind_of(steps: Sequence[int], actions: Sequence[int], likely: int) -> str:
    """The kind of evidence that a place in a run is, by what stands from there on, where another token is
    likelier."""
    if len(actions) and actions[0] == UNKNOWN:
        return "new_event"
    if likely == END or likely in steps:
        return "order"
    return "omission"


def seen_at(flow: Flow, at: int | None) -> StepKey | None:
    """The step at a place of a flow; None for the end of the run."""
    if at is None or is_end(flow.events[at].event_name, flow.events[at].event_type):
        return None
    return StepKey.of(flow.events[at])


def usual(step: Step) -> StepKey:
    """A step of the vocabulary as it is told."""
    name, kind, _, target, _ = step
    return StepKey(name, kind, target)
