"""What stands in the rows of flows, as it looks: words that were learned, and words that nobody ever met."""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.looks import TRAITS, Look, look_of_origin, look_of_step
from coldtrail.features.names.foreign import Rows
from coldtrail.features.vocabulary import UNKNOWN
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import NOBODY, Event

_BEFORE = TRAITS - 1


def of_steps(flows: Encoded) -> Look:
    """The looks of steps by their rows, each with the action before it."""

    def look(rows: Ints) -> Rows:
        if flows.looks is None:
            return np.zeros((len(rows), TRAITS), np.uint16)
        out = flows.looks.steps(flows.step[rows])
        for place in np.flatnonzero(flows.step[rows] == UNKNOWN).tolist():
            event = event_at(flows, int(rows[place]))
            if event is not None:
                parts = event.event_name, event.event_type, event.event_parent_name
                out[place] = look_of_step(*parts, event.event_target_resource)
        inside = rows > flows.offsets[flows.flow_of[rows]]
        out[:, _BEFORE] = np.where(inside, flows.action[rows - 1] + 1, 0).astype(np.uint16)
        return out

    return look


def of_triggers(flows: Encoded) -> Look:
    """The looks of triggers by the rows of their flows."""

    def look(rows: Ints) -> Rows:
        if flows.looks is None:
            return np.zeros((len(rows), TRAITS), np.uint16)
        out = flows.looks.triggers(flows.trigger[rows])
        for place in np.flatnonzero(flows.trigger[rows] == UNKNOWN).tolist():
            flow = flow_at(flows, int(rows[place]))
            out[place] = look_of_origin((flow and flow.trigger) or NOBODY)
        return out

    return look


def of_callers(flows: Encoded) -> Look:
    """The looks of callers by the rows of their flows, each with the way it calls."""

    def look(rows: Ints) -> Rows:
        if flows.looks is None:
            return np.zeros((len(rows), TRAITS), np.uint16)
        out = flows.looks.callers(flows.caller[rows])
        for place in np.flatnonzero(flows.caller[rows] == UNKNOWN).tolist():
            flow = flow_at(flows, int(rows[place]))
            out[place] = look_of_origin((flow and flow.caller) or NOBODY)
        out[:, _BEFORE] = (flows.trigger[rows] + 1).astype(np.uint16)
        return out

    return look


def flow_at(flows: Encoded, flow: int) -> AnyFlow | None:
    """The flow that was encoded, where it is at hand."""
    return None if flows.batch is None else flows.batch.flows[_place(flows, flow)]


def event_at(flows: Encoded, row: int) -> Event | None:
    """The event of a step that was encoded, where it is at hand."""
    if flows.batch is None:
        return None
    of = int(flows.flow_of[row])
    return flows.batch.event(_place(flows, of), row - int(flows.offsets[of]))


def _place(flows: Encoded, flow: int) -> int:
    return flow if flows.places is None else int(flows.places[flow])
