"""Certain steps: those that every run held in which something else stood, and how often one broke that.

There are two kinds: a step that always comes with the run itself, its trigger or a step next to it, and a
step that always comes before another. What failed excuses what is missing after it: the first kind is learned
and judged only where nothing failed, the second up to what failed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors import error_paths
from coldtrail.detectors import meeting_rates as rates
from coldtrail.detectors.detector import State
from coldtrail.detectors.error_paths import ErrorPaths
from coldtrail.detectors.pairs import BEFORE, WITH, pairs_of, whole_of
from coldtrail.detectors.reading import START, broken_runs, first_failure
from coldtrail.features.arrays import LEAST, floats, hashes, integers, lookup
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import LARGE, Counts, Hashes, Table, distinct, first_rows, mix, order_of

LEAST_RUNS = 10.0
"""Runs that must have held something before what came with it is certain."""
ONCE = 1.5
"""What was missing in fewer runs than this was missing once, whatever weight age has left it."""
LEVELS = 32
"""Powers of two by which certainties are told apart: the runs behind them."""
ARRAYS = (
    hashes("keys", distinct=False),
    integers("steps", "keys", least=1, most="steps"),
    floats("runs", "keys"),
    *lookup("firsts_keys", "firsts", LEVELS + 1),
    floats("rates", 2 * LEVELS, len(rates.GRID), least=LEAST, most=1.0),
    floats("least", 2, LEVELS, least=LEAST),
    *lookup("beside_keys", "beside"),
    *error_paths.ARRAYS,
)


class Left(NamedTuple):
    """Certain steps that runs left out."""

    flow: Ints
    step: Ints
    runs: Floats
    """In how many runs the step had always come."""
    strangeness: Floats
    """-log10 of the chance that a run is the first without such a step."""


class _Held(NamedTuple):
    """What each flow held, once: the run itself, its trigger and its steps, for both kinds."""

    flow: Ints
    key: Hashes
    kind: Ints
    until: Ints
    """The row by which what always comes with it has come."""


class Certainties:
    """The learned steps that always come."""

    def __init__(self) -> None:
        empty = np.zeros(0, np.uint64)
        self.keys = empty
        """(certainty,) what the step came with, ascending."""
        self.steps = np.zeros(0, np.int64)
        self.runs = np.zeros(0)
        self.firsts = Table(empty, np.zeros((0, LEVELS + 1)))
        """By function and kind: its runs, and those that alone broke a certainty with at least so many runs
        behind it."""
        self.rates = np.tile(rates.flat()[0], (2, LEVELS, 1))
        """(kind, level, rate) how often such runs are usual among functions that have so many runs."""
        self.least = np.ones((2, LEVELS))
        """(kind, level) the smallest chance that so many runs can prove: half a run among them."""
        self.beside = Counts(empty, np.zeros(0))
        """How often a step stood right after another."""
        self.paths = ErrorPaths()

    def fit(self, flows: Encoded, count: Floats, weight: float) -> None:
        """Learns from flows; each stands for `count` flows, and each of these counts for `weight`."""
        self.beside = _beside(flows, count)
        self.paths.fit(flows, count)
        self._fit_candidates(flows, count, weight)
        at, flow, kind = self._missing(flows)
        gaps = np.bincount(at, count[flow], len(self.keys))
        once = gaps[at] < ONCE
        self._fit_firsts(flows, weight * count, weight, flow[once], kind[once], _level(self.runs[at[once]]))
        certain = gaps == 0.0
        self.keys, self.steps, self.runs = self.keys[certain], self.steps[certain], self.runs[certain]

    def _fit_candidates(self, flows: Encoded, count: Floats, weight: float) -> None:
        pairs = pairs_of(flows)
        first = first_rows(mix(pairs.key, pairs.step))
        order = first[order_of(pairs.key[first])]
        keys, steps = pairs.key[order], pairs.step[order]
        held = _held(flows, self._failure(flows))
        runs = Counts.of(held.key, count[held.flow])(keys)
        many = runs >= LEAST_RUNS
        self.keys, self.steps, self.runs = keys[many], steps[many], weight * runs[many]

    def _fit_firsts(
        self, flows: Encoded, runs: Floats, weight: float, flow: Ints, kind: Ints, level: Ints
    ) -> None:
        keys, rows = [], []
        for one in (WITH, BEFORE):
            judged = np.flatnonzero(~broken_runs(flows)) if one == WITH else np.arange(len(flows))
            highest = np.full(len(flows), -1)
            np.maximum.at(highest, flow[kind == one], level[kind == one])
            found, of = distinct(whole_of(flows, one)[judged])
            number: Floats = np.bincount(of, runs[judged], len(found)).astype(np.float64)
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
        at, flow, kind = self._missing(flows)
        whole = np.where(kind == WITH, whole_of(flows, WITH)[flow], whole_of(flows, BEFORE)[flow])
        known = self.firsts.rows[self.firsts.find(whole)]
        level = _level(self.runs[at])
        firsts = known[np.arange(len(level)), 1 + level]
        chance = rates.chance(self.rates[kind, level], known[:, 0], firsts)
        chance = np.maximum(chance, self.least[kind, level])
        return Left(flow, self.steps[at], self.runs[at], -np.log10(np.minimum(chance, 1.0)))

    def _failure(self, flows: Encoded) -> Ints:
        """(flow,) the row of the first step that failed, or that functions take when they have failed.

        Of a run that failed in its own code, the last of its calls: it can have failed from there on.
        """
        out = np.minimum(first_failure(flows), self.paths.first(flows))
        return np.where(flows.failed & (out == flows.offsets[1:]), _last_calls(flows), out)

    def _missing(self, flows: Encoded) -> tuple[Ints, Ints, Ints]:
        """The certain steps that flows lack, with the flows and the kinds."""
        held = _held(flows, self._failure(flows))
        start = np.searchsorted(self.keys, held.key, side="left")
        number = np.searchsorted(self.keys, held.key, side="right") - start
        of = np.repeat(np.arange(len(start)), number)
        at = np.arange(len(of)) - np.repeat(np.cumsum(number) - number - start, number)
        flow = held.flow[of]
        held_in = _in_flow(flows.flow_of, flows.step)
        first = first_rows(held_in)
        place = Table(held_in[first], np.zeros((len(first), 0))).find(_in_flow(flow, self.steps[at]))
        row = np.append(first, len(flows.step))[place]
        missing = np.flatnonzero(row >= held.until[of])
        return at[missing], flow[missing], held.kind[of[missing]]

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
            "runs": self.runs,
            "firsts_keys": self.firsts.keys,
            "firsts": self.firsts.rows,
            "rates": self.rates.reshape(2 * LEVELS, -1),
            "least": self.least,
            "beside_keys": self.beside.keys,
            "beside": self.beside.values,
            **self.paths.state(),
        }

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        self.keys = state["keys"].astype(np.uint64)
        self.steps, self.runs = state["steps"].astype(np.int64), state["runs"].astype(np.float64)
        rows = state["firsts"].astype(np.float64).reshape(-1, LEVELS + 1)
        self.firsts = Table(state["firsts_keys"].astype(np.uint64), rows)
        self.rates = state["rates"].astype(np.float64).reshape(2, LEVELS, -1)
        self.least = state["least"].astype(np.float64).reshape(2, LEVELS)
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


def _held(flows: Encoded, failure: Ints) -> _Held:
    whole, size = np.flatnonzero(~broken_runs(flows)), len(flows.step)
    told = whole[flows.trigger[whole] > 0]
    rows = first_rows(_in_flow(flows.flow_of, flows.step))
    rows = rows[flows.step[rows] > 0]
    flow = flows.flow_of[rows]
    with_all = ~broken_runs(flows)[flow]
    early = rows <= failure[flow]
    things = (np.full(len(whole), START), START - flows.trigger[told], flows.step[rows[with_all]])
    flows_of = (whole, told, flow[with_all])
    keys = [mix(whole_of(flows, WITH)[of], thing) for of, thing in zip(flows_of, things, strict=True)]
    keys.append(mix(whole_of(flows, BEFORE)[flow[early]], flows.step[rows[early]]))
    number = sum(len(thing) for thing in things)
    return _Held(
        np.concatenate([*flows_of, flow[early]]),
        np.concatenate(keys),
        np.repeat([WITH, BEFORE], [number, int(early.sum())]),
        np.concatenate([np.full(number, size), rows[early]]),
    )


def _last_calls(flows: Encoded) -> Ints:
    """(flow,) the row of the last call of something outside, before the first row where there is none."""
    out = flows.offsets[:-1] - 1
    calls = np.flatnonzero(flows.call)
    np.maximum.at(out, flows.flow_of[calls], calls)
    return out


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
