"""What a run holds that no run of its function held before, though it knows all the steps.

That is a step right after another one, or right after two others (a succession), or a step for the n-th
time (a turn). How strange the first one of a run is follows from how often there were such firsts (Good
1953): the runs with something that they alone held, of steps that others held too, over the runs of the
function. What is usual among functions counts as well (`meeting_rates`).

A run that holds several such successions is compared with others that did: a call that is lost from the
record makes one, two steps that change places make two or three.

Things are compared with their equals: successions with those of steps that are as usual, or more; turns of
steps whose number never varies with each other. That rare steps come now here, now there, excuses no usual
ones that change places; nor do loops excuse a step that always came once.

What follows a failure, and what was never taken at all, is judged elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors import meeting_rates as rates
from coldtrail.detectors.detector import State
from coldtrail.detectors.firsts import SHARES, Held, at_least, in_company, runs_with, share_of
from coldtrail.detectors.reading import END, Positions, followed_by
from coldtrail.detectors.repeats import level_of_turns
from coldtrail.features.arrays import LEAST, floats, hashes, lookup
from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import (
    LARGE,
    Counts,
    Hashes,
    Table,
    distinct,
    each_once,
    equals_before,
    first_rows,
    is_in_ascending,
    mix,
)

ONCE = 1.5
"""What was held by fewer runs than this was held once, whatever weight age has left it."""
ALSO = 0.5
"""More flows than this that hold its steps otherwise make them known without it."""
AFTER_ONE, AFTER_TWO, TURN, TURN_OF_VARYING, SEVERAL = range(5)
SORTS = 5
"""Of firsts; the last one is that of runs with several first steps after one."""
ARRAYS = (
    hashes("succession_keys"),
    floats("succession_firsts", "succession_keys", 1 + SORTS * SHARES),
    floats("succession_rates", SORTS * SHARES * rates.LEVELS, len(rates.GRID), least=LEAST, most=1.0),
    floats("succession_least", 1, least=LEAST),
    hashes("held_keys"),
    hashes("varying_keys"),
    *lookup("taken_keys", "taken_flows"),
)


class Firsts(NamedTuple):
    """What positions of runs hold first."""

    bans: Floats
    """(position,) how rarely a run holds such a thing first; 0 where it was held before."""
    turns: Bools
    """(position,) whether it is a turn."""


class Successions:
    """How often each function's runs held a thing for the first time."""

    def __init__(self) -> None:
        self.firsts = Table(np.zeros(0, np.uint64), np.zeros((0, 1 + SORTS * SHARES)))
        """By function: its runs, and those with a thing that they alone held, by its sort and by the share
        that takes the rarest of its steps."""
        self.rates = np.tile(rates.flat(), (SORTS, SHARES, 1, 1))
        """(sort, share, level, rate) what is usual among functions."""
        self.least = 1.0
        """The smallest chance that all runs can prove."""
        self.held: Hashes = np.zeros(0, np.uint64)
        """All things that runs held."""
        self.varying: Hashes = np.zeros(0, np.uint64)
        """The steps of functions whose number differs from run to run."""
        self.taken = Counts(np.zeros(0, np.uint64), np.zeros(0))
        """How many flows of a function took a step."""

    def fit(self, positions: Positions, runs: Floats, weight: float) -> None:
        """Learns from the positions of runs; each run stands for so many flows, and each of these counts for
        `weight`."""
        whose, number = _runs_of(positions, runs)
        rows = np.flatnonzero(positions.counted & ~positions.broken)
        steps = _steps(positions)
        taken = Held.of(steps[rows], positions.flow[rows], runs).runs
        self.taken = taken
        self.varying = _varying(steps[rows], positions.flow[rows], runs)
        firsts = np.zeros((len(whose), SORTS, SHARES))
        found = []
        for sort, (at, keys) in enumerate(self._things(positions, rows)):
            held = Held.of(keys, positions.flow[at], runs)
            found.append(held.runs.keys)
            alone = self._learn_sort(positions, at[held.row], held, (whose, number), sort)
            firsts[:, sort] = runs_with(*alone, len(whose))
            if sort == AFTER_ONE:
                firsts[:, SEVERAL] = runs_with(*alone, len(whose), least=2)
        found_several = rates.likeliest([(number, firsts[:, SEVERAL, share]) for share in range(SHARES)])
        self.rates[SEVERAL] = found_several[:, None]
        self.held = each_once(np.concatenate(found))
        self.least = 0.5 / (weight * number.sum() + 1.0)
        self.taken = Counts(taken.keys, weight * taken.values)
        keys = _function(whose)
        order = np.argsort(keys)
        columns = np.column_stack([number, firsts.reshape(len(whose), SORTS * SHARES)])
        self.firsts = Table(keys[order], (weight * columns)[order])

    def _learn_sort(
        self, positions: Positions, at: Ints, held: Held, functions: tuple[Ints, Floats], sort: int
    ) -> tuple[Ints, Ints, Bools]:
        """The runs of things of a sort that they alone held, with their functions, and (thing, share) whether
        they are as usual as that."""
        whose, number = functions
        owner = np.searchsorted(whose, positions.function[at])
        least = np.minimum(self._least_taken(positions, at, sort), number[owner])
        apart = np.maximum(least - held.runs.values, 0.0)
        usual = at_least(least / number[owner])
        for share in range(SHARES):
            some = usual[:, share]
            self.rates[sort, share] = rates.learned(held.runs.values[some], owner[some], number, apart[some])
        single = (held.runs.values < ONCE) & (apart > ALSO)
        return positions.flow[at[single]], owner[single], usual[single]

    def strangeness(self, positions: Positions) -> Firsts:
        """What the positions of runs hold first."""
        out, turns = np.zeros(len(positions.token)), np.zeros(len(positions.token), np.bool_)
        for sort, (at, keys) in enumerate(self._things(positions, self._judged(positions))):
            new = ~is_in_ascending(keys, self.held)
            at = at[new]
            known = self.firsts.rows[self.firsts.find(_function(positions.function[at]))]
            number = known[:, 0]
            share = share_of(self._least_taken(positions, at, sort) / np.maximum(number, 1.0))
            firsts = known[np.arange(len(at)), 1 + sort * SHARES + share]
            usual = self.rates[sort, share, rates.level_of(number)]
            bans = -np.log10(np.maximum(rates.chance(usual, number, firsts), self.least))
            turns[at] = np.where(bans > out[at], sort >= TURN, turns[at])
            if sort == AFTER_ONE:
                bans = np.maximum(bans, self._of_several(positions.flow[at], share, known))
            out[at] = np.maximum(out[at], bans)
        return Firsts(out, turns)

    def _of_several(self, flow: Ints, share: Ints, known: Floats) -> Floats:
        """(thing,) how rarely a run holds several such things first; 0 where it holds no other."""
        out = np.zeros(len(flow))
        for one in range(SHARES):
            some = np.flatnonzero(share <= one)
            some = some[in_company(flow[some])]
            number, firsts = known[some, 0], known[some, 1 + SEVERAL * SHARES + one]
            found = rates.chance(self.rates[SEVERAL, one, rates.level_of(number)], number, firsts)
            out[some] = np.maximum(out[some], -np.log10(np.maximum(found, self.least)))
        return out

    def _things(self, positions: Positions, rows: Ints) -> list[tuple[Ints, Hashes]]:
        """The things of each sort that some positions hold: where, and what."""
        out = [
            (rows, followed_by(positions.contexts[2 + sort], positions.token)[rows])
            for sort in (AFTER_ONE, AFTER_TWO)
        ]
        steps = _steps(positions)
        times = _times(steps, positions.flow)
        again = rows[(times[rows] > 1) & (positions.token[rows] > 0)]
        keys = mix(steps[again], level_of_turns(times[again]))
        varies = is_in_ascending(steps[again], self.varying)
        return [*out, (again[~varies], keys[~varies]), (again[varies], keys[varies])]

    def _judged(self, positions: Positions) -> Ints:
        """The positions whose step, and those before it, the function is known to take, unless they fail."""
        known = (positions.token > 0) | (positions.token == END)
        rows = np.flatnonzero(positions.counted & ~positions.broken & known)
        rows = rows[self.firsts.find(_function(positions.function[rows])) >= 0]
        for tokens in (positions.token, *positions.before[:2]):
            token = tokens[rows]
            met = self.taken(followed_by(positions.contexts[1][rows], token)) > 0.0
            rows = rows[met | (token < 0)]
        return rows

    def _least_taken(self, positions: Positions, rows: Ints, sort: int) -> Floats:
        """(row,) how many flows held the rarest of the steps of a thing; begin and end of a run are
        none."""
        whole = positions.contexts[1][rows]
        least = np.full(len(rows), np.inf)
        back = {AFTER_ONE: 1, AFTER_TWO: 2}.get(sort, 0)
        for tokens in (positions.token, *positions.before[:back]):
            token = tokens[rows]
            least = np.where(token > 0, np.minimum(least, self.taken(followed_by(whole, token))), least)
        return least

    def state(self) -> State:
        """All that was learned, as arrays."""
        return {
            "succession_keys": self.firsts.keys,
            "succession_firsts": self.firsts.rows,
            "succession_rates": self.rates.reshape(-1, len(rates.GRID)),
            "succession_least": np.array([self.least]),
            "held_keys": self.held,
            "varying_keys": self.varying,
            "taken_keys": self.taken.keys,
            "taken_flows": self.taken.values,
        }

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        rows = state["succession_firsts"].astype(np.float64).reshape(-1, 1 + SORTS * SHARES)
        self.firsts = Table(state["succession_keys"].astype(np.uint64), rows)
        self.rates = state["succession_rates"].astype(np.float64).reshape(self.rates.shape)
        self.least = float(state["succession_least"].astype(np.float64)[0])
        self.held = state["held_keys"].astype(np.uint64)
        self.varying = state["varying_keys"].astype(np.uint64)
        flows = state["taken_flows"].astype(np.float64)
        self.taken = Counts(state["taken_keys"].astype(np.uint64), flows)


