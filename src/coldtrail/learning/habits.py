"""What the runs of a function held before some time and hold since: whether a release explains a cause.

A release need not change every run. What it drops was perhaps done in some runs only, or done twice and is
done once now; what it brings may stand in a branch. Both are told by what *all* runs since have in common:
that something usual comes no more, or after something else, or that a new step comes wherever a known does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import log

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.detectors.held import Held, actions_held
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import ABSENT, UNKNOWN
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.causes import MOST, NEARLY_ALL, NEW_KINDS

LEAST_NAMED = 3
"""Runs that must show a thing before it is part of a change."""
BY_CHANCE = 1e-6
"""The chance that something comes in none of so many runs, below which it was dropped."""
LEAST_MISSED = 20.0
"""Runs that should have held it, where no version is named, and a release must be told from an accident."""
LEAST_TIED = 10.0
"""Runs that must show a new step before a known one that comes with it says anything."""


class Habits:
    """What the runs of one function did, of which some that were flagged are not learned yet."""

    def __init__(
        self, history: History, key: FunctionKey, version: str | None, flagged: Sequence[Flow]
    ) -> None:
        words = history.vocabulary
        flows = history.flows
        number = words.functions.numbers.get(key, UNKNOWN)
        self._actions = words.actions.numbers
        self._version = ABSENT if version is None else words.versions.numbers.get(version, UNKNOWN)
        self._known = _Runs(flows.take(np.flatnonzero(flows.function == number)))
        self._flagged = _Runs(encode(flagged, words))

    def explain(self, cause: FindingKey, showing: Sequence[bool], since: float) -> bool:
        """Whether the runs since make a cause that some flagged runs show a part of a release."""
        if sum(showing) < LEAST_NAMED:
            return False
        if cause.kind == "omission":
            return self.dropped(cause, since)
        if cause.kind == "order":
            return self.moved(cause, since)
        return cause.kind in NEW_KINDS and self.tied(showing, since)

    def dropped(self, cause: FindingKey, since: float) -> bool:
        """Whether a step, or its second, third, ... turn in a run, was usual and comes no more since."""
        action = self._number(cause)
        if action == UNKNOWN:
            return False
        fresh, late = self._since(since), self._flagged.flows.start >= since
        now = self._known.weight(fresh) + self._flagged.weight(late)
        before = self._known.times(action)[~fresh]
        most = max(
            int(self._known.times(action)[fresh].max(initial=0)),
            int(self._flagged.times(action)[late].max(initial=0)),
        )
        share = _share(before > most, self._known.flows.weight[~fresh])
        if self._version == ABSENT and share * now < LEAST_MISSED:
            return False
        return share > 0.0 and now * log(1.0 - min(share, 1.0 - 1e-12)) <= log(BY_CHANCE)

    def moved(self, cause: FindingKey, since: float) -> bool:
        """Whether half of the runs since take a step, nearly all of these after another than ever before."""
        action = self._number(cause)
        if action == UNKNOWN:
            return False
        fresh, late = self._since(since), self._flagged.flows.start >= since
        usual = self._known.before(action, ~fresh)
        runs = self._known.weight(fresh) + self._flagged.weight(late)
        taking = moved = 0.0
        for one, some in ((self._known, fresh), (self._flagged, late)):
            taking += one.weight(some & (one.times(action) > 0))
            moved += one.weight(some & one.takes_after_others(action, usual))
        return moved >= NEARLY_ALL * taking and taking >= MOST * runs

    def tied(self, showing: Sequence[bool], since: float) -> bool:
        """Whether what some flagged runs show comes in half of the runs since, and with a known step alone.

        Nearly all runs that take that step show it, and hardly any others.
        """
        late = self._flagged.flows.start >= since
        shown = np.asarray(showing, np.bool_) & late
        fresh = self._since(since)
        number = self._flagged.weight(shown)
        runs = self._known.weight(fresh) + self._flagged.weight(late)
        if number < max(LEAST_TIED, MOST * runs):
            return False
        size = 1 + max(int(one.held.thing.max(initial=0)) for one in (self._known, self._flagged))
        with_it = self._flagged.holding(shown, size)
        every = self._flagged.holding(late, size) + self._known.holding(fresh, size)
        found = (with_it >= NEARLY_ALL * number) & (with_it >= NEARLY_ALL * every)
        return bool(found[UNKNOWN + 1 :].any())

    def _number(self, cause: FindingKey) -> int:
        return self._actions.get((cause.type, cause.action, cause.target or None), UNKNOWN)

    def _since(self, since: float) -> Bools:
        """(known run,) whether it is of the version, or where none is named of the time since."""
        flows = self._known.flows
        named: Bools = flows.version == self._version
        return named if self._version != ABSENT else flows.start >= since


class _Runs:
    """Runs, and what each holds how many times."""

    def __init__(self, flows: Encoded) -> None:
        self.flows = flows
        self.held: Held = actions_held(flows)

    def weight(self, some: Bools) -> float:
        """How many flows some of them stand for."""
        return float(self.flows.weight[some].sum())

    def times(self, action: int) -> Floats:
        """(run,) how often each takes an action."""
        rows = self.held.thing == action
        out: Floats = np.bincount(self.held.flow[rows], self.held.number[rows], len(self.flows)).astype(
            np.float64
        )
        return out

    def before(self, action: int, some: Bools) -> Ints:
        """The actions right before which an action stood in some runs, `ABSENT` for their start."""
        return np.unique(self._previous[(self.flows.action == action) & some[self.flows.flow_of]])

    def takes_after_others(self, action: int, usual: Ints) -> Bools:
        """(run,) whether it takes an action after another than the usual ones."""
        rows = (self.flows.action == action) & ~np.isin(self._previous, usual)
        out: Bools = np.bincount(self.flows.flow_of[rows], minlength=len(self.flows)) > 0
        return out

    @cached_property
    def _previous(self) -> Ints:
        """(step,) the action right before."""
        previous = np.roll(self.flows.action, 1).astype(np.int64)
        previous[self.flows.offsets[:-1][self.flows.lengths > 0]] = ABSENT
        return previous

    def holding(self, some: Bools, size: int) -> Floats:
        """(action,) in how many of some runs it is held."""
        rows = some[self.held.flow] & (self.held.thing >= 0)
        weights = self.flows.weight[self.held.flow[rows]]
        out: Floats = np.bincount(self.held.thing[rows], weights, size).astype(np.float64)
        return out


def _share(some: Bools, weight: Floats) -> float:
    total = float(weight.sum())
    return float(weight[some].sum()) / total if total else 0.0
