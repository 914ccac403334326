"""Never met before: a resource, an action, a trigger or a caller that this function's history does not know.

How strange that is depends on how often the function meets new things at all: by Good (1953), the chance that
the next observation is new is about the number of things met once, over the number of observations. Resources
count by service: new tables all the time do not excuse a new bucket. Nor do new hosts of one make excuse one
of another: what the new names looked like, and what was done with them, counts as well (`foreignness`).
Functions with little history lean on the rate of all functions.

That nobody triggered a run is a trigger like any other. Where the telemetry lost who did, nothing is said:
a gap proves nothing, and would alarm for every run while it lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Self

import numpy as np

from coldtrail.detectors import error_paths, looks, meetings
from coldtrail.detectors.beginnings import seen_starts, strange_ways, ways_of
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import (
    Contributions,
    Detector,
    Evidence,
    Fit,
    Place,
    State,
    Tell,
    no_limits,
    silent,
)
from coldtrail.detectors.error_paths import ErrorPaths
from coldtrail.detectors.held import actions_held, resources_held
from coldtrail.detectors.meetings import Meetings, Met, Seen, application, likes, met_in
from coldtrail.detectors.usual import MOST_WORDS, Usual
from coldtrail.features.arrays import prefixed
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.looks import Look
from coldtrail.features.vocabulary import ABSENT, NO_RESOURCE_TYPES, UNKNOWN, Vocabulary
from coldtrail.records.finding import Origin, StepKey, StepValue
from coldtrail.records.flow import Event, Flow

RESOURCE, ACTION, TRIGGER, CALLER = range(4)


class NoveltyDetector(Detector):
    """Scores resources, actions, triggers and callers new to the function, in bans (powers of ten)."""

    channels = (
        Channel("resource", "bans", alone=True, family="name"),
        Channel("action", "bans", alone=True, family="name"),
        Channel("trigger", "bans", alone=True, family="start"),
        Channel("caller", "bans", alone=True, family="start"),
    )
    arrays = (
        *prefixed("resource_", meetings.ARRAYS),
        *prefixed("action_", meetings.ARRAYS),
        *prefixed("trigger_", meetings.ARRAYS),
        *prefixed("caller_", meetings.ARRAYS),
        *error_paths.ARRAYS,
    )

    def __init__(self) -> None:
        self.kinds_ = {channel.name: Meetings() for channel in self.channels}
        self.paths_ = ErrorPaths()

    def fit(self, flows: Encoded, weight: float = 1.0, tell: Tell = silent) -> Self:
        """Learns from the flows alone, and returns itself."""
        return self._learn(flows, _met(flows), np.ones(len(flows), np.bool_), weight)

    def fits(self, flows: Encoded) -> Fit:
        """What learns from any part of the flows: what they meet is gathered once."""
        met = _met(flows)
        return lambda some, weight: type(self)()._learn(flows, met, some, weight)

    def _learn(self, flows: Encoded, met: Mapping[str, Met], some: Bools, weight: float) -> Self:
        self.paths_.fit(flows, flows.weight, some)
        step = looks.of_steps(flows)
        look = {"trigger": looks.of_triggers(flows), "caller": looks.of_callers(flows)}
        for name, kind in self.kinds_.items():
            kind.fit(met[name], flows, weight, look.get(name, step), some)
        return self

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores."""
        steps, whole = self.explain(flows)
        out = whole.copy()
        np.add.at(out, flows.flow_of, steps)
        return out

    def limits(self, flows: Encoded) -> Floats:
        """(step + flow,) none: how long a step takes does not matter here."""
        return no_limits(flows)

    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores: each new thing counts where it is met first."""
        function, lender = flows.function[flows.flow_of], likes(flows)[flows.flow_of]
        resource, action = self.kinds_["resource"], self.kinds_["action"]
        steps, whole = (np.zeros((rows, len(self.channels))) for rows in (len(flows.step), len(flows)))
        strange = ~self.paths_.lent(flows)
        new = strange & (flows.resource >= 0) & resource.new_to_all(function, lender, flows.resource)
        touched = _told_apart(flows, flows.resource, lambda one: (one.event_type, one.event_target_resource))
        first = _first(flows, touched, new)
        look = looks.of_steps(flows)
        steps[first, RESOURCE] = resource.strangeness(function[first], flows.service[first], look(first))
        new = strange & action.new_to_all(function, lender, flows.action) & ~new & ~flows.starting
        done = _told_apart(
            flows, flows.action, lambda one: (one.event_type, one.event_name, one.event_target_resource)
        )
        first = _first(flows, done, new)
        steps[first, ACTION] = action.strangeness(function[first], _one_sort(first), look(first))
        trigger = self._origin(flows)
        trigger = np.where(trigger > 0, trigger, strange_ways(self.kinds_["trigger"], flows))
        caller = self._upstream("caller", _callers(flows), looks.of_callers(flows), flows)
        whole[:, TRIGGER] = trigger
        whole[:, CALLER] = np.where(trigger > 0, 0.0, caller)
        return Contributions(steps, whole)

    def _origin(self, flows: Encoded) -> Floats:
        """(flow,) how strange the trigger is."""
        return self._upstream("trigger", flows.trigger, looks.of_triggers(flows), flows)

    def _upstream(self, name: str, thing: Ints, look: Look, flows: Encoded) -> Floats:
        """(flow,) how strange what comes before the run is; 0 where it is known, or the telemetry lost it."""
        kind = self.kinds_[name]
        lender = np.where(flows.alone, 0, application(flows))
        new = np.flatnonzero((thing != ABSENT) & kind.new_to_all(flows.function, lender, thing))
        out = np.zeros(len(flows))
        out[new] = kind.strangeness(flows.function[new], _one_sort(new), look(new))
        return out

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        """What each function is known to touch, do or be triggered by, and what was seen."""
        known = Usual(self.kinds_, vocabulary)
        is_known = self._origin(flows) == 0.0
        function, trigger = flows.function.tolist(), flows.trigger.tolist()
        out = []
        for (at, step, channel), flow in zip(places, told, strict=True):
            if step is None:
                if channel == TRIGGER and is_known[at]:
                    ways = ways_of(self.kinds_["trigger"], function[at], trigger[at])
                    out.append(Evidence("trigger", ways, _way(flow)))
                    continue
                out.append(_upstream_evidence(known, channel, function[at], trigger[at], flow))
                continue
            event = flow.events[step]
            seen = StepValue(StepKey.of(event), event.error)
            if channel == RESOURCE:
                touched = known.resources(function[at], event.event_type)
                out.append(Evidence("new_resource", touched, seen))
            else:
                kind = "new_event" if event.event_type in NO_RESOURCE_TYPES else "new_action"
                alike = known.actions(function[at], event.event_type, event.event_target_resource)
                out.append(Evidence(kind, alike, seen))
        return out

    def state(self) -> State:
        """All that was learned, as arrays."""
        kinds = {f"{name}_": kind.state() for name, kind in self.kinds_.items()}
        told = {start + part: array for start, state in kinds.items() for part, array in state.items()}
        return told | self.paths_.state()

    def restore(self, state: State) -> Self:
        """Takes back what `state` gave, and returns itself."""
        for name, kind in self.kinds_.items():
            start = f"{name}_"
            own = (part for part in state if part.startswith(start))
            kind.restore({part.removeprefix(start): state[part] for part in own})
        self.paths_.restore(state)
        return self


def _met(flows: Encoded) -> dict[str, Met]:
    """What flows meet, by channel."""
    touched, done = flows.once(resources_held), flows.once(actions_held)
    out = {
        "resource": met_in(flows, Seen(touched.flow, flows.service[touched.row], touched.thing, touched.row)),
        "action": met_in(flows, Seen(done.flow, _one_sort(done.flow), done.thing, done.row)),
    }
    callers = _callers(flows)
    told = np.flatnonzero(callers > 0)
    out["trigger"] = met_in(flows, seen_starts(flows), flows.trigger > 0)
    out["caller"] = met_in(flows, Seen(told, _one_sort(told), callers[told], told), callers > 0)
    return out


def _callers(flows: Encoded) -> Ints:
    """(flow,) a number for trigger and caller together, 0 where one was never met, -1 where one is lost."""
    return _pairs(flows.trigger, flows.caller)


def _pairs(trigger: Ints, caller: Ints) -> Ints:
    least = np.minimum(trigger, caller)
    return np.where(least > 0, trigger * MOST_WORDS + caller, least)


def _one_sort(function: Ints) -> Ints:
    return np.zeros_like(function)


def _told_apart(flows: Encoded, thing: Ints, name_of: Callable[[Event], tuple[str | None, ...]]) -> Ints:
    """(step,) the things, those that nobody ever met numbered from -2 downwards by their names.

    To the vocabulary they are all one: a new bucket would hide behind the new table of the same run.
    """
    unknown = np.flatnonzero(thing == UNKNOWN)
    if flows.batch is None or not len(unknown):
        return thing
    out = thing.copy()
    numbers: dict[tuple[str | None, ...], int] = {}
    for row in unknown.tolist():
        flow = int(flows.flow_of[row])
        place = flow if flows.places is None else int(flows.places[flow])
        event = flows.batch.event(place, row - int(flows.offsets[flow]))
        out[row] = numbers.setdefault(name_of(event), -2 - len(numbers))
    return out


def _first(flows: Encoded, thing: Ints, new: Bools) -> Ints:
    """The rows in which a new thing is met for the first time in its flow."""
    rows = np.flatnonzero(new)
    _, first = np.unique(np.stack([flows.flow_of[rows], thing[rows]]), axis=1, return_index=True)
    return rows[first]


def _way(flow: Flow) -> Origin:
    """How a flow was started, and by what."""
    return Origin(flow.trigger or None, flow.caller or None, invocation_type=flow.invocation_type)


def _upstream_evidence(known: Usual, channel: int, function: int, trigger: int, flow: Flow) -> Evidence:
    if channel == TRIGGER:
        return Evidence("trigger", known.triggers(function), Origin(flow.trigger or None))
    seen = Origin(flow.trigger or None, flow.caller or None, by_caller=True)
    return Evidence("trigger", known.callers(function, trigger), seen)
