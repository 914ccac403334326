"""How often a run takes a step, compared with how often such runs took it before.

Loops differ by what leads into them: a step is counted beside the runs that came to it in the same way (from
the same step, by the same trigger), or else from the same step, or beside all runs of the function. Where the
number has varied, a little beyond the most is no surprise; where it never has, one more is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.detector import State
from coldtrail.features.arrays import floats, hashes, lookup
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import LARGE, Counts, Hashes, Table, distinct, mix, order_of

BEYOND = 1.0
"""Strangeness of each repeat past the most ever seen, where the number never varied."""
SLACK = 0.25
"""The part of the range seen before by which a number may exceed it and tell nothing."""
LEAST = 4.0
"""Nats below which a number of repeats tells nothing: one run in 55 took the step as often."""
EXACT = 16
"""Numbers above this are told apart only where they differ by a twentieth or more."""
FINE = 14.0
ARRAYS = (
    *lookup("repeats_keys", "repeats_values"),
    hashes("ranges_keys"),
    floats("ranges", "ranges_keys", 2, least=1),
)


class Loops(NamedTuple):
    """How often flows take each of their steps."""

    group: Ints
    """(step,) a number for each (flow, step word)."""
    occurrence: Ints
    """(step,) the how-manieth time its flow takes the step, from 1."""
    first: Ints
    """(group,) the row of the first time."""
    total: Ints
    """(group,) how often in all."""


class Told(NamedTuple):
    """The most times that a step came in a run, the runs that took it, and those that took it as often."""

    most: int
    ever: float
    last: float


def loops(flows: Encoded) -> Loops:
    """How often the flows take each of their steps."""
    order = order_of(flows.flow_of * (int(flows.step.max(initial=0)) + 1) + flows.step)
    flow, step = flows.flow_of[order], flows.step[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (flow[1:] != flow[:-1]) | (step[1:] != step[:-1])
    starts = np.flatnonzero(new)
    total = np.diff(np.append(starts, len(order)))
    group, occurrence = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    group[order] = np.repeat(np.arange(len(starts)), total)
    occurrence[order] = np.arange(len(order)) - np.repeat(starts, total) + 1
    return Loops(group, occurrence, order[starts], total)


class Repeats:
    """What was learned of how often steps come."""

    def __init__(self) -> None:
        empty = np.zeros(0, np.uint64)
        self.reached = Counts(empty, np.zeros(0))
        """Runs that took a step at least so often."""
        self.ranges = Table(empty, np.zeros((0, 2)))
        """The least and the most times that a run took it, of those that did."""

    def fit(self, flows: Encoded, weights: Floats) -> None:
        """Learns from flows, each counted by its weight."""
        seen = loops(flows)
        flow = flows.flow_of[seen.first]
        keys, number, weight = [], [], []
        for key in _keys(flows, seen):
            keys.append(key)
            number.append(seen.total)
            weight.append(weights[flow])
        key, total, each = np.concatenate(keys), np.concatenate(number), np.concatenate(weight)
        found, of = distinct(key)
        least, most = np.full(len(found), np.inf), np.zeros(len(found))
        np.minimum.at(least, of, total)
        np.maximum.at(most, of, total)
        self.ranges = Table(found, np.stack([least, most], axis=1))
        steps = level_of_turns(total)
        at = np.repeat(np.arange(len(steps)), steps)
        level = np.arange(len(at)) - np.repeat(np.cumsum(steps) - steps, steps) + 1
        self.reached = Counts.of(mix(key[at], level), each[at])

    def known(self, flows: Encoded, seen: Loops) -> Hashes:
        """(group,) the key of the runs that came to a step in the same way, or else of all."""
        *narrow, known = _keys(flows, seen)
        for key in reversed(narrow):
            known = np.where(self.ranges.find(key) >= 0, key, known)
        return known

    def strangeness(self, flows: Encoded, seen: Loops) -> Floats:
        """(step,) nats: how rarely a run that takes the step takes it as often as up to here."""
        key = self.known(flows, seen)
        met, least, most = self._ranges(key)
        spread = most - least
        limit = (most + np.floor(SLACK * spread))[seen.group]
        most = np.maximum(most, 1)[seen.group]
        past = np.maximum(seen.occurrence - limit, 0)
        inside = np.minimum(seen.occurrence, most).astype(np.int64)
        ever = self.reached(mix(key, np.ones(len(key), np.int64)))[seen.group]
        reached = np.where(past > 0, 0.0, self.reached(mix(key[seen.group], level_of_turns(inside))))
        tail = -np.log((reached + 0.5) / (ever + 0.5)) + BEYOND * past / (1.0 + spread[seen.group])
        return np.where(met[seen.group] & (seen.occurrence > 1) & (tail >= LEAST), tail, 0.0)

    def shares(self, flows: Encoded) -> Floats:
        """(step,) the whole repeat score of each flow, at the first repeat that is strange by itself."""
        seen = loops(flows)
        tail = self.strangeness(flows, seen)
        most = np.zeros(len(flows))
        np.maximum.at(most, flows.flow_of, tail)
        strange = np.flatnonzero(tail > 0.0)
        worst = strange[tail[strange] == most[flows.flow_of[strange]]]
        worst = worst[np.unique(flows.flow_of[worst], return_index=True)[1]]
        groups, first = np.unique(seen.group[strange], return_index=True)
        out = np.zeros(len(tail))
        out[strange[first[np.searchsorted(groups, seen.group[worst])]]] = tail[worst]
        return out

    def _ranges(self, key: Hashes) -> tuple[Bools, Floats, Floats]:
        """(group,) whether a key was met, and the least and the most times."""
        row = self.ranges.find(key)
        met = row >= 0
        if not met.any():
            return met, np.zeros(len(key)), np.zeros(len(key))
        found = np.where(met[:, None], self.ranges.rows[row], 0.0)
        return met, found[:, 0], found[:, 1]

    def told(self, flows: Encoded, seen: Loops, groups: Ints) -> list[Told]:
        """How often such runs took the step of each of some groups at most."""
        key = self.known(flows, seen)[groups]
        met, _, highest = self._ranges(key)
        most = np.where(met, highest, 0).astype(np.int64)
        times = np.ones_like(most), np.maximum(most, 1)
        ever, last = (self.reached(mix(key, level_of_turns(number))) for number in times)
        return list(map(Told, most.tolist(), ever.tolist(), last.tolist()))

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {
            "repeats_keys": self.reached.keys,
            "repeats_values": self.reached.values,
            "ranges_keys": self.ranges.keys,
            "ranges": self.ranges.rows,
        }

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        values = state["repeats_values"].astype(np.float64)
        self.reached = Counts(state["repeats_keys"].astype(np.uint64), values)
        self.ranges = Table(state["ranges_keys"].astype(np.uint64), state["ranges"].astype(np.float64))
        if (self.ranges.rows[:, 0] > self.ranges.rows[:, 1]).any():
            raise ValueError("a step comes more often at least than at most")


def _keys(flows: Encoded, seen: Loops) -> tuple[Hashes, ...]:
    """(group,) keys of the runs that come to a step in the same way, from the same step, and of all."""
    flow, row = flows.flow_of[seen.first], seen.first
    step = flows.step[row]
    before = np.where(row > flows.offsets[flow], flows.step[np.maximum(row - 1, 0)], -3)
    whole = mix(mix(np.full(len(row), LARGE + 23, np.uint64), flows.function[flow] + 7), step + 11)
    after = mix(whole, before + 7)
    return mix(after, flows.trigger[flow] + 5), after, whole


def level_of_turns(number: Ints) -> Ints:
    """Numbers as they are, large ones on a scale of proportions: what is kept stays small."""
    above = EXACT + np.floor(FINE * np.log(np.maximum(number, EXACT) / EXACT)).astype(np.int64)
    return np.where(number <= EXACT, number, above)
