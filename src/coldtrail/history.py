"""All that was learned from, kept small: a weighted sample of the flows of each function and shape.

Learning fits everything from a history, and learning more adds to it and fits again: both agree by
construction. Of flows that are alike (same function, steps, temperature, trigger, caller, version, outcome)
the first few by a random rank are kept, each standing for its share of all; whatever is rare is kept whole.
Ranks come from flow ids, so that the sample of two histories is that of both together (bottom-k sampling,
Cohen and Kaplan 2007). Weights halve with age; ranks of flows that aged are larger in the same measure.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from coldtrail.features.encode import (
    PER_FLOW,
    PER_STEP,
    Encoded,
    Floats,
    Ints,
    encode,
    grouped,
    joined,
    learn_words,
    told_by,
)
from coldtrail.features.forms import Form
from coldtrail.features.hashing import Hashes, mix
from coldtrail.features.naming import Key
from coldtrail.features.refolding import refolded
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records import Flow

HALF_LIFE_S = 180 * 86400.0
MOST_ALIKE = 1000
"""Flows kept of those that are alike."""
MOST_FLOWS = 400_000
"""Flows kept in all; beyond it, fewer of each kind are."""
AHEAD_S, GAP_S = 86400.0, 30 * 86400.0
"""A flow that starts so long after today, and so long after all before it, has a wrong clock: all others
would fade to nothing beside it."""
BLOCK_FLOWS = 20_000
"""Flows added at once; as many at least wait before the sample is drawn again."""
_DERIVED = frozenset(("action", "resource", "service", "starting", "call", "depth", "group"))
"""What the vocabulary tells of each step and function."""
_STORED = (*(name for name in PER_FLOW + PER_STEP if name not in _DERIVED), "offsets")

State = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class _Strata:
    """Kinds of flows that are alike, by ascending hash."""

    keys: Hashes
    weights: Floats
    """(stratum,) flows met, as they count at the reference time."""
    bounds: Floats
    """(stratum,) the rank from which a flow is not kept: infinite where there is room."""

    @classmethod
    def of(cls, keys: Hashes, weights: Floats) -> _Strata:
        """Those of the keys, which may come several times, with room in all."""
        found, group = np.unique(keys, return_inverse=True)
        met = np.bincount(group, weights, len(found)).astype(np.float64)
        return cls(found, met, np.full(len(found), np.inf))

    def meeting(self, keys: Hashes, weights: Floats, faded: float) -> _Strata:
        """These and more flows, what was met before counting less."""
        more = _Strata.of(np.concatenate([self.keys, keys]), np.concatenate([self.weights * faded, weights]))
        more.bounds[np.searchsorted(more.keys, self.keys)] = self.bounds
        return more


class _Waiting(NamedTuple):
    """Flows that may come into the sample."""

    flows: Encoded
    ids: Hashes
    ranks: Floats
    names: NDArray[np.object_]


class History:
    """A sample of flows, and how many each of them stands for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.flows = encode([], vocabulary)
        self.ranks = np.zeros(0)
        """(flow,) those with the smallest are kept."""
        self.ids = np.zeros(0, np.uint64)
        """(flow,) hashes of the flow ids."""
        self.names: NDArray[np.object_] = np.zeros(0, np.object_)
        """(flow,) trace id and flow id of each."""
        self.strata = _Strata.of(np.zeros(0, np.uint64), np.zeros(0))
        self._waiting: list[_Waiting] = []
        self.reference = -np.inf
        """The time at which weights count fully: the latest start, UTC epoch seconds."""
        self.first = np.inf
        """The earliest start."""
        self.releases: dict[tuple[str, str], float] = {}
        """Start of the latest release of each (application, function) that no version names."""
        self.learned: Counter[tuple[str, str]] = Counter()
        """Flows met of each (application, function)."""
        self.ahead = 0
        """Flows left out since their clock is wrong; not kept in the state."""

    def add(self, flows: Iterable[Flow]) -> Self:
        """The history itself, with complete flows added; one that it holds already is not added again."""
        waiting = iter(flows)
        while block := list(islice(waiting, BLOCK_FLOWS)):
            self._add(block)
        self.draw()
        return self

    def _add(self, flows: Sequence[Flow]) -> None:
        flows = self._timely(_each_once(flows))
        names = [(flow.application_flow_id, flow.function_flow_id) for flow in flows]
        ids = _hashed([" ".join(name) for name in names])
        known = np.concatenate([self.ids, *(one.ids for one in self._waiting)])
        new = np.flatnonzero(~np.isin(ids, known))
        flows, ids = [flows[i] for i in new], ids[new]
        if not flows:
            return
        self.learned.update((flow.application_name, flow.function_name) for flow in flows)
        before = dict(self.vocabulary.naming.forms)
        self.vocabulary.naming.watch(flows)
        self._refold(before)
        learn_words(flows, self.vocabulary)
        added = encode(flows, self.vocabulary)
        self.add_encoded(added, ids, _as_array([names[i] for i in new]))

    def _timely(self, flows: list[Flow]) -> list[Flow]:
        """The flows, in the order of their start, without those that a wrong clock dated."""
        before, today = self.reference, time.time()
        for place, flow in enumerate(flows):
            start = flow.start_time
            if start > today + AHEAD_S and np.isfinite(before) and start > before + GAP_S:
                self.ahead += len(flows) - place
                return flows[:place]
            before = max(before, start)
        return flows

    def _refold(self, before: Mapping[Key, Form]) -> None:
        """Says what is kept in the forms that names are now known to have, and joins what became alike."""
        if before == self.vocabulary.naming.forms:
            return
        self.draw()
        flows = refolded(self.flows, self.vocabulary, before)
        if np.array_equal(flows.step, self.flows.step):
            return
        keys = self.strata.keys.copy()
        now = _alike(flows)
        keys[np.searchsorted(keys, _alike(self.flows))] = now
        self.strata = _Strata.of(keys, self.strata.weights)
        self._keep(flows, self.ids, self.ranks, np.searchsorted(self.strata.keys, now))

    def add_encoded(self, added: Encoded, ids: Hashes, names: NDArray[np.object_]) -> None:
        """Nothing; flows that the history does not hold are met, and `draw` makes them part of the sample.

        Those whose rank is too large to be kept are forgotten at once; the others wait until they are many.
        """
        self.first = min(self.first, float(added.start.min()))
        latest = max(self.reference, float(added.start.max()))
        faded = np.exp2((self.reference - latest) / HALF_LIFE_S) if np.isfinite(self.reference) else 0.0
        self.reference = latest
        weight = np.exp2((added.start - latest) / HALF_LIFE_S)
        keys, ranks = _alike(added), _ranks(added.start, ids)
        self.strata = self.strata.meeting(keys, weight, faded)
        near = np.flatnonzero(ranks < self.strata.bounds[np.searchsorted(self.strata.keys, keys)])
        self._waiting.append(_Waiting(_plain(added.take(near)), ids[near], ranks[near], names[near]))
        if sum(len(one.ids) for one in self._waiting) > max(BLOCK_FLOWS, len(self.flows) // 2):
            self.draw()

    def draw(self) -> None:
        """Nothing; draws the sample again, of what was kept and what was added since."""
        if not self._waiting:
            return
        parts = [_Waiting(self.flows, self.ids, self.ranks, self.names), *self._waiting]
        self._waiting = []
        flows = joined([one.flows for one in parts])
        ids, ranks, self.names = (np.concatenate([one[part] for one in parts]) for part in (1, 2, 3))
        self._keep(flows, ids, ranks, np.searchsorted(self.strata.keys, _alike(flows)))

    def _keep(self, flows: Encoded, ids: Hashes, ranks: Floats, stratum: Ints) -> None:
        """Keeps the flows of the smallest ranks of each stratum, and no more than fit in all."""
        order = np.lexsort((ranks, stratum))
        sizes = np.bincount(stratum, minlength=len(self.strata.keys))
        place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        most = MOST_ALIKE
        while most > 1 and np.minimum(sizes, most).sum() > MOST_FLOWS:
            most //= 2
        last = np.cumsum(sizes) - sizes + most - 1
        full = sizes >= most
        self.strata.bounds[:] = np.inf
        self.strata.bounds[full] = ranks[order[last[full]]]
        kept = order[place < most]
        if len(kept) > MOST_FLOWS:
            kept = kept[np.argsort(ranks[kept], kind="stable")[:MOST_FLOWS]]
        kept = kept[np.lexsort((ids[kept], flows.start[kept]))]
        stratum = stratum[kept]
        share = self.strata.weights[stratum] / np.bincount(stratum, minlength=len(sizes))[stratum]
        self.flows = _plain(flows.take(kept).weighing(share))
        self.ids, self.ranks, self.names = ids[kept], ranks[kept], self.names[kept]

    def forget(self, rows: Ints) -> int:
        """How many flows are no longer known, now that those of the rows, and all they stand for, are not.

        Where others of their kind stay, each row stands for itself alone.
        """
        keys = _alike(self.flows)
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
        self.strata = _Strata.of(self.strata.keys[kinds], left[kinds])
        kept = np.flatnonzero(~gone)
        self.names = self.names[kept]
        flows = self.flows.take(kept)
        self._keep(flows, self.ids[kept], self.ranks[kept], np.searchsorted(self.strata.keys, keys[kept]))
        return int(number.sum())

    def versions(self) -> dict[tuple[str, str], frozenset[str]]:
        """The versions learned of each (application, function); none where the telemetry names none."""
        pairs = np.unique(np.stack([self.flows.function, self.flows.version]), axis=1)
        found: dict[tuple[str, str], set[str]] = {}
        for function, version in pairs.T.tolist():
            if version > 0:
                words = found.setdefault(self.vocabulary.functions[function], set())
                words.add(self.vocabulary.versions[version])
        return {key: frozenset(words) for key, words in found.items()}

    def state(self) -> State:
        """All that is kept, as arrays."""
        stored: State = {name: getattr(self.flows, name) for name in _STORED}
        numbers = self.vocabulary.functions.numbers
        learned = [[numbers[key], flows] for key, flows in self.learned.items()]
        return stored | {
            "ids": self.ids,
            "ranks": self.ranks,
            "strata": self.strata.keys,
            "strata_weights": self.strata.weights,
            "times": np.array([self.first, self.reference]),
            "learned": np.array(learned, np.int64).reshape(-1, 2),
            "releases": np.array(
                [(numbers[key], since) for key, since in self.releases.items() if key in numbers]
            ).reshape(-1, 2),
            "names": np.frombuffer(msgspec.json.encode(self.names.tolist()), np.uint8),
        }

    def restore(self, state: State) -> Self:
        """The history itself, knowing what `state` gave; raises KeyError where an array is missing."""
        words = self.vocabulary
        step = state["step"].astype(np.int64)
        stored: dict[str, Any] = {name: state[name] for name in _STORED}
        group = grouped(state["function"].astype(np.int64), words)
        self.flows = Encoded(**stored, group=group, **told_by(step, words))
        self.ids, self.ranks = state["ids"].astype(np.uint64), state["ranks"].astype(np.float64)
        self.names = _as_array(msgspec.json.decode(state["names"].tobytes(), type=list[tuple[str, str]]))
        weights = state["strata_weights"].astype(np.float64)
        self.strata = _Strata.of(state["strata"].astype(np.uint64), weights)
        self.first, self.reference = state["times"].astype(np.float64).tolist()
        learned = state["learned"].astype(np.int64).tolist()
        releases = state["releases"].astype(np.float64).tolist()
        self.releases = {words.functions[int(function)]: since for function, since in releases}
        self.learned = Counter({words.functions[function]: flows for function, flows in learned})
        return self


def _as_array(names: list[tuple[str, str]]) -> NDArray[np.object_]:
    out = np.empty(len(names), np.object_)
    out[:] = names
    return out


def _each_once(flows: Sequence[Flow]) -> list[Flow]:
    """The complete flows by their start; of those with the same ids the last."""
    whole = {(one.application_flow_id, one.function_flow_id): one for one in flows if one.complete}
    return sorted(whole.values(), key=_by_start)


def _by_start(flow: Flow) -> tuple[float, str]:
    return flow.start_time, flow.function_flow_id


def _hashed(words: Sequence[str]) -> Hashes:
    """(word,) the first eight bytes of a digest of each: equal on every machine."""
    digests = b"".join(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest() for word in words)
    return np.frombuffer(digests, np.dtype("<u8")).astype(np.uint64)


def _ranks(start: Floats, ids: Hashes) -> Floats:
    """(flow,) ranks whose k smallest are a sample by weight (Efraimidis and Spirakis 2006), as logarithms.

    The rank is -log(u) / w with u even and w = 2^(start / half-life): that all weights fade alike changes no
    order, so that the sample of any part of a history can be drawn before the rest is known.
    """
    even = (mix(ids, np.full(len(ids), 71)).astype(np.float64) + 0.5) / 2.0**64
    ranks: Floats = np.log(-np.log(np.clip(even, 1e-18, 1.0 - 1e-16))) - start * np.log(2.0) / HALF_LIFE_S
    return ranks


def _alike(flows: Encoded) -> Hashes:
    """(flow,) equal for flows that are alike."""
    hashed = flows.shape_hashes()
    for part in (flows.trigger, flows.caller, flows.version, flows.cold, flows.failed):
        hashed = mix(hashed, part.astype(np.int64) + 3)
    errors = np.zeros(len(flows), np.int64)
    np.add.at(errors, flows.flow_of, flows.error)
    return mix(hashed, errors)


def _plain(flows: Encoded) -> Encoded:
    """The same flows as new arrays, without places in a batch."""
    return joined([flows])
