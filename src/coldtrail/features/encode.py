"""Flows to arrays: what the detectors see, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.hashing import Hashes, mix
from coldtrail.features.vocabulary import ABSENT, NO_RESOURCE_TYPES, UNKNOWN, Vocabulary, Words, is_start
from coldtrail.features.wording import Batch, Wording
from coldtrail.records import NOBODY, Flow

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
    count: Floats
    """(shape,) how many flows have it, by their weights."""


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Flows as arrays; the steps of flow i are offsets[i] to offsets[i + 1].

    Numbers are those of the vocabulary, 0 for a word never met, -1 where there is no word.
    """

    function: Ints
    """(flow,)"""
    group: Ints
    """(flow,) the group of functions that behave like the flow's, 0 for none."""
    application: Ints
    """(flow,) the number of the function's application, 0 for a function never met."""
    alone: Bools
    """(flow,) True where nobody triggered the run."""
    cold: Bools
    """(flow,)"""
    complete: Bools
    """(flow,)"""
    failed: Bools
    """(flow,)"""
    trigger: Ints
    """(flow,)"""
    caller: Ints
    """(flow,)"""
    version: Ints
    """(flow,)"""
    start: Floats
    """(flow,) UTC epoch seconds."""
    duration: Floats
    """(flow,) seconds."""
    own_time: Floats
    """(flow,) seconds that no event accounts for."""
    weight: Floats
    """(flow,) how many flows each stands for."""
    offsets: Ints
    """(flow + 1,)"""
    step: Ints
    """(step,)"""
    action: Ints
    """(step,)"""
    resource: Ints
    """(step,)"""
    service: Ints
    """(step,) numbers of the event types."""
    error: Bools
    """(step,)"""
    depth: Ints
    """(step,) 1 for an event without a parent."""
    begin: Floats
    """(step,) seconds after the flow's start."""
    span: Floats
    """(step,) seconds, children included."""
    self_time: Floats
    """(step,) seconds, children's time left out."""
    starting: Bools
    """(step,) True for the steps of a cold start, which stand outside the run's order."""
    call: Bools
    """(step,) True for calls of something outside the function."""
    batch: Batch | None = None
    """The flows that were encoded, for who needs their words; None where they are not at hand."""
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
        hashed = self.shape_hashes()
        _, first, of = np.unique(hashed, return_index=True, return_inverse=True)
        return Shapes(first, of, np.bincount(of, self.weight, len(first)).astype(np.float64))

    def shape_hashes(self) -> Hashes:
        """(flow,) equal where function, step sequence and completeness are."""
        place = np.arange(len(self.step)) - self.offsets[:-1][self.flow_of]
        hashed = mix(mix(np.full(len(self.step), 11, np.uint64), self.step + 3), place + 5)
        total = np.zeros(len(self), np.uint64)
        np.add.at(total, self.flow_of, hashed)
        return mix(mix(total, self.function + 7), self.complete.astype(np.int64) + 1)

    @cached_property
    def wording(self) -> Wording:
        """The words, clocks and depths of the steps; made when first asked for.

        Raises ValueError where the flows are not at hand, or steps were left out.
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
        parts: dict[str, Any] = {name: getattr(self, name)[flows] for name in PER_FLOW}
        parts |= {name: getattr(self, name)[rows] for name in PER_STEP}
        places = np.asarray(flows, np.int64) if self.places is None else self.places[flows]
        return Encoded(**parts, offsets=offsets, batch=self.batch, places=places)

    def steps_where(self, kept: Bools) -> Encoded:
        """The same flows with only the steps that are kept."""
        return self.steps_at(np.flatnonzero(kept))

    def steps_at(self, rows: Ints) -> Encoded:
        """The same flows with the steps of the given rows, in this order; flows stay one after another."""
        lengths = np.bincount(self.flow_of[rows], minlength=len(self))
        parts: dict[str, Any] = {name: getattr(self, name) for name in PER_FLOW}
        parts |= {name: getattr(self, name)[rows] for name in PER_STEP}
        return Encoded(**parts, offsets=np.concatenate([[0], np.cumsum(lengths)]))

    def weighing(self, weight: Floats) -> Encoded:
        """The same flows, each standing for so many."""
        return replace(self, weight=weight)


PER_FLOW = (
    "function", "group", "application", "alone", "cold", "complete", "failed", "trigger", "caller", "version",
    "start", "duration", "own_time", "weight",
)  # fmt: skip
PER_STEP = (
    "step",
    "action",
    "resource",
    "service",
    "error",
    "depth",
    "begin",
    "span",
    "self_time",
    "starting",
    "call",
)


def joined(parts: Sequence[Encoded]) -> Encoded:
    """All flows of the parts, one part after another; their words are left behind."""
    whole: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_FLOW + PER_STEP
    }
    lengths = np.concatenate([part.lengths for part in parts])
    return Encoded(**whole, offsets=np.concatenate([[0], np.cumsum(lengths)]))


def learn_words(flows: Sequence[Flow], vocabulary: Vocabulary) -> None:
    """Add all words of the flows to the vocabulary."""
    for flow in vocabulary.naming.folded(flows):
        vocabulary.functions.learn((flow.application_name, flow.function_name))
        for words, word in _heads(flow, vocabulary):
            if word is not None:
                words.learn(word)
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
    flows = vocabulary.naming.folded(flows)
    functions = vocabulary.functions.numbers
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
    action, resource, service, starting, call, depths = told_by(numbers, vocabulary).values()
    offsets = np.cumsum([0, *[len(flow.events) for flow in flows]])
    for row in np.flatnonzero(numbers == UNKNOWN):
        i = int(np.searchsorted(offsets, row, side="right")) - 1
        at = int(row - offsets[i])
        event, depths[row] = flows[i].events[at], flows[i].depths[at]
        action[row], resource[row] = vocabulary.action_and_resource(event)
        service[row] = vocabulary.services.numbers.get(event.event_type, UNKNOWN)
        starting[row] = is_start(event.event_name, event.event_type)
        call[row] = event.event_type not in NO_RESOURCE_TYPES
    start = np.array([flow.start_time for flow in flows], np.float64)
    begins = np.array([event.start_time for flow in flows for event in flow.events], np.float64)
    ends = np.array([event.end_time for flow in flows for event in flow.events], np.float64)
    function = np.array(
        [functions.get((f.application_name, f.function_name), UNKNOWN) for f in flows], np.int64
    )
    trigger = _looked_up([_upstream(flow, flow.trigger) for flow in flows], vocabulary.triggers)
    return Encoded(
        function=function,
        **told_by_head(function, trigger, vocabulary),
        cold=np.array([flow.cold_start for flow in flows], np.bool_),
        complete=np.array([flow.complete for flow in flows], np.bool_),
        failed=np.array([flow.error for flow in flows], np.bool_),
        trigger=trigger,
        caller=_looked_up([_upstream(flow, flow.caller) for flow in flows], vocabulary.callers),
        version=_looked_up([flow.version for flow in flows], vocabulary.versions),
        start=start,
        duration=np.maximum(np.array([flow.end_time for flow in flows], np.float64) - start, 0.0),
        own_time=np.array([flow.own_time for flow in flows], np.float64),
        weight=np.ones(len(flows)),
        offsets=offsets,
        step=numbers,
        action=action,
        resource=resource,
        service=service,
        error=np.array([event.error for flow in flows for event in flow.events], np.bool_),
        depth=depths,
        begin=begins - np.repeat(start, np.diff(offsets)),
        span=np.maximum(ends - begins, 0.0),
        self_time=np.array(self_time, np.float64),
        starting=starting,
        call=call,
        batch=Batch(tuple(flows)),
    )


def told_by(step: Ints, vocabulary: Vocabulary) -> dict[str, Any]:
    """(step,) arrays of what the vocabulary tells of each step, in this order."""
    return {
        "action": np.array(vocabulary.step_actions, np.int64)[step],
        "resource": np.array(vocabulary.step_resources, np.int64)[step],
        "service": np.array(vocabulary.step_services, np.int64)[step],
        "starting": np.array(vocabulary.step_starts, np.bool_)[step],
        "call": np.array(vocabulary.step_calls, np.bool_)[step],
        "depth": np.array(vocabulary.step_depths, np.int64)[step],
    }


def told_by_head(function: Ints, trigger: Ints, vocabulary: Vocabulary) -> dict[str, Any]:
    """(flow,) arrays of what the vocabulary tells of each function and trigger."""
    nobody = vocabulary.triggers.numbers.get(NOBODY, UNKNOWN)
    return {
        "group": grouped(function, vocabulary),
        "application": np.array(vocabulary.function_applications, np.int64)[function],
        "alone": (trigger == nobody) & (trigger > 0),
    }


def grouped(function: Ints, vocabulary: Vocabulary) -> Ints:
    """(flow,) the groups of functions, by their numbers."""
    of = np.zeros(len(vocabulary.functions) + 1, np.int64)
    known = vocabulary.function_groups[: len(of)]
    of[: len(known)] = known
    return of[function]


def _heads(flow: Flow, vocabulary: Vocabulary) -> tuple[tuple[Words[str], str | None], ...]:
    """The words that belong to a flow as a whole."""
    return (
        (vocabulary.triggers, _upstream(flow, flow.trigger)),
        (vocabulary.callers, _upstream(flow, flow.caller)),
        (vocabulary.versions, flow.version),
    )


def _upstream(flow: Flow, word: str | None) -> str | None:
    """The word, `NOBODY` where the record says that there is none, None where the record is not at hand."""
    return NOBODY if word is None and not flow.upstream_lost else word


def _looked_up(words: Sequence[str | None], among: Words[str]) -> Ints:
    numbers = among.numbers
    return np.array([ABSENT if word is None else numbers.get(word, UNKNOWN) for word in words], np.int64)
