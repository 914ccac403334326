"""Never met before: a resource, an action or a trigger that this function's history does not know.

How strange that is depends on how often the function meets new things at all: by Good (1953), the chance that
the next observation is new is about the number of things met once, over the number of observations. Functions
with little history lean on the rate of all functions.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from coldtrail.detecting import Contributions, Evidence, Place, State, flow_words
from coldtrail.features.encode import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, mix
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records import Flow

PRIOR_FLOWS = 50.0
"""Weight of the rate of all functions, in flows."""
RESOURCE, ACTION, TRIGGER = range(3)
NAMED = 3
"""Resources named in an explanation."""


class _Kind:
    """What each function has met of one kind of thing."""

    def __init__(self) -> None:
        self.met = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.rates = np.zeros(0)
        """(function,) strangeness of something new, -log10 of its chance."""

    def fit(self, function: Ints, flow: Ints, thing: Ints, flows: Floats, weight: float) -> None:
        _, once_a_flow = np.unique(_key(flow, thing), return_index=True)
        function = function[once_a_flow]
        keys = _key(function, thing[once_a_flow])
        self.met = Counts.of(keys, np.ones(len(keys)))
        _, first = np.unique(keys, return_index=True)
        once = self.met(keys[first]) == 1
        singles = np.bincount(function[first][once], minlength=len(flows)).astype(np.float64)
        singles, flows = weight * singles, weight * flows
        overall = (singles.sum() + 0.5) / (flows.sum() + 1.0)
        rate = (singles + PRIOR_FLOWS * overall) / (flows + PRIOR_FLOWS)
        self.rates = np.where(flows > 0, -np.log10(np.minimum(rate, 1.0)), 0.0)

    def new(self, function: Ints, thing: Ints) -> Bools:
        return np.equal(self.met(_key(function, thing)), 0.0)

    def strangeness(self, function: Ints) -> Floats:
        known = (function > 0) & (function < len(self.rates))
        if not len(self.rates):
            return np.zeros(len(function))
        return np.where(known, self.rates[np.where(known, function, 0)], 0.0)


def _key(function: Ints, thing: Ints) -> Hashes:
    return mix(mix(np.full(len(thing), 41, np.uint64), function + 7), thing + 11)


class NoveltyDetector:
    """Scores resources, actions and triggers that are new to the function, in bans (powers of ten)."""

    channels = ("resource", "action", "trigger")

    def __init__(self) -> None:
        self.kinds_ = {name: _Kind() for name in self.channels}

    def fit(self, flows: Encoded, weight: float = 1.0) -> Self:
        """The detector itself, having learned from the flows alone."""
        size = int(flows.function.max(initial=0)) + 1
        function = flows.function[flows.flow_of]
        number = np.bincount(flows.function, minlength=size).astype(np.float64)
        touched = flows.resource > 0
        self.kinds_["resource"].fit(
            function[touched], flows.flow_of[touched], flows.resource[touched], number, weight
        )
        self.kinds_["action"].fit(function, flows.flow_of, flows.action, number, weight)
        told = np.flatnonzero(flows.trigger > 0)
        triggered = np.bincount(flows.function[told], minlength=size).astype(np.float64)
        self.kinds_["trigger"].fit(flows.function[told], told, flows.trigger[told], triggered, weight)
        return self

    def score(self, flows: Encoded) -> Floats:
        """(flow, channel) scores."""
        steps, whole = self.explain(flows)
        out = whole.copy()
        np.add.at(out, flows.flow_of, steps)
        return out

    def explain(self, flows: Encoded) -> Contributions:
        """Contributions that add up to the scores: each new thing counts where it is met first."""
        function = flows.function[flows.flow_of]
        resource, action, trigger = (self.kinds_[name] for name in self.channels)
        steps, whole = np.zeros((len(flows.step), 3)), np.zeros((len(flows), 3))
        new = (flows.resource >= 0) & resource.new(function, flows.resource)
        steps[:, RESOURCE] = _first(flows, flows.resource, new) * resource.strangeness(function)
        new = action.new(function, flows.action) & ~new
        steps[:, ACTION] = _first(flows, flows.action, new) * action.strangeness(function)
        new = (flows.trigger >= 0) & trigger.new(flows.function, flows.trigger)
        whole[:, TRIGGER] = new * trigger.strangeness(flows.function)
        return Contributions(steps, whole)

    def evidence(self, flows: Encoded, place: Place, flow: Flow, vocabulary: Vocabulary) -> Evidence:
        """What the function is known to touch, do or be triggered by, and what was seen."""
        function = int(flows.function[place.flow])
        if place.step is None:
            known = self._known("trigger", function, vocabulary.triggers.words)
            return Evidence("trigger", _list(known), flow.trigger or "unknown")
        event = flow.events[place.step]
        seen = flow_words(flow, place.step)
        if place.channel == RESOURCE:
            names = [f"{kind} {target}" for kind, target in vocabulary.resources.words]
            known = self._known("resource", function, names)
            alike = [name for name in known if name.startswith(f"{event.event_type} ")]
            return Evidence("new_resource", _list(alike or known), seen)
        kind = "new_event" if event.event_type in ("lifecycle", "function") else "new_action"
        target = event.event_target_resource
        actions = [f"{name} on {where}" if where else name for _, name, where in vocabulary.actions.words]
        same = [where == target for _, _, where in vocabulary.actions.words]
        known = self._known("action", function, actions, np.array(same, np.bool_))
        return Evidence(kind, _list(known), seen)

    def _known(self, kind: str, function: int, words: list[str], among: Bools | None = None) -> list[str]:
        """The words a function has met, most frequent first."""
        number = np.arange(1, len(words) + 1)
        met = self.kinds_[kind].met(_key(np.full(len(words), function), number))
        if among is not None and (met * among).any():
            met = met * among
        return [words[i] for i in np.argsort(-met, kind="stable") if met[i] > 0]

    def state(self) -> State:
        """All that was learned, as arrays."""
        out: State = {}
        for name, kind in self.kinds_.items():
            out[f"{name}_keys"], out[f"{name}_flows"] = kind.met.keys, kind.met.values
            out[f"{name}_rates"] = kind.rates
        return out

    def restore(self, state: State) -> Self:
        """The detector itself, knowing what `state` gave."""
        for name, kind in self.kinds_.items():
            keys = state[f"{name}_keys"].astype(np.uint64)
            kind.met = Counts(keys, state[f"{name}_flows"].astype(np.float64))
            kind.rates = state[f"{name}_rates"].astype(np.float64)
        return self


def _first(flows: Encoded, thing: Ints, new: Bools) -> Floats:
    """(step,) 1 where a new thing is met for the first time in its flow, else 0."""
    rows = np.flatnonzero(new)
    _, first = np.unique(np.stack([flows.flow_of[rows], thing[rows]]), axis=1, return_index=True)
    out = np.zeros(len(thing))
    out[rows[first]] = 1.0
    return out


def _list(names: list[str]) -> str:
    if not names:
        return "none so far"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
