"""Certain steps: those that every run held in which something else stood, and how often one broke that.

There are two kinds: a step that always comes with the run itself, its trigger or a step next to it, and a
step that always comes before another. What failed excuses what is missing after it: the first kind is learned
and judged only where nothing failed, the second up to what failed. Both are learned once more of the n-th
time that a step comes: half of a pair of equal steps can be missing, or a step of one turn of a loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors import error_paths
from coldtrail.detectors import meeting_rates as rates
from coldtrail.detectors.detector import State
from coldtrail.detectors.error_paths import ErrorPaths
from coldtrail.detectors.pairs import (
    AGAIN_WITH,
    KINDS,
    MOST_TURNS,
    WITH,
    Held,
    held_in,
    is_before,
    pairs_of,
    turns_of,
    whole_of,
)
from coldtrail.detectors.reading import START, broken_runs, first_failure, last_calls
from coldtrail.features.arrays import LEAST, floats, hashes, integers, lookup
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import (
    LARGE,
    Counts,
    Hashes,
    Table,
    distinct,
    equals_before,
    first_rows,
    mix,
    order_of,
)

LEAST_RUNS = 10.0
"""Runs that must have held something before what came with it is certain."""
LEAST_AGAIN = 20.0
"""The same for what comes again: of the many turns of loops, some come together by chance."""
ONCE = 1.5
"""What was missing in fewer runs than this was missing once, whatever weight age has left it."""
FIRST_ASKED = (24, 120)
"""So many runs of each function are asked first whether they break what may be certain."""
LEVELS = 32
"""Powers of two by which certainties are told apart: the runs behind them."""
ARRAYS = (
    hashes("keys", distinct=False),
    integers("steps", "keys", least=1, most="steps"),
    integers("turns", "keys", least=1, most=MOST_TURNS),
    integers("kinds", "keys", least=WITH, most=KINDS - 1),
    floats("runs", "keys"),
    *lookup("firsts_keys", "firsts", LEVELS + 1),
    floats("rates", KINDS * LEVELS, len(rates.GRID), least=LEAST, most=1.0),
    floats("least", KINDS, LEVELS, least=LEAST),
    *lookup("beside_keys", "beside"),
    *error_paths.ARRAYS,
)


class Left(NamedTuple):
    """Certain steps that runs left out."""

    flow: Ints
    step: Ints
    turn: Ints
    """For the how-manieth time the step would have come."""
    runs: Floats
    """In how many runs the step had always come."""
    strangeness: Floats
    """-log10 of the chance that a run is the first without such a step."""


class Certainties:
    """The learned steps that always come."""

    def __init__(self) -> None:
        empty = np.zeros(0, np.uint64)
        self.keys = empty
        """(certainty,) what the step came with, ascending."""
        self.steps = self.turns = self.kinds = np.zeros(0, np.int64)
        self.runs = np.zeros(0)
        self.firsts = Table(empty, np.zeros((0, LEVELS + 1)))
        """By function and kind: its runs, and those that alone broke a certainty with at least so many runs
        behind it."""
        self.rates = np.tile(rates.flat()[0], (KINDS, LEVELS, 1))
        """(kind, level, rate) how often such runs are usual among functions that have so many runs."""
        self.least = np.ones((KINDS, LEVELS))
        """(kind, level) the smallest chance that so many runs can prove: half a run among them."""
        self.beside = Counts(empty, np.zeros(0))
        """How often a step stood right after another."""
        self.paths = ErrorPaths()

    def fit(self, flows: Encoded, count: Floats, weight: float) -> None:
        """Learns from flows; each stands for `count` flows, and each of these counts for `weight`."""
        self.beside = _beside(flows, count)
        self.paths.fit(flows, count)
        held = held_in(flows, self._failure(flows))
        functions = self._fit_candidates(flows, held, count, weight)
        some = self._rarely_broken(flows, held, count)
        at, flow = self._missing(flows, held, some)
        gaps = np.full(len(self.keys), np.inf)
        gaps[some] = np.bincount(at, count[flow], len(self.keys))[some]
        once = gaps[at] < ONCE
        broken = flow[once], self.kinds[at[once]], _level(self.runs[at[once]])
        self._fit_firsts(flows, (weight * count, weight), functions, broken)
        certain = gaps == 0.0
        self.keys, self.runs = self.keys[certain], self.runs[certain]
        self.steps, self.turns, self.kinds = self.steps[certain], self.turns[certain], self.kinds[certain]

    def _rarely_broken(self, flows: Encoded, held: Held, count: Floats) -> Ints:
        """The candidates that a part of the runs does not rule out: most of those of loops need not be asked
        of all. They are ruled out by half a run more than counts, so that no sum's rounding matters."""
        some, place = np.arange(len(self.keys)), equals_before(flows.function)
        for runs in FIRST_ASKED:
            asked = place[held.flow] < runs
            at, flow = self._missing(flows, Held(held.flow[asked], held.key[asked], held.until[asked]), some)
            some = some[np.bincount(at, count[flow], len(self.keys))[some] < ONCE + 0.5]
        return some

    def _fit_candidates(self, flows: Encoded, held: Held, count: Floats, weight: float) -> Ints:
        """(certainty,) the functions of what may be certain."""
        pairs = pairs_of(flows)
        first = first_rows(mix(mix(pairs.key, pairs.step), pairs.turn))
        order = first[order_of(pairs.key[first])]
        keys = pairs.key[order]
        runs = Counts.of(held.key, count[held.flow])(keys)
        many = runs >= np.where(pairs.kind[order] < AGAIN_WITH, LEAST_RUNS, LEAST_AGAIN)
        order = order[many]
        self.keys, self.steps, self.runs = keys[many], pairs.step[order], weight * runs[many]
        self.turns, self.kinds = pairs.turn[order], pairs.kind[order]
        return flows.function[pairs.flow[order]]

    def _fit_firsts(
        self,
        flows: Encoded,
        runs: tuple[Floats, float],
        functions: Ints,
        broken: tuple[Ints, Ints, Ints],
    ) -> None:
        """How often runs alone broke what was certain without them, by its kind.

        Args:
            runs: of each flow, and of each that breaks something.
            functions: (certainty,)
            broken: flows, with the kinds and levels of what they broke.
        """
        keys, rows = [], []
        flow, kind, level = broken
        each, weight = runs
        for one in range(KINDS):
            judged = np.arange(len(flows)) if is_before(one) else np.flatnonzero(~broken_runs(flows))
            if one >= AGAIN_WITH:
                judged = judged[np.isin(flows.function[judged], functions[self.kinds == one])]
            highest = np.full(len(flows), -1)
            np.maximum.at(highest, flow[kind == one], level[kind == one])
            found, of = distinct(whole_of(flows, one)[judged])
            number: Floats = np.bincount(of, each[judged], len(found)).astype(np.float64)
            firsts = np.zeros((len(found), LEVELS))
            np.add.at(firsts, of, weight * (highest[judged, None] >= np.arange(LEVELS)))
            reach = _level(number)[:, None] >= np.arange(LEVELS)
            every = (number[:, None] * reach).sum(axis=0) + 1.0
            self.least[one] = 0.5 / every
            self.rates[one] = _usual(number, firsts, reach)
            keys.append(found)
            rows.append(np.column_stack([number, firsts]))
        key = np.concatenate(keys)
        order = np.argsort(key)
        self.firsts = Table(key[order], np.concatenate(rows)[order])

    def left_out(self, flows: Encoded) -> Left:
        """The certain steps that flows left out."""
        at, flow = self._missing(flows, held_in(flows, self._failure(flows)), np.arange(len(self.keys)))
        kind = self.kinds[at]
        whole = np.stack([whole_of(flows, one) for one in range(KINDS)])[kind, flow]
        known = self.firsts.rows[self.firsts.find(whole)]
        level = _level(self.runs[at])
        firsts = known[np.arange(len(level)), 1 + level]
        chance = rates.chance(self.rates[kind, level], known[:, 0], firsts)
        chance = np.maximum(chance, self.least[kind, level])
        return Left(flow, self.steps[at], self.turns[at], self.runs[at], -np.log10(np.minimum(chance, 1.0)))

    def _failure(self, flows: Encoded) -> Ints:
        """(flow,) the row of the first step that failed, or that functions take when they have failed.

        Of a run that failed in its own code, the last of its calls: it can have failed from there on.
        """
        out = np.minimum(first_failure(flows), self.paths.first(flows))
        return np.where(flows.failed & (out == flows.offsets[1:]), last_calls(flows), out)

    def _missing(self, flows: Encoded, held: Held, some: Ints) -> tuple[Ints, Ints]:
        """Those of some certain steps that flows lack, with the flows; `some` ascends."""
        keys = self.keys[some]
        start = np.searchsorted(keys, held.key, side="left")
        number = np.searchsorted(keys, held.key, side="right") - start
        of = np.repeat(np.arange(len(start)), number)
        at = some[np.arange(len(of)) - np.repeat(np.cumsum(number) - number - start, number)]
        flow = held.flow[of]
        there = mix(_in_flow(flows.flow_of, flows.step), turns_of(flows))
        order = np.argsort(there)
        asked = mix(_in_flow(flow, self.steps[at]), self.turns[at])
        row = np.append(order, len(flows.step))[Table(there[order], np.zeros((len(order), 0))).find(asked)]
        missing = np.flatnonzero(row >= held.until[of])
        return at[missing], flow[missing]

    def places_of(self, flows: Encoded, some: Ints, step: Ints) -> Ints:
        """(some,) where in some flows a step that each left out most often stood: before this place.

        It is the length of the flow where that is the end.
        """
        lengths = flows.lengths[some]
        of = np.repeat(np.arange(len(some)), lengths + 1)
        starts = np.cumsum(lengths + 1) - lengths - 1
        place = np.arange(len(of)) - starts[of]
        row = flows.offsets[some][of] + place - 1
        steps = flows.step if len(flows.step) else np.array([START])
        before = np.where(place > 0, steps[np.maximum(row, 0)], START)
        often = self.beside(_after(flows.function[some][of], before, step[of]))
        most = np.zeros(len(some))
        np.maximum.at(most, of, often)
        found = np.flatnonzero((often > 0.0) & (often == most[of]))
        out = lengths.copy()
        met, first = np.unique(of[found], return_index=True)
        out[met] = place[found[first]]
        return out

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {
            "keys": self.keys,
            "steps": self.steps.astype(np.int64),
            "turns": self.turns,
            "kinds": self.kinds,
            "runs": self.runs,
            "firsts_keys": self.firsts.keys,
            "firsts": self.firsts.rows,
            "rates": self.rates.reshape(KINDS * LEVELS, -1),
            "least": self.least,
            "beside_keys": self.beside.keys,
            "beside": self.beside.values,
            **self.paths.state(),
        }

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        self.keys = state["keys"].astype(np.uint64)
        self.steps, self.runs = state["steps"].astype(np.int64), state["runs"].astype(np.float64)
        self.turns, self.kinds = state["turns"].astype(np.int64), state["kinds"].astype(np.int64)
        rows = state["firsts"].astype(np.float64).reshape(-1, LEVELS + 1)
        self.firsts = Table(state["firsts_keys"].astype(np.uint64), rows)
        self.rates = state["rates"].astype(np.float64).reshape(KINDS, LEVELS, -1)
        self.least = state["least"].astype(np.float64).reshape(KINDS, LEVELS)
        beside = state["beside_keys"].astype(np.uint64)
        self.beside = Counts(beside, state["beside"].astype(np.float64))
        self.paths.restore(state)


