"""Strata: kinds of flows that are alike, how many of each were met, and the sample that is kept of each.

A flow's rank is drawn from its id, so that a sample of the smallest ranks is the same however often and in
whatever order flows come (bottom-k sampling, Cohen and Kaplan 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Hashes, distinct, mix

HALF_LIFE_S = 180 * 86400.0


@dataclass(frozen=True)
class Strata:
    """Kinds of flows that are alike, by ascending hash."""

    keys: Hashes
    weights: Floats
    """(stratum,) flows met, as they count at the reference time."""
    bounds: Floats
    """(stratum,) the rank from which a flow is not kept: infinite where there is room."""

    @classmethod
    def of(cls, keys: Hashes, weights: Floats, bounds: Floats | None = None) -> Strata:
        """Those of the keys, which may come several times; without bounds, with room in all."""
        found, group = distinct(keys)
        met = np.bincount(group, weights, len(found)).astype(np.float64)
        least = np.full(len(found), np.inf)
        if bounds is not None:
            np.minimum.at(least, group, bounds)
        return cls(found, met, least)

    def meeting(self, keys: Hashes, weights: Floats, faded: float) -> Strata:
        """These and more flows, what was met before counting less."""
        return Strata.of(
            np.concatenate([self.keys, keys]),
            np.concatenate([self.weights * faded, weights]),
            np.concatenate([self.bounds, np.full(len(keys), np.inf)]),
        )

    def take(self, strata: Ints) -> Strata:
        """Only those of the given places, in ascending order."""
        return Strata(self.keys[strata], self.weights[strata], self.bounds[strata])

    def places(self, keys: Hashes) -> Ints:
        """(flow,) the stratum of each key, -1 for none."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, place, -1)

    def new(self, keys: Hashes, ranks: Floats, held: Bools) -> Floats:
        """(flow,) the share of each flow that is new, where the flows `held` are in the sample.

        What has a rank below its stratum's bound is new if it is not held. Beyond the bound nothing is kept
        to tell by, but ranks are random: of such flows as many were met before as of those below, in this
        stratum, or in all where it shows none.
        """
        place = self.places(keys)
        bound = np.where(place < 0, np.inf, self.bounds[place] if len(self.bounds) else np.inf)
        told = held | (ranks < bound)
        known = np.bincount(place[held & (place >= 0)], minlength=len(self.keys))
        some = np.bincount(place[told & (place >= 0)], minlength=len(self.keys))
        of_all = 1.0 - float(held.sum()) / max(float(told.sum()), 1.0)
        share = np.where(some > 0, 1.0 - known / np.where(some > 0, some, 1), of_all)
        return np.where(held, 0.0, np.where(told, 1.0, share[place] if len(share) else 1.0))


def alike(flows: Encoded) -> Hashes:
    """(flow,) equal for flows that are alike."""
    hashed = flows.shape_hashes()
    for part in (flows.trigger, flows.caller, flows.version, flows.cold, flows.failed):
        hashed = mix(hashed, part.astype(np.int64) + 3)
    told = flows.invocation > 0
    hashed[told] = mix(hashed[told], flows.invocation[told])
    failing = np.append(0, np.cumsum(flows.error))[flows.offsets]
    return mix(hashed, np.diff(failing))


def ranks_of(start: Floats, ids: Hashes) -> Floats:
    """(flow,) ranks whose k smallest are a sample by weight (Efraimidis and Spirakis 2006), as logarithms.

    The rank is -log(u) / w with u even and w = 2^(start / half-life): that all weights fade alike changes no
    order, so that the sample of any part of a history can be drawn before the rest is known.
    """
    even = (mix(ids, np.full(len(ids), 71)).astype(np.float64) + 0.5) / 2.0**64
    ranks: Floats = np.log(-np.log(np.clip(even, 1e-18, 1.0 - 1e-16))) - start * np.log(2.0) / HALF_LIFE_S
    return ranks


def hashed(words: Sequence[str]) -> Hashes:
    """(word,) the first eight bytes of a digest of each: equal on every machine."""
    digests = b"".join(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest() for word in words)
    return np.frombuffer(digests, np.dtype("<u8")).astype(np.uint64)
