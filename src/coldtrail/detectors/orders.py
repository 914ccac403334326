"""Which step comes next: an interpolated count model of order four per function.

How surprising a step is follows from how often it came after the three steps before it, in this function;
contexts that are rare lean on shorter ones by absolute discounting (Ney, Essen and Kneser 1994, with a fixed
discount of one half). The end of a run is a step too: a step left out is as strange as a step added.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coldtrail.detectors import failures
from coldtrail.detectors.detector import State
from coldtrail.detectors.failures import Failures
from coldtrail.detectors.reading import BACK, END, FAILED, Positions, followed_by
from coldtrail.features.arrays import lookup
from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, distinct

DISCOUNT = 0.5
KNOWN = 5.0
"""Runs in which a call failed from which it is known what follows."""
UNKNOWN_SHARE = 1e-3
"""How much less likely a step that nobody ever took is than one that only this function never took."""
ARRAYS = (
    *lookup("totals_keys", "totals_values"),
    *lookup("pairs_keys", "pairs_values"),
    *lookup("followers_keys", "followers_values"),
    *failures.ARRAYS,
)


class Orders:
    """How often each step came after others, and what comes of failures."""

    def __init__(self) -> None:
        empty = Counts(np.zeros(0, np.uint64), np.zeros(0))
        self.totals = self.pairs = self.followers = empty
        """How often each context came, each token after it, and how many different tokens did."""
        self.failures = Failures()

    def fit(self, positions: Positions, weights: Floats) -> None:
        """Learns from positions, each of which weighs so much."""
        counted = positions.counted
        contexts = positions.contexts
        totals = [context[counted] for context in contexts]
        pairs = [followed_by(context, positions.token)[counted] for context in contexts]
        context, pair = np.concatenate(totals), np.concatenate(pairs)
        each = np.tile(weights[counted], BACK + 2)
        self.totals = Counts.of(context, each)
        keys, of = distinct(pair)
        self.pairs = Counts(keys, np.bincount(of, each, len(keys)).astype(np.float64))
        followed = np.zeros(len(keys), np.uint64)
        followed[of] = context
        self.followers = Counts.of(followed, np.ones(len(keys)))

    def surprise(self, positions: Positions, token: Ints | None = None) -> Floats:
        """(position,) nats of surprise at each position's token, or at another one in its place."""
        token = positions.token if token is None else token
        contexts, excused = self.known_contexts(positions)
        words = float(self.followers(contexts[0][:1])[0]) if len(token) else 0.0
        known = self.pairs(followed_by(contexts[0], token)) > 0
        chance = np.where(known, 1.0, UNKNOWN_SHARE) / (words + 1.0)
        for context in contexts:
            total = self.totals(context)
            count = self.pairs(followed_by(context, token))
            seen = np.maximum(total, 1.0)
            mixed = (np.maximum(count - DISCOUNT, 0.0) + DISCOUNT * self.followers(context) * chance) / seen
            chance = np.where(total > 0, mixed, chance)
        if positions.broken.any():
            chance = np.maximum(chance, excused * self.failures.chance(positions, token))
        return np.where(positions.counted, -np.log(np.clip(chance, 1e-300, 1.0)), 0.0)

    def known_contexts(self, positions: Positions) -> tuple[list[Hashes], Bools]:
        """The contexts, and which positions a failure excuses.

        What follows a failure that never came before is read as after a success; what is known to follow one
        is all that follows it.
        """
        contexts = positions.contexts
        after = positions.after_failure
        if not after.any():
            return contexts, positions.failed
        known = np.where(after, self.totals(contexts[2]), 0.0)
        new = after & (known == 0)
        before = [np.where(new & (one >= FAILED + END), one - FAILED, one) for one in positions.before]
        excused = positions.failed | (after & (known < KNOWN))
        return replace(positions, before=tuple(before)).contexts, excused

    def state(self) -> State:
        """All that was learned, as arrays."""
        out: State = {}
        for name in ("totals", "pairs", "followers"):
            counts: Counts = getattr(self, name)
            out[f"{name}_keys"], out[f"{name}_values"] = counts.keys, counts.values
        return out | self.failures.state()

    def restore(self, state: State) -> None:
        """Takes back what `state` gave."""
        for name in ("totals", "pairs", "followers"):
            keys = state[f"{name}_keys"].astype(np.uint64)
            setattr(self, name, Counts(keys, state[f"{name}_values"].astype(np.float64)))
        self.failures.restore(state)
