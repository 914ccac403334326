"""The history: a weighted sample of the flows that were learned, by function and shape.

Learning fits everything from a history, and learning more adds to it and fits again: both agree by
construction. Of flows that are alike (same function, steps, temperature, trigger, caller, version, outcome)
the first few by a random rank are kept, each standing for its share of all; whatever is rare is kept whole.
Ranks come from flow ids, so that the sample of two histories is that of both together (bottom-k sampling,
Cohen and Kaplan 2007). Weights halve with age; ranks of flows that aged are larger in the same measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.arriving import as_objects, once, timely
from coldtrail.features.batch import Encoded, Floats, Ints, joined, narrowed
from coldtrail.features.compacting import compacted
from coldtrail.features.drawing import Limits, Waiting, drawn
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.encode_columns import Encoder
from coldtrail.features.hashing import Hashes, each_once, is_among
from coldtrail.features.names.forms import Form
from coldtrail.features.names.remarks import Key
from coldtrail.features.refolding import refolded
from coldtrail.features.strata import HALF_LIFE_S, Strata, alike, hashed, ranks_of
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import FunctionKey

MOST_ALIKE = 1000
"""Flows kept of those that are alike."""
MOST_FLOWS = 400_000
"""Flows kept in all; beyond it, fewer of each kind are."""
MOST_KINDS = 5_000
"""Kinds of flows kept of one function, so that a function of which no run is like another costs no other
function its history."""
BLOCK_FLOWS = 20_000
"""Flows added at once; as many at least wait before the sample is drawn again."""


class History:
    """A sample of flows, and how many each of them stands for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.flows = narrowed(encode([], vocabulary))
        self.ranks = np.zeros(0)
        """(flow,) those with the smallest are kept."""
        self.ids = np.zeros(0, np.uint64)
        """(flow,) hashes of the flow ids."""
        self.names: NDArray[np.object_] = np.zeros(0, np.object_)
        """(flow,) trace id and flow id of each."""
        self.strata = Strata.of(np.zeros(0, np.uint64), np.zeros(0))
        self._waiting: list[Waiting] = []
        self.reference = -np.inf
        """The time at which weights count fully: the latest start, UTC epoch seconds."""
        self.first = np.inf
        """The earliest start."""
        self.releases: dict[FunctionKey, float] = {}
        """Start of the latest release of each function that no version names."""
        self.learned: Counter[FunctionKey] = Counter()
        """Flows met of each function."""
        self.ahead = 0
        """Flows left out since their clock is wrong; not kept in the state."""
        self.dropped_kinds = 0
        """Kinds of flows of which nothing is kept, since there are too many; not kept in the state."""
        self.known_by_sample = 0
        """Flows taken for known since so many of their likes in the sample were; not kept in the state."""

    def copy(self) -> History:
        """A history that knows the same, and can be added to without changing this one."""
        other = copy(self)
        other.vocabulary = Vocabulary.from_json(self.vocabulary.to_json())
        other._waiting = list(self._waiting)
        other.releases = dict(self.releases)
        other.learned = self.learned.copy()
        other.ahead = other.dropped_kinds = other.known_by_sample = 0
        return other

    def add(self, flows: Iterable[AnyFlow]) -> Self:
        """Adds the complete flows that the history does not hold yet, and returns the history."""
        waiting = iter(flows)
        while block := list(islice(waiting, BLOCK_FLOWS)):
            self._add(block)
        self.draw()
        return self

    def _add(self, flows: Sequence[AnyFlow]) -> None:
        flows = once(flows)
        fit = timely(flows, self.reference)
        self.ahead += len(flows) - fit
        flows = flows[:fit]
        names = [(flow.application_flow_id, flow.function_flow_id) for flow in flows]
        ids = hashed([" ".join(name) for name in names])
        share = self._new(flows, ids)
        new = np.flatnonzero(share > 0.0)
        flows, ids, share = [flows[i] for i in new], ids[new], share[new]
        if not flows:
            return
        self._count(flows, share)
        before = dict(self.vocabulary.naming.forms)
        self.vocabulary.naming.watch(flow for flow, part in zip(flows, share, strict=True) if part == 1.0)
        self._refold(before)
        learn_words(flows, self.vocabulary)
        added = Encoder(self.vocabulary).encode(flows)
        self.add_encoded(added, ids, as_objects([names[i] for i in new]), share)

    def _new(self, flows: Sequence[AnyFlow], ids: Hashes) -> Floats:
        """(flow,) the share of each that the history does not hold yet: 0 for what it knows."""
        held = is_among(ids, np.concatenate([self.ids, *(one.ids for one in self._waiting)]))
        if not held.any():
            return np.ones(len(ids))
        encoded = Encoder(self.vocabulary).encode(flows)
        share = self.strata.new(alike(encoded), ranks_of(encoded.start, ids), held)
        self.known_by_sample += round(float((1.0 - share[~held]).sum()))
        return share

    def _count(self, flows: Sequence[AnyFlow], share: Floats) -> None:
        keys = [flow.key for flow in flows]
        if (share == 1.0).all():
            self.learned.update(keys)
            return
        met: dict[FunctionKey, float] = {}
        for key, part in zip(keys, share.tolist(), strict=True):
            met[key] = met.get(key, 0.0) + part
        self.learned.update({key: round(number) for key, number in met.items()})

    def _refold(self, before: Mapping[Key, Form]) -> None:
        """Rewrites the sample with the name templates known now, and joins what became alike."""
        if before == self.vocabulary.naming.forms:
            return
        self.draw()
        flows = refolded(self.flows, self.vocabulary, before)
        if np.array_equal(flows.step, self.flows.step):
            return
        keys = self.strata.keys.copy()
        now = alike(flows)
        keys[np.searchsorted(keys, alike(self.flows))] = now
        self.strata = Strata.of(keys, self.strata.weights, self.strata.bounds)
        self._keep(flows, self.ids, self.ranks, np.searchsorted(self.strata.keys, now))

    def add_encoded(
        self, added: Encoded, ids: Hashes, names: NDArray[np.object_], share: Floats | None = None
    ) -> None:
        """Adds flows that the history does not hold yet; `draw` makes them part of the sample.

        Each counts as one flow, or as its `share` of one. Those whose rank is too large to be kept are
        forgotten at once; the others wait until they are many.
        """
        self.first = min(self.first, float(added.start.min()))
        latest = max(self.reference, float(added.start.max()))
        faded = np.exp2((self.reference - latest) / HALF_LIFE_S) if np.isfinite(self.reference) else 0.0
        self.reference = latest
        weight = np.exp2((added.start - latest) / HALF_LIFE_S) * (1.0 if share is None else share)
        keys, ranks = alike(added), ranks_of(added.start, ids)
        self.strata = self.strata.meeting(keys, weight, faded)
        near = np.flatnonzero(ranks < self.strata.bounds[np.searchsorted(self.strata.keys, keys)])
        self._waiting.append(Waiting(_plain(added.take(near)), ids[near], ranks[near], names[near]))
        if sum(len(one.ids) for one in self._waiting) > max(BLOCK_FLOWS, len(self.flows) // 2):
            self.draw()

    def draw(self) -> None:
        """Draws the sample again, from what was kept and what was added since."""
        if not self._waiting:
            return
        parts = [Waiting(self.flows, self.ids, self.ranks, self.names), *self._waiting]
        self._waiting = []
        # What is joined is let go before any of it is taken: each copy of a long history is large.
        self.flows = flows = joined([one.flows for one in parts])
        ids, ranks, self.names = (np.concatenate([one[part] for one in parts]) for part in (1, 2, 3))
        del parts
        self._keep(flows, ids, ranks, np.searchsorted(self.strata.keys, alike(flows)))

    def _keep(self, flows: Encoded, ids: Hashes, ranks: Floats, stratum: Ints) -> None:
        """Keeps the flows of the smallest ranks of each stratum, and no more than fit in all."""
        limits = Limits(MOST_ALIKE, MOST_KINDS, MOST_FLOWS)
        kept, bounds = drawn(flows.function, ranks, stratum, self.strata.bounds, limits)
        kept = kept[np.lexsort((ids[kept], flows.start[kept]))]
        kinds, of, sizes = np.unique(stratum[kept], return_inverse=True, return_counts=True)
        self.dropped_kinds += len(bounds) - len(kinds)
        self.strata = Strata(self.strata.keys, self.strata.weights, bounds).take(kinds)
        share = (self.strata.weights / sizes)[of]
        self.flows = narrowed(replace(flows.take(kept), weight=share, batch=None, places=None, looks=None))
        self.ids, self.ranks, self.names = ids[kept], ranks[kept], self.names[kept]

    def compact(self) -> None:
        """Forgets the words that no flow uses any more."""
        self.draw()
        keys = alike(self.flows)
        flows, words = compacted(self.flows, self.vocabulary, self.learned)
        if words is self.vocabulary:
            return
        self.flows = narrowed(flows)
        self.vocabulary = words
        found, rows = np.unique(keys, return_index=True)
        strata = self.strata.take(self.strata.places(found))
        self.strata = Strata.of(alike(self.flows)[rows], strata.weights, strata.bounds)

    def forget(self, rows: Ints) -> int:
        """Forgets the flows of the rows and all they stand for, and returns how many these were.

        Where others of their kind stay, each row stands for itself alone.
        """
        keys = alike(self.flows)
        stratum = np.searchsorted(self.strata.keys, keys)
        gone = np.zeros(len(self.flows), np.bool_)
        gone[rows] = True
        stay = np.bincount(stratum, ~gone, len(self.strata.keys))
        faded = np.exp2((self.flows.start - self.reference) / HALF_LIFE_S)
        weight = np.where(stay[stratum] > 0, faded, self.flows.weight)
        number = np.rint(np.bincount(self.flows.function[gone], (weight / faded)[gone]))
        for function in np.flatnonzero(number).tolist():
            self.learned[self.vocabulary.functions[function]] -= int(number[function])
        self.learned = +self.learned
        left = self.strata.weights - np.bincount(stratum[gone], weight[gone], len(stay))
        kinds = np.flatnonzero(stay)
        self.strata = Strata(self.strata.keys, left, self.strata.bounds).take(kinds)
        kept = np.flatnonzero(~gone)
        self.names = self.names[kept]
        flows = self.flows.take(kept)
        self._keep(flows, self.ids[kept], self.ranks[kept], np.searchsorted(self.strata.keys, keys[kept]))
        return int(number.sum())

    def last_starts(self) -> dict[FunctionKey, float]:
        """The latest start of the flows that are kept of each function."""
        words = self.vocabulary.functions
        latest = np.full(len(words) + 1, -np.inf)
        np.maximum.at(latest, self.flows.function, self.flows.start)
        found = enumerate(latest[1:].tolist(), 1)
        return {words[number]: start for number, start in found if np.isfinite(start)}

    def versions(self) -> dict[FunctionKey, frozenset[str]]:
        """The versions learned of each function; none where the telemetry names none."""
        named, size = self.flows.version > 0, len(self.vocabulary.versions) + 1
        pairs = each_once(self.flows.function[named] * size + self.flows.version[named])
        found: dict[FunctionKey, set[str]] = {}
        for function, version in (divmod(pair, size) for pair in pairs.tolist()):
            words = found.setdefault(self.vocabulary.functions[function], set())
            words.add(self.vocabulary.versions[version])
        return {key: frozenset(words) for key, words in found.items()}


def _plain(flows: Encoded) -> Encoded:
    """A copy of the flows without a link to their batch."""
    return narrowed(joined([flows]))
