"""Pairs of things that may always come together: a run and its steps, and steps that stand side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.detectors.reading import START, broken_runs
from coldtrail.detectors.repeats import loops
from coldtrail.features.batch import Bools, Encoded, Ints
from coldtrail.features.hashing import LARGE, Hashes, is_among, mix
from coldtrail.features.standing import Steps, made_at_once

WITH, BEFORE, AGAIN_WITH, AGAIN_BEFORE = range(4)
"""A step comes with something, or before a step; or it comes for the n-th time with it, or before it."""
KINDS = 4
MOST_TURNS = 8
"""Times of a step that are told apart: what comes more often is a loop."""


class Pairs(NamedTuple):
    """Steps, each with the key of what it may always come with."""

    key: Hashes
    step: Ints
    turn: Ints
    """The how-manieth time the step comes."""
    flow: Ints
    kind: Ints


class Held(NamedTuple):
    """What each flow held, once: the run itself, its trigger and its steps, for all kinds."""

    flow: Ints
    key: Hashes
    until: Ints
    """The row by which what always comes with it has come."""


class _Sides(NamedTuple):
    """Steps that stand before others."""

    row: Ints
    """Of the first."""
    ordered: Bools
    """Whether they are never made at once."""


def pairs_of(flows: Encoded) -> Pairs:
    """Each step with the run itself, its trigger, and the steps right before and after it; and what comes
    again, for the n-th time, with the n-th time of what stands beside it.

    Of steps that are ever made at once, none comes before the other: a failure may keep back either.
    """
    step, turn = flows.step, turns_of(flows)
    side = np.flatnonzero(flows.flow_of[1:] == flows.flow_of[:-1])
    ordered = ~_made_at_once(flows, side)
    known, again = step > 0, (step > 0) & (turn > 1) & (turn <= MOST_TURNS)
    changes = step[side + 1] != step[side]
    near = (turn[side] <= MOST_TURNS) & (turn[side + 1] <= MOST_TURNS)
    once = _Sides(side[changes], ordered[changes])
    both = zip(
        _pairs(flows, known, once, step.astype(np.int64), WITH),
        _pairs(flows, again, _Sides(side[near], ordered[near]), nth(step, turn), AGAIN_WITH),
        strict=True,
    )
    key, row, kind = (np.concatenate(parts) for parts in both)
    return Pairs(key, step[row], np.where(kind < AGAIN_WITH, 1, turn[row]), flows.flow_of[row], kind)


def _pairs(flows: Encoded, wanted: Bools, sides: _Sides, thing: Ints, kind: int) -> tuple[Hashes, Ints, Ints]:
    """The keys of what steps that are wanted come with, with their rows and kinds."""
    rows = np.flatnonzero(wanted)
    trigger = flows.trigger[flows.flow_of[rows]]
    told = trigger > 0
    ahead, behind = sides.row[wanted[sides.row]], sides.row[wanted[sides.row + 1]]
    ordered = sides.row[wanted[sides.row] & sides.ordered]
    of = np.concatenate([rows, rows[told], ahead, behind + 1])
    things = (np.full(len(rows), START), START - trigger[told], thing[ahead + 1], thing[behind])
    keys = mix(whole_of(flows, kind)[flows.flow_of[of]], np.concatenate(things))
    after = mix(whole_of(flows, kind + BEFORE)[flows.flow_of[ordered]], thing[ordered + 1])
    kinds = np.repeat([kind, kind + BEFORE], [len(of), len(ordered)])
    return np.concatenate([keys, after]), np.concatenate([of, ordered]), kinds


def held_in(flows: Encoded, failure: Ints) -> Held:
    """What flows held, each up to the row of its failure."""
    turn = turns_of(flows)
    known = (flows.step > 0) & (turn <= MOST_TURNS)
    once = _held_so(flows, failure, known & (turn == 1), flows.step, WITH)
    again = _held_so(flows, failure, known, nth(flows.step, turn), AGAIN_WITH)
    return Held(*(np.concatenate(parts) for parts in zip(once, again, strict=True)))


def _held_so(flows: Encoded, failure: Ints, some: Bools, thing: Ints, kind: int) -> Held:
    """What flows held of some of their steps, by numbers for these."""
    broken, size = broken_runs(flows), len(flows.step)
    whole = np.flatnonzero(~broken)
    told = whole[flows.trigger[whole] > 0]
    rows = np.flatnonzero(some)
    with_all = rows[~broken[flows.flow_of[rows]]]
    early = rows[rows <= failure[flows.flow_of[rows]]]
    of = np.concatenate([whole, told, flows.flow_of[with_all]])
    things = (np.full(len(whole), START), START - flows.trigger[told], thing[with_all])
    keys = mix(whole_of(flows, kind)[of], np.concatenate(things))
    before = mix(whole_of(flows, kind + BEFORE)[flows.flow_of[early]], thing[early])
    return Held(
        np.concatenate([of, flows.flow_of[early]]),
        np.concatenate([keys, before]),
        np.concatenate([np.full(len(of), size), early]),
    )


def is_before(kind: int) -> bool:
    """Whether a step of this kind comes before something."""
    return kind in (BEFORE, AGAIN_BEFORE)


def nth(step: Ints, turn: Ints) -> Ints:
    """(step,) a number for the step and for which time it comes."""
    return mix(mix(np.full(len(step), LARGE + 59, np.uint64), step + 11), turn).view(np.int64)


def turns_of(flows: Encoded) -> Ints:
    """(step,) the how-manieth time its flow takes the step, from 1."""
    return flows.once(loops).occurrence


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
