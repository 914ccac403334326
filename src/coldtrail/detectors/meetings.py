"""Which things of one kind each function has met, and how strange a new one is.

By Good (1953), the chance that the next thing is new is about the number of things met once, over the number
of runs; what is usual among functions counts as well (`rates`). A new thing is as strange as that, times the
chance that a new one looks so foreign (`foreignness`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors import foreignness
from coldtrail.detectors import meeting_rates as rates
from coldtrail.detectors.detector import State
from coldtrail.detectors.foreignness import Foreignness
from coldtrail.features.arrays import LEAST, floats, lookup
from coldtrail.features.back_off import APPLICATIONS, GROUPS, LENT_FLOWS, back_off_weight, flows_learned
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, distinct, mix
from coldtrail.features.looks import Look
from coldtrail.features.names.foreign import Rows

MET = 0.5
"""A thing that a function's likes meet so often in the flows they lend is not new."""
ONCE = 1.5
"""What was met in fewer flows than this was met once, whatever weight age has left it."""
_APART = 11
"""Added to what is folded into hashes, so that -1 is a number as well."""
ARRAYS = (
    floats("learned", "function"),
    floats("least", 1, least=LEAST),
    floats("rates", rates.LEVELS, len(rates.GRID), least=LEAST, most=1.0),
    *lookup("keys", "flows"),
    *lookup("oncekeys", "onceflows"),
    *lookup("lentkeys", "lentflows"),
    *lookup("lenderskeys", "lendersflows"),
    *foreignness.ARRAYS,
)


class Seen(NamedTuple):
    """Things of one kind that runs meet, each once: the run, the thing, its sort, and where it stands."""

    flow: Ints
    sort: Ints
    thing: Ints
    row: Ints


class Met(NamedTuple):
    """Things that flows meet, each once a flow, and by function and thing what they share."""

    flow: Ints
    row: Ints
    of: Ints
    """(meeting,) the thing of a function that is met."""
    keys: Hashes
    """(thing of a function,) ascending, as are the next three."""
    function: Ints
    thing: Ints
    sort: Ints
    told: Bools
    """(flow,) of which flows it is on record what they meet."""
    lenders: tuple[Ints, Ints]
    """(function,) who lends to each."""


def met_in(flows: Encoded, seen: Seen, told: Bools | None = None) -> Met:
    """What flows meet; each thing once a flow, flow by flow."""
    function = flows.function[seen.flow]
    keys, of = distinct(_key(function, seen.thing))
    first = np.zeros(len(keys), np.int64)
    first[of[::-1]] = np.arange(len(of))[::-1]
    size = int(flows.function.max(initial=0)) + 1
    lenders = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for lender, of_flow in zip(lenders, (likes(flows), application(flows)), strict=True):
        lender[flows.function] = of_flow
    return Met(
        seen.flow,
        seen.row,
        of.astype(np.int32),
        keys,
        function[first],
        seen.thing[first].astype(np.int64),
        seen.sort[first].astype(np.int64),
        np.ones(len(flows), np.bool_) if told is None else told,
        lenders,
    )


