"""Error paths: what several functions of an application do when they fail.

A function that has hardly failed yet has not shown where its failures go, but others have: to the same error
handler, say. Known is an action (with its resource) that several functions take mostly when they fail, in a
good part of their failed runs together. It is lent to failed runs of the others, as often a run as there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.detector import State
from coldtrail.detectors.held import actions_held
from coldtrail.features.arrays import lookup
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import LARGE, Counts, Hashes, distinct, mix

SEVERAL = 2
"""Functions that must fail in the same way before it is lent to another."""
RUNS = 1.5
"""Failed runs, as they weigh, that must hold it: two of late."""
USUAL = 0.2
"""The share that these are of all failed runs of the functions that fail so, at least."""
FUNCTION, APPLICATION, MOST = range(3)
ARRAYS = lookup("path_keys", "path_takers")


class ErrorPaths:
    """The error paths that were learned."""

    def __init__(self) -> None:
        self.takers = Counts(np.zeros(0, np.uint64), np.zeros(0))
        """By function and action: 1 where it is the function's way of failing. By application and action: the
        functions whose way it is, and apart from them how often a run took it at most."""

    def fit(self, flows: Encoded, weights: Floats, some: Bools | None = None) -> None:
        """Learns from flows, or from some of them, each counted by its weight."""
        self.takers = Counts(np.zeros(0, np.uint64), np.zeros(0))
        some = np.ones(len(flows), np.bool_) if some is None else some
        if not flows.failed[some].any():
            return
        held = flows.once(_acts)
        of, run = held.of, held.flow
        size = len(held.function)
        kept = some[run]
        failed = kept & flows.failed[run]
        fine = np.bincount(of[kept & ~failed], weights[run[kept & ~failed]], size)
        of, run, row, number = (one[failed] for one in (of, run, held.row, held.number))
        failing = np.bincount(of, weights[run], size)
        mostly = (failing > fine)[of]
        of, run, row, number = (one[mostly] for one in (of, run, row, number))
        shared = _key(APPLICATION, flows.application[run], flows.action[row])
        _, each = np.unique(of, return_index=True)
        broken = np.bincount(flows.function, weights * (flows.failed & some)).astype(np.float64)
        holding = Counts.of(shared, weights[run])(shared)
        all_failed = Counts.of(shared[each], broken[held.function[of[each]]])(shared)
        often = (holding >= RUNS) & (holding >= USUAL * all_failed)
        self._take(flows, row[often], run[often], number[often].astype(np.float64))

    def _take(self, flows: Encoded, held: Ints, run: Ints, number: Floats) -> None:
        """Keeps which functions take the actions of some rows, and how often a run did at most."""
        function, action = flows.function[run], flows.action[held]
        own, each = np.unique(_key(FUNCTION, function, action), return_index=True)
        shared = _key(APPLICATION, flows.application[run], action)
        most = _key(MOST, flows.application[run], action)
        by_number = np.lexsort((-number, most))
        keys, first = np.unique(most[by_number], return_index=True)
        self.takers = Counts.of(
            np.concatenate([own, shared[each], keys]),
            np.concatenate([np.ones(2 * len(own)), number[by_number[first]]]),
        )

    def lent(self, flows: Encoded) -> Bools:
        """(step,) whether a step of a run that failed is what several other functions do when they fail."""
        out = np.zeros(len(flows.step), np.bool_)
        if not flows.failed.any() or not len(self.takers.keys):
            return out
        rows = np.flatnonzero(flows.failed[flows.flow_of] & (flows.action > 0))
        run, action = flows.flow_of[rows], flows.action[rows]
        application = flows.application[run]
        others = self.takers(_key(APPLICATION, application, action))
        others -= self.takers(_key(FUNCTION, flows.function[run], action))
        most = self.takers(_key(MOST, application, action))
        out[rows] = (others >= SEVERAL) & (_occurrence(run, action) <= most)
        return out

    def lent_steps(self, flows: Encoded) -> Ints:
        """The rows of lent steps that are known as well: to the order, all others are one unknown step."""
        return np.flatnonzero(self.lent(flows) & (flows.step > 0))

    def first(self, flows: Encoded) -> Ints:
        """(flow,) the row of the first of the lent steps, past the last where there is none."""
        out = flows.offsets[1:].copy()
        rows = self.lent_steps(flows)
        np.minimum.at(out, flows.flow_of[rows], rows)
        return out

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {"path_keys": self.takers.keys, "path_takers": self.takers.values}

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        keys = state["path_keys"].astype(np.uint64)
        self.takers = Counts(keys, state["path_takers"].astype(np.float64))


class _Acts(NamedTuple):
    """The known actions that flows hold, and which of a function's each is."""

    flow: Ints
    row: Ints
    number: Ints
    of: Ints
    function: Ints
    """(action of a function,)"""


def _acts(flows: Encoded) -> _Acts:
    held = flows.once(actions_held)
    held = held.where(held.thing > 0)
    function = flows.function[held.flow]
    keys, of = distinct(_key(FUNCTION, function, held.thing))
    whose = np.zeros(len(keys), np.int64)
    whose[of] = function
    return _Acts(held.flow, held.row, held.number, of.astype(np.int32), whose)


def _occurrence(run: Ints, action: Ints) -> Ints:
    """(row,) how many times the run has taken this action so far, from 1."""
    key = mix(_start(FUNCTION, run), action)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    out = np.empty(len(key), np.int64)
    out[order] = np.arange(len(key)) - np.searchsorted(ordered, ordered, side="left") + 1
    return out


def _key(what: int, whose: Ints, action: Ints) -> Hashes:
    return mix(mix(_start(what, whose), np.full(len(whose), what)), action + 11)


def _start(what: int, number: Ints) -> Hashes:
    return mix(np.full(len(number), LARGE + 47 + what, np.uint64), number + 7)
