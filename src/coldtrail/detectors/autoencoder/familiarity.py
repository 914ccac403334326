"""How usual each step is where it stands, and how late it is, by counts: what a network may be told besides.

From words and times alone a network has to learn in thousands of windows what a count knows at once: that a
step never came here, or never took so long. Told both, it needs to learn only what they are worth together
with all else, and reproduces them badly where they are news. A cold start may precede any run: its steps
surprise nobody, only their times count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.detector import State
from coldtrail.features.arrays import Array, lookup, prefixed
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, Table, mix
from coldtrail.features.strata import hashed
from coldtrail.features.vocabulary import STARTS
from coldtrail.features.wording import APPLICATION, FUNCTION, NAME, TARGET, TYPE, Wording

COLUMNS = ("surprise", "lateness")
SHARES = (0.05, 0.5)
"""How much a squared nat of each counts in a vector, of which all else lies between 0 and 1: squared, what
never came stands out from what comes seldom."""
PRIOR = 0.5
"""What a shorter context weighs beside a longer one, in steps."""
UNHEARD = 1e-3
"""The chance of a step that its function never took, before anything is counted."""
MOST_TURNS = 15
"""Steps of one kind that are told apart by their number within a run."""
LEAST_TIMES = 10
"""A step met more rarely has no longest time."""
EVERY = 1000
"""One in so many times is set aside before the longest is taken."""
LEAST_S = 1e-3
"""Added before the logarithm of a time is taken: a millisecond, as finely as traces tell it."""
ARRAYS = (*lookup("contexts", "met"), *lookup("steps", "taken"), *lookup("kinds", "longest", 2))


class _Told(NamedTuple):
    """What is counted of flows."""

    rows: Ints
    """The steps that stand in an order."""
    contexts: tuple[Hashes, ...]
    """(row,) what stood before, from the shortest to the longest."""
    steps: tuple[Hashes, ...]
    """(row,) the step in each context."""
    kinds: Hashes
    """(step,) function and step, of all steps."""


@dataclass(frozen=True)
class Familiarity:
    """What was counted of the flows that a network learns from."""

    contexts: Counts
    steps: Counts
    longest: Table
    """(kind, 2) the longest time of each kind of step and the next one, in seconds."""

    @classmethod
    def of(cls, flows: Encoded) -> Self:
        """That of flows, each counting as often as it stands for others."""
        told = _told(flows.wording)
        weight = flows.weight[flows.flow_of][told.rows]
        contexts, steps = (
            Counts.of(np.concatenate(each), np.tile(weight, len(each)))
            for each in (told.contexts, told.steps)
        )
        return cls(contexts, steps, _longest(told.kinds, flows.wording.duration, LEAST_TIMES))

    def with_more(self, flows: Encoded) -> Familiarity:
        """That of further flows as well."""
        new = self.of(flows)
        kinds = np.concatenate([np.repeat(one.longest.keys, 2) for one in (self, new)])
        times = np.concatenate([one.longest.rows.ravel() for one in (self, new)])
        return Familiarity(
            self.contexts.and_of(new.contexts.keys, new.contexts.values),
            self.steps.and_of(new.steps.keys, new.steps.values),
            _longest(kinds, times, 2),
        )

    def columns(self, flows: Encoded, *, counted: bool = False) -> Floats:
        """(step, 2) surprise and lateness in `SHARES` of squared nats.

        Where the flows were `counted` themselves, each is told as if it had not been.
        """
        told = _told(flows.wording)
        out = np.zeros((len(flows.step), len(COLUMNS)))
        own = flows.weight[flows.flow_of][told.rows] if counted else np.zeros(len(told.rows))
        chance = np.full(len(told.rows), UNHEARD)
        for context, step in zip(told.contexts, told.steps, strict=True):
            taken, met = (
                np.maximum(one, 0.0) for one in (self.steps(step) - own, self.contexts(context) - own)
            )
            chance = (taken + PRIOR * chance) / (met + PRIOR)
        out[told.rows, 0] = -np.log(chance)
        place = self.longest.find(told.kinds)
        known = np.flatnonzero(place >= 0)
        longest, following = self.longest.rows[place[known]].T
        times = flows.wording.duration[known]
        limit = np.where(counted & (times >= longest), following, longest)
        out[known, 1] = np.maximum(np.log((times + LEAST_S) / (limit + LEAST_S)), 0.0)
        return out**2 * SHARES

    def state(self, start: str) -> State:
        """All that was counted, as arrays whose names begin so."""
        tables = (
            (self.contexts.keys, self.contexts.values),
            (self.steps.keys, self.steps.values),
            (self.longest.keys, self.longest.rows),
        )
        arrays = (array for table in tables for array in table)
        return {one.name: array for one, array in zip(prefixed(start, ARRAYS), arrays, strict=True)}

    @classmethod
    def restored(cls, state: State, start: str) -> Self:
        """What `state` gave."""
        keys = [state[one.name].astype(np.uint64) for one in prefixed(start, ARRAYS)[::2]]
        rows = [state[one.name].astype(np.float64) for one in prefixed(start, ARRAYS)[1::2]]
        return cls(Counts(keys[0], rows[0]), Counts(keys[1], rows[1]), Table(keys[2], rows[2]))


def arrays(start: str) -> tuple[Array, ...]:
    """What `state` gives under a name."""
    return prefixed(start, ARRAYS)


def seconds_before(seen: float, lateness: float) -> float:
    """The longest time known of a step that took so long, by its value in a vector."""
    return max((seen + LEAST_S) * float(np.exp(-np.sqrt(lateness / SHARES[1]))) - LEAST_S, 0.0)


def _told(wording: Wording) -> _Told:
    word = hashed(wording.words)[wording.codes]
    function = mix(mix(np.full(len(word), 83, np.uint64), word[:, APPLICATION]), word[:, FUNCTION])
    step = mix(mix(mix(np.full(len(word), 89, np.uint64), word[:, NAME]), word[:, TYPE]), word[:, TARGET])
    rows = np.flatnonzero(~_starting(wording))
    flow = np.repeat(np.arange(len(wording.offsets) - 1), np.diff(wording.offsets))[rows]
    own, turn = step[rows], _turns(step[rows], flow)
    first = np.flatnonzero(np.diff(flow, prepend=-1))
    before, turns = np.roll(own, 1), np.roll(turn, 1)
    before[first], turns[first] = 0, 0
    after = mix(mix(function[rows], np.full(len(rows), 97)), before)
    contexts = (mix(function[rows], np.full(len(rows), 101)), after, mix(after, turns))
    return _Told(rows, contexts, tuple(mix(one, own) for one in contexts), mix(function, step))


def _starting(wording: Wording) -> NDArray[np.bool_]:
    """(step,) whether it prepares a new instance."""
    start, lifecycle = (
        np.array([word in wanted for word in wording.words], np.bool_) for wanted in (STARTS, ("lifecycle",))
    )
    return start[wording.codes[:, NAME]] & lifecycle[wording.codes[:, TYPE]]


def _turns(step: Hashes, flow: Ints) -> Ints:
    """(row,) for the how-manieth time each step comes in its flow."""
    order = np.lexsort((step, flow))
    ordered = np.arange(len(step))
    new = np.append(True, (np.diff(flow[order]) != 0) | (step[order][1:] != step[order][:-1]))[: len(step)]
    out = np.empty(len(step), np.int64)
    out[order] = ordered - np.maximum.accumulate(np.where(new, ordered, 0)) + 1
    return np.minimum(out, MOST_TURNS)


def _longest(kinds: Hashes, seconds: Floats, least: int) -> Table:
    """The longest time of each kind that came so often, and the next, but for one in `EVERY`."""
    order = np.lexsort((-seconds, kinds))
    keys, first, number = np.unique(kinds[order], return_index=True, return_counts=True)
    known = number >= least
    at = (first + number // EVERY)[known]
    return Table(keys[known], seconds[order][np.stack([at, at + 1], axis=1)])
