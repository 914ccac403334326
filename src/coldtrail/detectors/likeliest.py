"""What most often stands at a place of a run, looked up for many places at once.

Of all the words that could stand there few can be the likeliest: those that ever came in the function, the
one that comes most often everywhere else and, after a failure, those that came after failures. Only these
are compared, and places that are alike in all that is known of them are compared once.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.orders import DISCOUNT, Orders
from coldtrail.detectors.reading import END, Positions, tokens_after
from coldtrail.features.batch import Ints
from coldtrail.features.hashing import Hashes, mix

FUNCTION = 1
"""The context that is the function alone; that before it is anything."""


class Likeliest:
    """The likeliest tokens at positions, by a model."""

    def __init__(self, orders: Orders, positions: Positions, words: int) -> None:
        """`words` are the known tokens."""
        self._orders, self._positions, self._words = orders, positions, words
        context = int(positions.contexts[0][0]) if len(positions.token) else 0
        tokens, counts = tokens_after(orders.pairs, context, words)
        self._frequent = tokens[np.argsort(-np.maximum(counts - DISCOUNT, 0.0), kind="stable")]
        self._of: dict[int, Ints] = {}
        """By context, the tokens to compare."""

    def at(self, rows: Ints) -> list[tuple[int, float]]:
        """At each of some positions the token that most often stands there, and its probability."""
        _, first, of = np.unique(self._alike(rows), return_index=True, return_inverse=True)
        found = self._compared(rows[first])
        return [found[i] for i in of.tolist()]

    def _alike(self, rows: Ints) -> Hashes:
        """(row,) the same for positions of which the model knows the same."""
        some = self._positions.at(rows, np.full(len(rows), END))
        key = np.zeros(len(rows), np.uint64)
        for context in self._orders.known_contexts(some)[0]:
            key = mix(key, np.where(self._orders.totals(context) > 0, context, 0))
        every = mix(mix(some.contexts[-1], some.likes + 2), some.closing.astype(np.int64))
        return np.where(some.broken, every, key)

    def _compared(self, rows: Ints) -> list[tuple[int, float]]:
        if not len(rows):
            return []
        some = self._positions.at(rows, np.full(len(rows), END))
        contexts = some.contexts[FUNCTION].tolist()
        asked = [self._tokens(*one) for one in zip(contexts, some.broken.tolist(), strict=True)]
        lengths = np.array([len(tokens) for tokens in asked])
        token, starts = np.concatenate(asked), np.cumsum(lengths) - lengths
        of = np.repeat(np.arange(len(rows)), lengths)
        surprise = self._orders.surprise(self._positions.at(rows[of], token))
        best = np.flatnonzero(surprise == np.minimum.reduceat(surprise, starts)[of])
        best = best[np.unique(of[best], return_index=True)[1]]
        return list(zip(token[best].tolist(), np.exp(-surprise[best]).tolist(), strict=True))

    def _tokens(self, context: int, broken: bool) -> Ints:
        """The tokens that may be the likeliest in a function, ascending: the end of the run comes first."""
        if context not in self._of:
            own, _ = tokens_after(self._orders.pairs, context, self._words)
            others = self._frequent[: len(own) + 1]
            others = others[~np.isin(others, own)][:1]
            self._of[context] = np.unique(np.concatenate([[END], own, others]))
        own = self._of[context]
        return np.union1d(own, self._orders.failures.held(self._words)) if broken else own
