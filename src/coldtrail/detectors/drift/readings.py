"""What is read off each flow to follow a function over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import mix

DURATION, OWN_TIME, CALLS, ERRORS, PATHS, RARE_PATHS, CALLERS, RATE = range(8)
MEASURES = ("duration", "own_time", "calls", "errors", "paths", "drips", "callers", "rate")
SILENCE, NO_FAILURES, NO_STEP, STEP_TIME, LOAD = range(len(MEASURES), len(MEASURES) + 5)
TOLD = (*MEASURES, "silence", "no_failures", "no_step", "step_time", "load")
"""Measures, what is told of things that come no more, of how long single steps take, and of applications."""
STOPPED = frozenset((SILENCE, NO_FAILURES, NO_STEP))


class Reading(NamedTuple):
    """One flow, as far as shifts are concerned."""

    function: int
    """Number in the vocabulary, 0 for one never met."""
    start: float
    """UTC epoch seconds."""
    cold: bool
    complete: bool
    error: bool
    duration: float
    """Seconds."""
    own_time: float
    """Seconds that the function's code took itself, outside its calls."""
    calls: int
    path: int
    """Hash of its steps, the same for the same vocabulary."""
    caller: int
    """Number of what started it."""
    weight: float
    """How many runs it stands for."""


class Readings(NamedTuple):
    """Readings of many flows, one array a property."""

    function: Ints
    start: Floats
    cold: Ints
    complete: Ints
    error: Ints
    duration: Floats
    own_time: Floats
    calls: Ints
    path: Ints
    caller: Ints
    weight: Floats

    def rows(self) -> Iterator[Reading]:
        """The readings one by one."""
        return map(Reading._make, zip(*(column.tolist() for column in self), strict=True))

    def take(self, rows: Ints) -> Readings:
        """The chosen readings, in the given order."""
        return Readings._make(column[rows] for column in self)


def readings_of(flows: Encoded) -> Readings:
    """The readings of flows, in the same order."""
    parts = [_readings(block) for _, block in flows.blocks()]
    return parts[0] if len(parts) == 1 else Readings._make(map(np.concatenate, zip(*parts, strict=True)))


def _readings(flows: Encoded) -> Readings:
    running = ~flows.starting
    own = np.maximum(flows.own_time, 0.0)
    inside = running & ~flows.call
    np.add.at(own, flows.flow_of[inside], flows.self_time[inside])
    return Readings(
        flows.function,
        flows.start,
        flows.cold.astype(np.int64),
        flows.complete.astype(np.int64),
        flows.failed.astype(np.int64),
        np.maximum(flows.duration, 0.0),
        own,
        np.bincount(flows.flow_of[running], minlength=len(flows)),
        _paths(flows, running),
        flows.trigger,
        flows.weight,
    )


def _paths(flows: Encoded, running: Bools) -> Ints:
    """(flow,) a hash of the steps outside the cold start, never 0."""
    flow, step = flows.flow_of[running], flows.step[running]
    before = np.concatenate([[0], np.cumsum(running)])[flows.offsets[:-1]]
    place = np.arange(len(step)) - before[flow]
    total = np.zeros(len(flows), np.uint64)
    np.add.at(total, flow, mix(mix(np.full(len(step), 23, np.uint64), step + 3), place + 5))
    return (mix(total, flows.function) >> np.uint64(1)).astype(np.int64) | 1
