"""How often calls and runs fail, and where runs that failed end.

A failure is a matter of rates: of this call in this function, leaning on the function's other calls, and
these on all. How early a run ends that failed is one as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from coldtrail.detectors import error_paths
from coldtrail.detectors.detector import State
from coldtrail.detectors.error_paths import ErrorPaths
from coldtrail.detectors.pairs import in_one_breath
from coldtrail.detectors.reading import END, Positions, tried_again
from coldtrail.features.arrays import lookup
from coldtrail.features.back_off import GROUPS, LENT_FLOWS, back_off_weight_after
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import LARGE, Counts, Hashes, distinct, mix

LEAN = 20.0
"""Weight of the wider rate, in runs."""
LIKE = 0.5
"""Weight of what runs of other functions do once something failed."""
CALLS, RUNS, ENDS, HELD, AT_ONCE = range(5)
ARRAYS = (*lookup("rate_keys", "rate_number"), *lookup("failed_keys", "failed"), *error_paths.ARRAYS)


class Failures:
    """Failure rates at several levels of detail; the narrow ones lean on the wide ones.

    Functions that behave alike lend their history to one with little, which makes nothing stranger.
    """

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.number = self.failed = empty
        self.paths = ErrorPaths()

    def fit(self, flows: Encoded, weights: Floats, some: Bools | None = None) -> None:
        """Learns from flows, or from some of them, each counted by its weight."""
        some = np.ones(len(flows), np.bool_) if some is None else some
        self.paths.fit(flows, weights, some)
        calls = flows.once(_told_calls)
        kept = np.flatnonzero(some[calls.flow])
        self._add_kinds(calls.keys, calls.of[kept], weights[calls.flow[kept]], calls.failed[kept])
        runs = flows.once(_told_runs)
        self._add_kinds(runs.keys, runs.of[some], weights[some], runs.failed[some])

    def _add_kinds(self, keys: Iterable[Hashes], of: Ints, weights: Floats, failed: Bools) -> None:
        """Counts rows by the keys of their kinds."""
        for key in keys:
            number = Counts.of_kinds(key, of, weights)
            broken = Counts.of_kinds(key, of[failed], weights[failed])
            self.number = self.number.and_of(number.keys, number.values)
            self.failed = self.failed.and_of(broken.keys, broken.values)

    def fit_broken(self, positions: Positions, weights: Floats) -> None:
        """Learns which positions in and after failures end something, and which steps they hold."""
        rows = np.flatnonzero(positions.broken)
        token, likes, weight = positions.token[rows], positions.likes[rows], weights[rows]
        none = np.zeros(len(rows), np.bool_)
        self._add(_nested(ENDS, positions.function[rows], likes), weight, positions.closing[rows])
        self._add([_token(token)], weight, none)
        flow = positions.flow[rows]
        runs = np.unique(flow, return_index=True)[1]
        held = np.unique(mix(_token(token), flow), return_index=True)[1]
        self._add([_likes(likes[runs])], weight[runs], none[runs])
        self._add([mix(_token(token[held]), GROUPS + likes[held])], weight[held], none[held])

    def fit_at_once(self, runs: Encoded, weights: Floats) -> None:
        """Learns which steps are made at once with others: a failure in their midst keeps back any."""
        rows = np.flatnonzero(in_one_breath(runs))
        flow = runs.flow_of[rows]
        key = _own(AT_ONCE, runs.function[flow])
        self._add([mix(key, runs.step[rows] + 11)], weights[flow], np.zeros(len(rows), np.bool_))

    def _add(self, keys: Iterable[Hashes], weights: Floats, failed: Bools) -> None:
        for key in keys:
            self.number = self.number.and_of(key, weights)
            self.failed = self.failed.and_of(key[failed], weights[failed])

    def surprise(self, flows: Encoded) -> tuple[Floats, Floats]:
        """(step,) and (flow,) nats for calls and runs that failed; a call that fails again adds none.

        Nor does one that is tried again at once: what counts is how the last attempt ends.
        That a run failed in which a call did is one failure, not two; a run that does what several other
        functions do when they fail adds none either.
        """
        steps, whole = np.zeros(len(flows.step)), np.zeros(len(flows))
        if not flows.failed.any() and not flows.error.any():
            return steps, whole
        rows = _calls(flows)
        rows = rows[flows.error[rows] & ~tried_again(flows)[rows]]
        key = flows.flow_of[rows] * (int(flows.step.max(initial=0)) + 1) + flows.step[rows]
        rows = rows[np.unique(key, return_index=True)[1]]
        of = flows.function[flows.flow_of[rows]]
        steps[rows] = -np.log(self._rate(_of_calls(flows, rows), self._back_off_weight(of)))
        runs = np.flatnonzero(flows.failed)
        keys = _nested(RUNS, flows.function[runs], flows.group[runs])
        whole[runs] = -np.log(self._rate(keys, self._back_off_weight(flows.function[runs])))
        steps[rows] = np.minimum(steps[rows], _as_the_runs(flows, rows, whole))
        np.subtract.at(whole, flows.flow_of[rows], steps[rows])
        whole[flows.flow_of[self.paths.lent_steps(flows)]] = 0.0
        return steps, np.maximum(whole, 0.0)

    def chance(self, positions: Positions, token: Ints) -> Floats:
        """(position,) the least chance of a token in or after a failure; 0 elsewhere.

        What failed may end anywhere, and in the midst of what is made at once, and may do what others do that
        failed.
        """
        keys, back_off_weight = (
            _nested(ENDS, positions.function, positions.likes),
            self._back_off_weight(positions.function),
        )
        at_once = self.number(mix(_own(AT_ONCE, positions.function), token + 11)) > 0.0
        ends = self._rate(keys, back_off_weight) * (positions.closing | (at_once & positions.failed))
        others = LIKE * self.number(_token(token)) / (self.number(keys[0]) + 1.0)
        if back_off_weight.any():
            held = self.number(mix(_token(token), GROUPS + positions.likes))
            others = np.maximum(others, back_off_weight * held / (self.number(_likes(positions.likes)) + 1.0))
        return np.where(positions.broken, np.maximum(ends, others), 0.0)

    def excused(self, flows: Encoded) -> Ints:
        """The positions of steps that several other functions take when they fail."""
        rows = self.paths.lent_steps(flows)
        return rows + flows.flow_of[rows]

    def held(self, words: int) -> Ints:
        """The tokens up to some number that came in or after failures, ends among them, ascending."""
        every = int(_start(HELD, 1)[0])
        tokens, _ = self.number.folded_into(every, END + 11, words + 11)
        return tokens - 11

    def told(self, function: int) -> tuple[float, float]:
        """The weighted numbers of failed runs, and of all runs, of a function."""
        key = _own(RUNS, np.array([function]))
        return float(self.failed(key)[0]), float(self.number(key)[0])

    def _rate(self, keys: list[Hashes], back_off_weight: Floats) -> Floats:
        """(row,) the rate by keys from the widest to the narrowest, the second those of the likes.

        It is never below what so few runs can prove, by Laplace's rule of succession.
        """
        every, likes, *narrow = keys
        wide = self._leant(every, 1.0, np.full(len(every), 0.5))
        rate = np.maximum(self._within(narrow, LEAN, wide), 1.0 / (self.number(keys[-1]) + 2.0))
        if back_off_weight.any():
            lent = np.maximum(self._leant(likes, LEAN, wide), wide)
            leant = self._within(narrow, LEAN + LENT_FLOWS * back_off_weight, lent)
            rate = np.where(back_off_weight > 0.0, np.maximum(rate, leant), rate)
        return rate

    def _within(self, narrow: list[Hashes], lean: Floats | float, rate: Floats) -> Floats:
        for key in narrow:
            rate = self._leant(key, lean, rate)
        return rate

    def _leant(self, key: Hashes, lean: Floats | float, rate: Floats) -> Floats:
        out: Floats = (self.failed(key) + lean * rate) / (self.number(key) + lean)
        return out

    def _back_off_weight(self, function: Ints) -> Floats:
        return back_off_weight_after(self.number(_own(RUNS, function)))

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {
            "rate_keys": self.number.keys,
            "rate_number": self.number.values,
            "failed_keys": self.failed.keys,
            "failed": self.failed.values,
            **self.paths.state(),
        }

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        keys = state["rate_keys"].astype(np.uint64)
        self.number = Counts(keys, state["rate_number"].astype(np.float64))
        self.failed = Counts(state["failed_keys"].astype(np.uint64), state["failed"].astype(np.float64))
        self.paths.restore(state)


class _Told(NamedTuple):
    """Calls, or runs, and which of them failed; those of a kind share their keys."""

    flow: Ints
    of: Ints
    failed: Bools
    keys: list[Hashes]
    """(kind,) from the widest to the narrowest."""


def _told_calls(flows: Encoded) -> _Told:
    found = [(first, block, _calls(block)) for first, block in flows.blocks()]
    flow = np.concatenate([block.flow_of[rows] + first for first, block, rows in found])
    rows = np.concatenate([rows + flows.offsets[first] for first, _, rows in found])
    first, of = _kinds(flows.function[flow], flows.group[flow], flows.step[rows])
    return _Told(flow.astype(np.int32), of, flows.error[rows], _of_calls(flows, rows[first]))


def _told_runs(flows: Encoded) -> _Told:
    nothing = np.zeros(len(flows), np.int64)
    first, of = _kinds(flows.function, flows.group, nothing)
    keys = _nested(RUNS, flows.function[first], flows.group[first])
    return _Told(np.arange(len(flows)), of, flows.failed, keys)


def _kinds(function: Ints, likes: Ints, step: Ints) -> tuple[Ints, Ints]:
    """A row of each kind, and (row,) the kind of each."""
    keys, of = distinct(mix(mix(_own(CALLS, function), likes + 5), step + 11))
    first = np.zeros(len(keys), np.int64)
    first[of] = np.arange(len(of))
    return first, of.astype(np.int32)


def _calls(flows: Encoded) -> Ints:
    """The rows of steps without steps below them, whose failures they would only repeat."""
    if not len(flows.step):
        return np.zeros(0, np.int64)
    flow = flows.flow_of
    holds = np.append((flows.depth[1:] > flows.depth[:-1]) & (flow[1:] == flow[:-1]), False)
    return np.flatnonzero(~flows.starting & ~holds)


def _of_calls(flows: Encoded, rows: Ints) -> list[Hashes]:
    flow = flows.flow_of[rows]
    keys = _nested(CALLS, flows.function[flow], flows.group[flow])
    return [*keys, mix(keys[-1], flows.step[rows] + 11)]


def _nested(what: int, function: Ints, likes: Ints) -> list[Hashes]:
    """Keys of all, of the functions that behave like each, and of each function."""
    every = _start(what, len(function))
    return [every, mix(every, GROUPS + likes), _own(what, function)]


def _as_the_runs(flows: Encoded, rows: Ints, whole: Floats) -> Floats:
    """(row,) nats at most for what failed in a run that failed: that it did, at any one of its calls."""
    flow = flows.flow_of[rows]
    calls = np.bincount(flows.flow_of[flows.call], minlength=len(flows))
    return np.where(flows.failed[flow], whole[flow] + np.log(np.maximum(calls[flow], 1)), np.inf)


def _own(what: int, function: Ints) -> Hashes:
    return mix(_start(what, len(function)), function + 7)


def _token(token: Ints) -> Hashes:
    return mix(_start(HELD, len(token)), token + 11)


def _likes(likes: Ints) -> Hashes:
    """Keys of the failed runs of functions that behave alike."""
    return mix(_start(HELD, len(likes)), GROUPS + likes)


def _start(what: int, number: int) -> Hashes:
    """The seed for keys of one kind; far apart, since small numbers are mixed in and must not collide."""
    return mix(np.full(number, LARGE + 29, np.uint64), np.full(number, what))
