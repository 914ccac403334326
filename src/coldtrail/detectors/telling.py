"""What is told of an order: the step that it is put down to, and the words."""

from __future__ import annotations

import numpy as np

from coldtrail.alerts.amounts import share
from coldtrail.detectors.detector import flow_words, step_words
from coldtrail.detectors.reading import BACK, END
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.vocabulary import UNKNOWN, Step, is_end
from coldtrail.records.flow import Flow

ORDER = BACK + 1
CAUSE = 0.6
"""The first step at least this fraction as surprising as the worst one is the cause of what follows."""
THE_END = "the end of the run"


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


def seen_at(flow: Flow, at: int) -> str:
    """The event at a position of a flow in words, or the end of the run."""
    event = flow.events[at]
    return THE_END if is_end(event.event_name, event.event_type) else flow_words(flow, at)


def usual(step: Step) -> str:
    """A step in words, or the end of the run."""
    return THE_END if is_end(*step[:2]) else step_words(step)


def share_of_runs(chance: float) -> str:
    """A chance in words: `12 % of runs`."""
    return "nearly always" if chance > 0.995 else f"{share(chance)} of runs"


def times(number: int) -> str:
    """A number of times in words."""
    return "once" if number == 1 else f"{number:,} times"
