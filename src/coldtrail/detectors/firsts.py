"""Things that runs hold, and runs that hold one or several of them that no other run did."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Bools, Floats, Ints
from coldtrail.features.hashing import Counts, Hashes, distinct, first_rows, mix

SHARES = 4
"""Quarters of the share of the runs that take a step, by which things are told apart: the rarest of their
steps decides."""


class Held(NamedTuple):
    """What runs held, each once a run."""

    runs: Counts
    """How many flows held it."""
    row: Ints
    """(key,) one of the rows that have it."""

    @classmethod
    def of(cls, keys: Hashes, flow: Ints, runs: Floats) -> Held:
        """What stands in some rows of flows, each of which stands for so many."""
        once = first_rows(mix(keys, flow))
        found, of = distinct(keys[once])
        row = np.zeros(len(found), np.int64)
        row[of] = once
        return cls(Counts(found, np.bincount(of, runs[flow[once]], len(found)).astype(np.float64)), row)


def share_of(share: Floats) -> Ints:
    """(row,) the quarterings that it takes to come down to a share of the runs: 0 for a fourth or more."""
    quarters = np.floor(-0.5 * np.log2(np.clip(share, 4.0**-SHARES, 1.0))).astype(np.int64)
    out: Ints = np.clip(quarters, 0, SHARES - 1)
    return out


def at_least(share: Floats) -> Bools:
    """(row, share) whether it is as usual as that, or more."""
    return np.asarray(share_of(share)[:, None] <= np.arange(SHARES))


def runs_with(flow: Ints, owner: Ints, usual: Bools, functions: int, least: int = 1) -> Floats:
    """(function, share) how many runs hold so many of some things, each given with its run."""
    out = np.zeros((functions, SHARES))
    for share in range(SHARES):
        some = np.flatnonzero(usual[:, share])
        number = np.bincount(distinct(flow[some])[1])
        one_of_each = some[first_rows(flow[some])]
        out[:, share] = np.bincount(owner[one_of_each[number >= least]], minlength=functions)
    return out


def in_company(flow: Ints) -> Bools:
    """(thing,) whether its run holds others as well."""
    _, of = distinct(flow)
    out: Bools = np.bincount(of)[of] > 1
    return out
