"""What is told of an order: the step that it is put down to, and the values."""

from __future__ import annotations

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
    owed = surprise.copy()
    for i in range(len(flows)):
        start = int(flows.offsets[i]) + i
        own = owed[start : start + int(flows.lengths[i]) + 1]
        cause = int(np.argmax(own >= CAUSE * own.max()))
        after = own[cause + 1 : cause + ORDER]
        own[cause] += after.sum()
        after[:] = 0.0
    return owed


def kind_of(run: Encoded, at: int, likely: int) -> str:
    """The kind of evidence that a place in a run is, where another token is likelier."""
    if at < len(run.step) and run.action[at] == UNKNOWN:
        return "new_event"
    if likely == END or likely in run.step[at:]:
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
