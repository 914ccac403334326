"""Flows to arrays: what the detectors see, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.hashing import mix
from coldtrail.features.vocabulary import ABSENT, UNKNOWN, Vocabulary, is_start
from coldtrail.features.wording import Batch, Wording
from coldtrail.records import Flow

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Shapes:
    """The different (function, step sequence) pairs among flows."""

    first: Ints
    """(shape,) a flow that has the shape."""
    of: Ints
    """(flow,) the shape of each flow."""
    count: Ints
    """(shape,) how many flows have it."""


@dataclass(frozen=True)
class Encoded:
    """Flows as arrays; the steps of flow i are offsets[i] to offsets[i + 1]."""

    function: Ints
    """(flow,) function numbers, 0 for one never met."""
    cold: Bools
    """(flow,)"""
    complete: Bools
    """(flow,)"""
    trigger: Ints
    """(flow,) trigger numbers, 0 for one never met, -1 where the telemetry names none."""
    own_time: Floats
    """(flow,) seconds that no event accounts for."""
    offsets: Ints
    """(flow + 1,)"""
    step: Ints
    """(step,) step numbers, 0 for one never met."""
    action: Ints
    """(step,)"""
    resource: Ints
    """(step,) resource numbers, 0 for one never met, -1 where the event has none."""
    service: Ints
    """(step,) numbers of the event types, 0 for one never met."""
    self_time: Floats
    """(step,) seconds."""
    starting: Bools
    """(step,) True for the steps of a cold start, which stand outside the run's order."""
    batch: Batch | None = None
    """The flows that were encoded, for who needs their words; None where steps were left out."""
    places: Ints | None = None
    """(flow,) which of the batch's flows these are; None: all, in order."""

    def __len__(self) -> int:
        return len(self.function)

    @cached_property
    def lengths(self) -> Ints:
        """(flow,) number of steps."""
        return np.diff(self.offsets)

    @cached_property
    def flow_of(self) -> Ints:
        """(step,) the flow of each step."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def shapes(self) -> Shapes:
        """The different step sequences; whether a record is complete is part of the shape."""
        place = np.arange(len(self.step)) - self.offsets[:-1][self.flow_of]
        hashed = mix(mix(np.full(len(self.step), 11, np.uint64), self.step + 3), place + 5)
        total = np.zeros(len(self), np.uint64)
        np.add.at(total, self.flow_of, hashed)
        total = mix(mix(total, self.function + 7), self.complete.astype(np.int64) + 1)
        _, first, of, count = np.unique(total, return_index=True, return_inverse=True, return_counts=True)
        return Shapes(first, of, count)

    @cached_property
    def wording(self) -> Wording:
        """The words, clocks and depths of the steps; made when first asked for.

        Raises ValueError where steps were left out.
        """
        if self.batch is None:
            raise ValueError("The words of flows are known only while they have all their steps.")
        return self.batch.wording if self.places is None else self.batch.wording.take(self.places)

    def take(self, flows: NDArray[np.integer]) -> Encoded:
        """The chosen flows, in the given order."""
        lengths = self.lengths[flows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        starts = self.offsets[:-1][flows]
        rows = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return Encoded(
            self.function[flows],
            self.cold[flows],
            self.complete[flows],
            self.trigger[flows],
            self.own_time[flows],
            offsets,
            self.step[rows],
            self.action[rows],
            self.resource[rows],
            self.service[rows],
            self.self_time[rows],
            self.starting[rows],
            self.batch,
            np.asarray(flows, np.int64) if self.places is None else self.places[flows],
        )

    def steps_where(self, kept: Bools) -> Encoded:
        """The same flows with only the steps that are kept."""
        before = np.concatenate([[0], np.cumsum(kept)])
        return Encoded(
            self.function,
            self.cold,
            self.complete,
            self.trigger,
            self.own_time,
            before[self.offsets],
            self.step[kept],
            self.action[kept],
            self.resource[kept],
            self.service[kept],
            self.self_time[kept],
            self.starting[kept],
        )


def learn_words(flows: Sequence[Flow], vocabulary: Vocabulary) -> None:
    """Add all words of the flows to the vocabulary."""
    for flow in flows:
        vocabulary.functions.learn((flow.application_name, flow.function_name))
        if flow.trigger is not None:
            vocabulary.triggers.learn(flow.trigger)
        for event, depth in zip(flow.events, flow.depths, strict=True):
            vocabulary.learn_step(
                (
                    event.event_name,
                    event.event_type,
                    event.event_parent_name,
                    event.event_target_resource,
                    depth,
                )
            )


def encode(flows: Sequence[Flow], vocabulary: Vocabulary) -> Encoded:
    """The flows in the words of the vocabulary, which stays as it is.

    A step never met may still do something known, or touch something known: both are looked up apart.
    """
    functions = vocabulary.functions.numbers
    triggers = vocabulary.triggers.numbers
    steps = vocabulary.steps.numbers
    step: list[int] = []
    self_time: list[float] = []
    for flow in flows:
        self_time += flow.self_times
        step += [
            steps.get(
                (e.event_name, e.event_type, e.event_parent_name, e.event_target_resource, depth), UNKNOWN
            )
            for e, depth in zip(flow.events, flow.depths, strict=True)
        ]
    numbers = np.array(step, np.int64)
    action = np.array(vocabulary.step_actions, np.int64)[numbers]
    resource = np.array(vocabulary.step_resources, np.int64)[numbers]
    service = np.array(vocabulary.step_services, np.int64)[numbers]
    starting = np.array(vocabulary.step_starts, np.bool_)[numbers]
    offsets = np.cumsum([0, *[len(flow.events) for flow in flows]])
    for row in np.flatnonzero(numbers == UNKNOWN):
        i = int(np.searchsorted(offsets, row, side="right")) - 1
        event = flows[i].events[int(row - offsets[i])]
        action[row], resource[row] = vocabulary.action_and_resource(event)
        service[row] = vocabulary.services.numbers.get(event.event_type, UNKNOWN)
        starting[row] = is_start(event.event_name, event.event_type)
    return Encoded(
        np.array([functions.get((f.application_name, f.function_name), UNKNOWN) for f in flows], np.int64),
        np.array([flow.cold_start for flow in flows], np.bool_),
        np.array([flow.complete for flow in flows], np.bool_),
        np.array(
            [ABSENT if f.trigger is None else triggers.get(f.trigger, UNKNOWN) for f in flows], np.int64
        ),
        np.array([flow.own_time for flow in flows], np.float64),
        offsets,
        numbers,
        action,
        resource,
        service,
        np.array(self_time, np.float64),
        starting,
        Batch(tuple(flows)),
    )