class Meetings:
    """The things of one kind that each function has met, divided into sorts.

    Lenders are sets of functions, by number: what they do often is lent to a young one among them.
    """

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.met = empty
        self.singles = empty
        """By function and sort, the things met once."""
        self.flows = np.zeros(0)
        """(function,) flows learned."""
        self.least = 1.0
        """The smallest chance that all flows can prove."""
        self.rates = rates.flat()
        """(level, rate) how often functions meet new things of a sort."""
        self.foreignness = Foreignness()
        self.lent = empty
        """By lender and thing, the flows that met it."""
        self.lent_flows = empty
        """By lender, flows learned."""

    def fit(self, met: Met, flows: Encoded, weight: float, look: Look, some: Bools | None = None) -> None:
        """Learns from flows, or from some of them, each counted for `weight`.

        `look` tells what stands where a thing was seen."""
        some = np.ones(len(flows), np.bool_) if some is None else some
        kept = np.flatnonzero(some[met.flow])
        of, each = met.of[kept], flows.weight[met.flow[kept]]
        known = np.flatnonzero(np.bincount(of, minlength=len(met.keys)))
        often = np.bincount(of, each, len(met.keys))[known].astype(np.float64)
        self.met = Counts(met.keys[known], often)
        once = known[often < ONCE]
        sorts = _key(met.function[once], met.sort[once])
        self.singles = Counts.of(sorts, np.full(len(once), weight))
        first = np.zeros(len(met.keys), np.int64)
        first[of[::-1]] = met.row[kept[::-1]]
        self.foreignness.fit(sorts, met.keys[once], look(first[once]))
        told = some & met.told
        function, weights = flows.function[told], flows.weight[told]
        self.flows = weight * flows_learned(function, weights)
        self.least = 0.5 / (self.flows.sum() + 1.0)
        owners, owner = np.unique(_key(met.function[known], met.sort[known]), return_inverse=True)
        number = np.ones(len(owners))
        number[owner] = np.maximum(flows_learned(function, weights)[met.function[known]], often)
        self.rates = rates.learned(often, owner, number)
        self.lent = self.lent_flows = Counts(np.zeros(0, np.uint64), np.zeros(0))
        for lender in met.lenders:
            lent = Counts.of_kinds(_key(lender[met.function], met.thing), of, each)
            lenders = Counts.of_kinds(_lender(lender), function, weights)
            self.lent = self.lent.and_of(lent.keys, lent.values)
            self.lent_flows = self.lent_flows.and_of(lenders.keys, lenders.values)

    def known(self, function: Ints, thing: Ints) -> Floats:
        """(row,) in how many flows each function has met each thing."""
        return self.met(_key(function, thing))

    def things_of(self, function: int, first: int, last: int) -> list[tuple[int, float]]:
        """Of the things from one number to another those that a function has met, and in how many flows."""
        before = int(_whose(np.array([function]))[0])
        things, flows = self.met.folded_into(before, first + _APART, last + _APART)
        return list(zip((things - _APART).tolist(), flows.tolist(), strict=True))

    def new(self, function: Ints, thing: Ints) -> Bools:
        """(row,) whether a thing is new to a function."""
        return np.equal(self.known(function, thing), 0.0)

    def new_to_all(self, function: Ints, lender: Ints, thing: Ints) -> Bools:
        """(row,) whether a thing is new to a function, and to what is lent to it while it is young."""
        new = self.new(function, thing)
        rows = np.flatnonzero(new)
        lent = LENT_FLOWS * back_off_weight(function[rows], self.flows)
        some = np.flatnonzero(lent)
        rows, lent = rows[some], lent[some]
        new[rows] = lent * self._share(lender[rows], thing[rows]) < MET
        return new

    def strangeness(self, function: Ints, sort: Ints, looks: Rows) -> Floats:
        """-log10 of the chance of a new thing of a sort that looks so foreign; 0 for functions never met."""
        if not len(self.flows):
            return np.zeros(len(function))
        flows = self.flows[np.where(function < len(self.flows), function, 0)]
        key = _key(function, sort)
        chance = self._chance(key, flows) * self.foreignness.share(key, looks)
        return np.where((function > 0) & (flows > 0), -np.log10(chance), 0.0)

    def rarity(self, function: Ints, sort: Ints, flows: Floats) -> Floats:
        """-log10 of the chance of a first thing of a sort after so many flows; 0 after none."""
        return np.where(flows > 0, -np.log10(self._chance(_key(function, sort), flows)), 0.0)

    def _chance(self, key: Hashes, flows: Floats) -> Floats:
        """(row,) the chance of a first thing in a run, by function and sort, after so many flows."""
        usual = self.rates[rates.level_of(flows)]
        return np.maximum(rates.chance(usual, flows, self.singles(key)), self.least)

    def _share(self, lender: Ints, thing: Ints) -> Floats:
        """(row,) the share of a lender's flows that met a thing; 0 where nobody lends."""
        met = np.where((lender % GROUPS > 0) & (thing > 0), self.lent(_key(lender, thing)), 0.0)
        return met / np.maximum(self.lent_flows(_lender(lender)), 1.0)

    def state(self) -> State:
        """All that was learned, as arrays."""
        tables = {"": self.met, "once": self.singles, "lent": self.lent, "lenders": self.lent_flows}
        out: State = {"learned": self.flows, "least": np.array([self.least]), "rates": self.rates}
        for name, table in tables.items():
            out[f"{name}keys"], out[f"{name}flows"] = table.keys, table.values
        return out | self.foreignness.state()

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""

        def table(name: str) -> Counts:
            keys = state[f"{name}keys"].astype(np.uint64)
            return Counts(keys, state[f"{name}flows"].astype(np.float64))

        self.met, self.singles = table(""), table("once")
        self.lent, self.lent_flows = table("lent"), table("lenders")
        self.flows = state["learned"].astype(np.float64)
        self.least = float(state["least"].astype(np.float64)[0])
        self.rates = state["rates"].astype(np.float64).reshape(self.rates.shape)
        self.foreignness.restore(state)


def likes(flows: Encoded) -> Ints:
    """(flow,) the functions that behave like each flow's, as a lender."""
    return GROUPS + flows.group


def application(flows: Encoded) -> Ints:
    """(flow,) the functions of each flow's application, as a lender."""
    return APPLICATIONS + flows.application


def _key(function: Ints, thing: Ints) -> Hashes:
    return mix(_whose(function), thing + _APART)


def _whose(function: Ints) -> Hashes:
    return mix(np.full(len(function), 41, np.uint64), function + 7)


def _lender(lender: Ints) -> Hashes:
    return mix(np.full(len(lender), 43, np.uint64), lender)