def _usual(number: Floats, firsts: Floats, reach: Bools) -> Floats:
    """(level, rate) how often runs break a certainty first, among functions with so many runs.

    Args:
        number: (function,) runs.
        firsts: (function, level)
        reach: (function, level) whether a function has so many.
    """
    levels = int(reach.any(axis=0).sum())
    if not levels:
        return np.tile(rates.flat()[0], (LEVELS, 1))
    found = rates.likeliest([(number[reach[:, at]], firsts[reach[:, at], at]) for at in range(levels)])
    return found[np.minimum(np.arange(LEVELS), levels - 1)]


def _beside(flows: Encoded, count: Floats) -> Counts:
    first = np.zeros(len(flows.step), np.bool_)
    first[flows.offsets[:-1][flows.lengths > 0]] = True
    before = np.where(first, START, np.roll(flows.step, 1))
    flow = flows.flow_of
    return Counts.of(_after(flows.function[flow], before, flows.step), count[flow])


def _after(function: Ints, before: Ints, step: Ints) -> Hashes:
    return mix(mix(mix(np.full(len(step), LARGE + 37, np.uint64), function + 7), before + 11), step + 13)


def _in_flow(flow: Ints, thing: Ints) -> Hashes:
    return mix(mix(np.full(len(flow), LARGE + 43, np.uint64), flow), thing + 11)


def _level(runs: Floats) -> Ints:
    """Powers of two up to a number of runs."""
    return np.clip(np.log2(np.maximum(runs, 1.0)).astype(np.int64), 0, LEVELS - 1)
