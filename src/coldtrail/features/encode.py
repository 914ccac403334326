"""Flows to arrays, in the words of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.names.forms import Form
from coldtrail.features.names.naming import folded_names
from coldtrail.features.vocabulary import (
    ABSENT,
    NO_RESOURCE_TYPES,
    UNKNOWN,
    Step,
    Vocabulary,
    Words,
    is_start,
)
from coldtrail.features.wording import Batch
from coldtrail.records.columns import AnyFlow, LeanFlow, Shape
from coldtrail.records.flow import ASYNCHRONOUS, NOBODY, SYNCHRONOUS, Flow, InvocationType
from coldtrail.records.identity import FunctionKey

INVOCATIONS: dict[InvocationType | None, int] = {None: ABSENT, SYNCHRONOUS: 1, ASYNCHRONOUS: 2}


def learn_words(flows: Sequence[AnyFlow], vocabulary: Vocabulary) -> None:
    """Adds all words of the flows to the vocabulary."""
    met: set[tuple[Shape, FunctionKey | None]] = set()
    for flow in flows:
        vocabulary.functions.learn(flow.key)
        for words, word in _heads(flow, vocabulary):
            if word is not None:
                words.learn(word)
        forms = vocabulary.naming.forms_of(flow.key)
        if isinstance(flow, LeanFlow):
            known = flow.columns.shape, None if forms is None else flow.key
            if known in met:
                continue
            met.add(known)
        for step in _told(flow):
            vocabulary.learn_step(step if forms is None else _renamed(step, forms))


def _told(flow: AnyFlow) -> Iterator[Step]:
    """The words of its steps, as a vocabulary knows them."""
    if isinstance(flow, LeanFlow):
        for told in flow.columns.shape.steps:
            yield told.name, told.kind, told.parent_name, told.target, told.depth
        return
    for one, depth in zip(flow.events, flow.depths, strict=True):
        yield one.event_name, one.event_type, one.event_parent_name, one.event_target_resource, depth


def _renamed(step: Step, forms: Mapping[str, Form]) -> Step:
    name, kind, parent, target, depth = step
    name, parent, target = folded_names(kind, (name, parent, target), forms)
    return name, kind, parent, target, depth


def encode(flows: Sequence[Flow], vocabulary: Vocabulary) -> Encoded:
    """The flows in the words of the vocabulary, which stays as it is.

    A step never met may still do something known, or touch something known: both are looked up apart.
    """
    flows = vocabulary.naming.folded(flows)
    offsets = np.cumsum([0, *[len(flow.events) for flow in flows]])
    step = _steps(flows, vocabulary)
    start = np.array([flow.start_time for flow in flows], np.float64)
    begins = np.array([event.start_time for flow in flows for event in flow.events], np.float64)
    ends = np.array([event.end_time for flow in flows for event in flow.events], np.float64)
    return Encoded(
        **heads(flows, vocabulary),
        start=start,
        duration=np.maximum(np.array([flow.end_time for flow in flows], np.float64) - start, 0.0),
        own_time=np.array([flow.own_time for flow in flows], np.float64),
        weight=np.ones(len(flows)),
        offsets=offsets,
        step=step,
        **_told_of(flows, step, offsets, vocabulary),
        error=np.array([event.error for flow in flows for event in flow.events], np.bool_),
        begin=begins - np.repeat(start, np.diff(offsets)),
        span=np.maximum(ends - begins, 0.0),
        self_time=np.fromiter(chain.from_iterable(flow.self_times for flow in flows), np.float64),
        batch=Batch(tuple(flows)),
        looks=vocabulary.looks,
    )


def heads(flows: Sequence[AnyFlow], vocabulary: Vocabulary) -> dict[str, Any]:
    """(flow,) arrays of what is told of flows as a whole, but for their times, by name."""
    functions = vocabulary.functions.numbers
    function = np.array([functions.get(flow.key, UNKNOWN) for flow in flows], np.int64)
    trigger = _looked_up(
        [flow.trigger or _upstream(flow, flow.trigger) for flow in flows], vocabulary.triggers
    )
    return {
        "function": function,
        **told_by_head(function, trigger, vocabulary),
        "cold": np.array([flow.cold_start for flow in flows], np.bool_),
        "complete": np.array([flow.complete for flow in flows], np.bool_),
        "failed": np.array([flow.error for flow in flows], np.bool_),
        "trigger": trigger,
        "caller": _looked_up(
            [flow.caller or _upstream(flow, flow.caller) for flow in flows], vocabulary.callers
        ),
        "version": _looked_up([flow.version for flow in flows], vocabulary.versions),
        "invocation": np.array([INVOCATIONS[flow.invocation_type] for flow in flows], np.int64),
    }


def _steps(flows: Sequence[Flow], vocabulary: Vocabulary) -> Ints:
    """(step,) the numbers of the steps."""
    known = vocabulary.steps.numbers
    found: list[int] = []
    for flow in flows:
        found += [
            known.get(
                (e.event_name, e.event_type, e.event_parent_name, e.event_target_resource, depth), UNKNOWN
            )
            for e, depth in zip(flow.events, flow.depths, strict=True)
        ]
    return np.array(found, np.int64)


def _told_of(flows: Sequence[Flow], step: Ints, offsets: Ints, vocabulary: Vocabulary) -> dict[str, Any]:
    """As `told_by`; what is known of the parts of a step never met is looked up part by part."""
    told = told_by(step, vocabulary)
    for row in np.flatnonzero(step == UNKNOWN):
        flow = int(np.searchsorted(offsets, row, side="right")) - 1
        at = int(row - offsets[flow])
        event, told["depth"][row] = flows[flow].events[at], flows[flow].depths[at]
        told["action"][row], told["resource"][row] = vocabulary.action_and_resource(event)
        told["service"][row] = vocabulary.services.numbers.get(event.event_type, UNKNOWN)
        told["starting"][row] = is_start(event.event_name, event.event_type)
        told["call"][row] = event.event_type not in NO_RESOURCE_TYPES
    return told


def told_by(step: Ints, vocabulary: Vocabulary) -> dict[str, Any]:
    """(step,) arrays of what the vocabulary knows of each step, by name."""
    return {
        "action": np.array(vocabulary.step_actions, np.int64)[step],
        "resource": np.array(vocabulary.step_resources, np.int64)[step],
        "service": np.array(vocabulary.step_services, np.int64)[step],
        "starting": np.array(vocabulary.step_starts, np.bool_)[step],
        "call": np.array(vocabulary.step_calls, np.bool_)[step],
        "depth": np.array(vocabulary.step_depths, np.int64)[step],
    }


def told_by_head(function: Ints, trigger: Ints, vocabulary: Vocabulary) -> dict[str, Any]:
    """(flow,) arrays of what the vocabulary knows of each function and trigger."""
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


def _heads(flow: AnyFlow, vocabulary: Vocabulary) -> tuple[tuple[Words[str], str | None], ...]:
    """The words that belong to a flow as a whole."""
    return (
        (vocabulary.triggers, _upstream(flow, flow.trigger)),
        (vocabulary.callers, _upstream(flow, flow.caller)),
        (vocabulary.versions, flow.version),
    )


def _upstream(flow: AnyFlow, word: str | None) -> str | None:
    """The word; `NOBODY` where the record says that there was none, None where the record is missing."""
    return NOBODY if word is None and not flow.upstream_lost else word


def _looked_up(words: Sequence[str | None], among: Words[str]) -> Ints:
    numbers = among.numbers
    return np.array([ABSENT if word is None else numbers.get(word, UNKNOWN) for word in words], np.int64)
