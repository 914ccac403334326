"""Pairs of things that may always come together: a run and its steps, and steps that stand side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.reading import START
from coldtrail.features.batch import Bools, Encoded, Ints
from coldtrail.features.hashing import LARGE, Hashes, is_among, mix
from coldtrail.features.standing import Steps, made_at_once

WITH, BEFORE = range(2)
"""A step comes with something, or before a step."""


class Pairs(NamedTuple):
    """Steps, each with the key of what it may always come with."""

    key: Hashes
    step: Ints


def pairs_of(flows: Encoded) -> Pairs:
    """Each step with the run itself, its trigger, and the steps right before and after it.

    Of steps that are ever made at once, none comes before the other: a failure may keep back either.
    """
    step, flow = flows.step, flows.flow_of
    rows = np.arange(len(step))
    side = np.flatnonzero((flow[1:] == flow[:-1]) & (step[1:] != step[:-1]))
    told = np.flatnonzero(flows.trigger[flow] > 0)
    ordered = side[~_made_at_once(flows, side)]
    of = np.concatenate([rows, told, side, side + 1])
    things = (np.full(len(rows), START), START - flows.trigger[flow[told]], step[side + 1], step[side])
    keys = mix(whole_of(flows, WITH)[flow[of]], np.concatenate(things))
    after = mix(whole_of(flows, BEFORE)[flow[ordered]], step[ordered + 1])
    of = np.concatenate([of, ordered])
    known = step[of] > 0
    return Pairs(np.concatenate([keys, after])[known], step[of][known])


def whole_of(flows: Encoded, kind: int) -> Hashes:
    """(flow,) keys of functions, for a kind."""
    start = np.full(len(flows), LARGE + 31, np.uint64)
    return mix(mix(start, np.full(len(flows), kind)), flows.function + 7)


def in_one_breath(flows: Encoded) -> Bools:
    """(step,) whether a step is made at once with the sibling that stands before it or after it."""
    later = made_at_once(Steps(flows.flow_of, flows.step, flows.depth, flows.begin, flows.span))
    out: Bools = later | np.append(later[1:], False)
    return out


def _made_at_once(flows: Encoded, side: Ints) -> Bools:
    """(side,) whether a step and the one after it are made at once in any run of their function."""
    both = mix(mix(whole_of(flows, BEFORE)[flows.flow_of[side]], flows.step[side + 1]), flows.step[side] + 11)
    at_once = made_at_once(Steps(flows.flow_of, flows.step, flows.depth, flows.begin, flows.span))
    return is_among(both, both[at_once[side + 1]])
