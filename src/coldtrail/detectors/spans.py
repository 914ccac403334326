"""The times of flows: what each step took by itself, and what no step accounts for in each run."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from coldtrail.detectors.durations import Timed
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Hashes, mix

EVERY = -1
"""Stands for all functions, which lend each other the history of their cold starts."""
OWN = -1
"""Stands for the run's own time, which no event accounts for."""
STARTS = -2
"""Stands for cold starts among the services."""


@dataclass(frozen=True)
class Spans:
    """The self-times of flows' steps, and each run's own time, as one array."""

    flow: Ints
    function: Ints
    step: Ints
    cold: Bools
    starting: Bools
    call: Bools
    service: Ints
    failed: Bools
    seconds: Floats
    weight: Floats

    def take(self, rows: Ints) -> Spans:
        """The chosen spans, in the given order."""
        return Spans(*(getattr(self, column.name)[rows] for column in fields(self)))


def spans_of(flows: Encoded) -> Spans:
    """The times of flows: those of all steps, then those of all runs."""
    flow = np.concatenate([flows.flow_of, np.arange(len(flows))])
    step = np.concatenate([flows.step, np.full(len(flows), OWN)])
    seconds = np.concatenate([flows.self_time, flows.own_time])
    none = np.zeros(len(flows), np.bool_)
    starting, call = np.concatenate([flows.starting, none]), np.concatenate([flows.call, none])
    function, cold, weight = flows.function[flow], flows.cold[flow], flows.weight[flow]
    service = np.concatenate([flows.service, np.full(len(flows), OWN)])
    failed = np.concatenate([flows.error & flows.call, none])
    return Spans(flow, function, step, cold, starting, call, service, failed, seconds, weight)


def key_of(function: Ints, step: Ints, temperature: Ints) -> Hashes:
    """(span,) a hash of function, step and temperature: 0 for any, 1 for warm, 2 for cold."""
    return mix(mix(mix(np.full(len(step), 31, np.uint64), function + 7), step + 11), temperature)


class SortedTimes:
    """The times of flows, sorted: by function and step, by step for what belongs to cold starts, and all.

    How long a call takes that fails says nothing of one that succeeds: it is left out.
    """

    def __init__(self, flows: Encoded) -> None:
        flow = np.concatenate([flows.flow_of, np.arange(len(flows))]).astype(np.int32)
        step = np.concatenate([flows.step, np.full(len(flows), OWN, flows.step.dtype)])
        seconds = np.concatenate([flows.self_time, flows.own_time])
        fine = np.flatnonzero(~np.concatenate([flows.error, np.zeros(len(flows), np.bool_)]))
        self._all = Timed(np.zeros(len(seconds), np.uint64), seconds, flow)
        starts = np.flatnonzero(flows.starting)
        keys = key_of(np.full_like(starts, EVERY), step[starts], np.zeros_like(starts))
        self._starts = Timed(keys, seconds[starts], flow[starts])
        flow, step, seconds = flow[fine], step[fine], seconds[fine]
        self._steps = Timed(key_of(flows.function[flow], step, np.zeros_like(step)), seconds, flow)
        rows = self._steps.rows
        self._function, self._step = flows.function[flow[rows]], step[rows].astype(np.int64)

    def of_steps(self, some: Bools, weight: Floats, temperature: int) -> tuple[Hashes, Floats]:
        """Keys and histories of each function's steps in some flows."""
        found, rows = self._steps.histories(some, weight)
        return key_of(self._function[found], self._step[found], np.full_like(found, temperature)), rows

    def of_starts(self, some: Bools, weight: Floats) -> tuple[Hashes, Floats]:
        """Keys and histories of the steps of cold starts in some flows, all functions together."""
        found, rows = self._starts.histories(some, weight)
        return self._starts.keys[found], rows

    def of_all(self, some: Bools, weight: Floats) -> Floats:
        """The history of all times together in some flows, of which there is at least one."""
        history: Floats = self._all.histories(some, weight)[1][0]
        return history
