"""Never met before: a resource, an action, a trigger or a caller that this function's history does not know.

How strange that is depends on how often the function meets new things at all: by Good (1953), the chance that
the next observation is new is about the number of things met once, over the number of observations. Resources
count by service: new tables all the time do not excuse a new bucket. Functions with little history lean on
the rate of all functions.

That nobody triggered a run is a trigger like any other. Where the telemetry lost who did, nothing is said:
a gap proves nothing, and would alarm for every run while it lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from coldtrail.detectors import error_paths, meetings
from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import (
    Contributions,
    Detector,
    Evidence,
    Place,
    State,
    Tell,
    no_limits,
    silent,
)
from coldtrail.detectors.error_paths import ErrorPaths
from coldtrail.detectors.meetings import Meetings, Seen, application, likes
from coldtrail.features.arrays import prefixed
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.vocabulary import ABSENT, NO_RESOURCE_TYPES, UNKNOWN, Vocabulary
from coldtrail.records.finding import Known, Met, Origin, StepKey, StepValue
from coldtrail.records.flow import NOBODY, Event, Flow

RESOURCE, ACTION, TRIGGER, CALLER = range(4)
_MOST_WORDS = 1 << 31
NAMED = 3
"""Resources named in an explanation."""
Thing = StepKey | str | None


class NoveltyDetector(Detector):
    """Scores resources, actions, triggers and callers new to the function, in bans (powers of ten)."""

    channels = (
        Channel("resource", "bans", alone=True),
        Channel("action", "bans"),
        Channel("trigger", "bans", alone=True),
        Channel("caller", "bans", alone=True),
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
        self.paths_.fit(flows, flows.weight)
        whose = flows.flow_of
        on = flows.resource > 0
        touched = Seen(whose[on], flows.service[on], flows.resource[on])
        self.kinds_["resource"].fit(touched, flows, weight)
        self.kinds_["action"].fit(Seen(whose, _one_sort(whose), flows.action), flows, weight)
        for name, thing in (("trigger", flows.trigger), ("caller", _callers(flows))):
            told = np.flatnonzero(thing > 0)
            every = np.arange(len(told))
            met = Seen(every, _one_sort(every), thing[told])
            self.kinds_[name].fit(met, flows.take(told), weight)
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
        steps[first, RESOURCE] = resource.strangeness(function[first], flows.service[first])
        new = strange & action.new_to_all(function, lender, flows.action) & ~new & ~flows.starting
        done = _told_apart(
            flows, flows.action, lambda one: (one.event_type, one.event_name, one.event_target_resource)
        )
        first = _first(flows, done, new)
        steps[first, ACTION] = action.strangeness(function[first], _one_sort(first))
        trigger, caller = self._upstream("trigger", flows.trigger, flows), _callers(flows)
        whole[:, TRIGGER] = trigger
        whole[:, CALLER] = np.where(trigger > 0, 0.0, self._upstream("caller", caller, flows))
        return Contributions(steps, whole)

    def _upstream(self, name: str, thing: Ints, flows: Encoded) -> Floats:
        """(flow,) how strange what comes before the run is; 0 where it is known, or the telemetry lost it."""
        kind = self.kinds_[name]
        lender = np.where(flows.alone, 0, application(flows))
        new = (thing != ABSENT) & kind.new_to_all(flows.function, lender, thing)
        return np.where(new, kind.strangeness(flows.function, _one_sort(flows.function)), 0.0)

    def evidence(self, flows: Encoded, place: Place, flow: Flow, vocabulary: Vocabulary) -> Evidence:
        """What the function is known to touch, do or be triggered by, and what was seen."""
        function = int(flows.function[place.flow])
        if place.step is None:
            return self._upstream_evidence(place.channel, flows, place.flow, flow, vocabulary)
        event = flow.events[place.step]
        seen = StepValue(StepKey.of(event), event.error)
        if place.channel == RESOURCE:
            words = vocabulary.resources.words
            names = [StepKey("", kind, target) for kind, target in words]
            same = np.array([kind == event.event_type for kind, _ in words], np.bool_)
            known = self._known("resource", function, names, same) or self._known("resource", function, names)
            return Evidence("new_resource", _first_of(known), seen)
        own_step = event.event_type in NO_RESOURCE_TYPES
        alike = self._alike(function, event, vocabulary)
        return Evidence("new_event" if own_step else "new_action", _first_of(alike), seen)

    def _upstream_evidence(
        self, channel: int, flows: Encoded, at: int, flow: Flow, vocabulary: Vocabulary
    ) -> Evidence:
        function = int(flows.function[at])
        if channel == TRIGGER:
            known = self._known("trigger", function, _somebody(vocabulary.triggers.words))
            return Evidence("trigger", _first_of(known), Origin(flow.trigger or None))
        words = vocabulary.callers.words
        pairs = _pairs(np.full(len(words), flows.trigger[at]), np.arange(1, len(words) + 1))
        met = self.kinds_["caller"].known(np.full(len(words), function), pairs)
        seen = Origin(flow.trigger or None, flow.caller or None, by_caller=True)
        return Evidence("trigger", _first_of(_most_frequent(_somebody(words), met)), seen)

    def _alike(self, function: int, event: Event, vocabulary: Vocabulary) -> list[Met]:
        """What the function does with the same resource, else with the same service, else all its calls."""
        words = vocabulary.actions.words
        steps = [StepKey(name, kind, where) for kind, name, where in words]
        calls = np.array([kind not in NO_RESOURCE_TYPES for kind, _, _ in words], np.bool_)
        target = event.event_target_resource
        same = np.array([target is not None and where == target for _, _, where in words], np.bool_)
        service = np.array([kind == event.event_type for kind, _, _ in words], np.bool_)
        return (
            self._known("action", function, steps, calls & same)
            or self._known("action", function, steps, calls & service)
            or self._known("action", function, steps, calls)
        )

    def _known(
        self, kind: str, function: int, things: Sequence[Thing], among: Bools | None = None
    ) -> list[Met]:
        """The things (among some of them) that a function has met, most frequent first."""
        number = np.arange(1, len(things) + 1)
        met = self.kinds_[kind].known(np.full(len(things), function), number)
        return _most_frequent(things, met if among is None else met * among)

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


def _callers(flows: Encoded) -> Ints:
    """(flow,) a number for trigger and caller together, 0 where one was never met, -1 where one is lost."""
    return _pairs(flows.trigger, flows.caller)


def _pairs(trigger: Ints, caller: Ints) -> Ints:
    least = np.minimum(trigger, caller)
    return np.where(least > 0, trigger * _MOST_WORDS + caller, least)


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


def _somebody(words: Sequence[str]) -> list[str | None]:
    return [None if word == NOBODY else word for word in words]


def _most_frequent(things: Sequence[Thing], met: Floats) -> list[Met]:
    return [Met(things[i], float(met[i])) for i in np.argsort(-met, kind="stable") if met[i] > 0]


def _first_of(known: Sequence[Met]) -> Known:
    return Known(tuple(known[:NAMED]), max(len(known) - NAMED, 0))