def _steps(positions: Positions) -> Hashes:
    """(position,) the step, in its function."""
    return followed_by(positions.contexts[1], positions.token)


def _times(steps: Hashes, flow: Ints) -> Ints:
    """(position,) the how-manieth time its run takes the step, from 1."""
    return equals_before(mix(steps, flow)) + 1


def _varying(steps: Hashes, flow: Ints, runs: Floats) -> Hashes:
    """The steps that several runs take another number of times than most do."""
    held, of = distinct(mix(steps, flow))
    first = np.zeros(len(held), np.int64)
    first[of] = np.arange(len(of))
    step, number = steps[first], np.bincount(of, minlength=len(held))
    weight = runs[flow[first]]
    kinds = Counts.of(mix(step, number), weight)
    keys, place = distinct(step)
    most = np.zeros(len(keys))
    np.maximum.at(most, place, kinds(mix(step, number)))
    return keys[np.bincount(place, weight, len(keys)) - most >= ONCE]


def _runs_of(positions: Positions, runs: Floats) -> tuple[Ints, Floats]:
    """The functions, ascending, and how many flows of each were learned."""
    first = first_rows(positions.flow)
    whose, of = distinct(positions.function[first])
    return whose, np.bincount(of, runs[positions.flow[first]], len(whose)).astype(np.float64)


def _function(function: Ints) -> Hashes:
    return mix(np.full(len(function), LARGE + 53, np.uint64), function + 7)
