"""Runs prepared for the order model: steps that say nothing about order are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.turns import Said, Turns
from coldtrail.features.batch import Bools, Encoded, Floats, Ints, Shapes
from coldtrail.features.hashing import LARGE, Counts, Hashes, mix
from coldtrail.features.vocabulary import UNKNOWN

BACK = 3
"""Steps before each that are read with it."""
END = -2
START = -3
MOST_TRIES = 10
"""Times that a call which fails is tried again as one step: as often as the AWS SDKs do. More is no retry."""
_FOLLOWED = 0xA5A5A5A5
_APART = 11
"""Added to tokens, none of which is below -11, where they are folded into hashes."""
FAILED = 1 << 40
"""Added to the token of a step that failed, where it stands before another."""


@dataclass(frozen=True)
class Positions:
    """The steps of flows and their ends, as one array."""

    token: Ints
    function: Ints
    flow: Ints
    before: tuple[Ints, ...]
    """The token 1, 2, 3 places before; `START` where the run begins, and last what triggered it."""
    counted: Bools
    """False for the end of a run whose record is still open."""
    closing: Bools
    """True where the position is shallower than the one before it, and at the end."""
    failed: Bools
    """True in a run that failed."""
    likes: Ints
    """The group of functions that behave like this one."""

    @property
    def contexts(self) -> list[Hashes]:
        """The hash of each position's context, from the shortest (anything) to the longest."""
        hashed = np.full(len(self.token), LARGE + 17, np.uint64)
        contexts = [hashed]
        for part in (self.function, *self.before):
            hashed = mix(hashed, part + 7)
            contexts.append(hashed)
        return contexts

    @property
    def after_failure(self) -> Bools:
        """(position,) whether a call right before failed."""
        return np.asarray(self.before[0] >= FAILED + END)

    def at(self, rows: Ints, token: Ints) -> Positions:
        """Other tokens at some of the positions, as if the runs had not failed."""
        return Positions(
            token,
            self.function[rows],
            np.zeros(len(rows), np.int64),
            tuple(before[rows] for before in self.before),
            np.ones(len(rows), np.bool_),
            self.closing[rows],
            np.zeros(len(rows), np.bool_),
            self.likes[rows],
        )

    @property
    def broken(self) -> Bools:
        """(position,) whether the run failed, or the call right before."""
        return self.failed | self.after_failure


@dataclass(frozen=True)
class Runs:
    """Flows prepared for the order model."""

    flows: Encoded
    rows: Ints
    """(step,) where each step stands among all the steps of the flows."""
    starts: Ints
    """(flow + 1,) where the steps of each flow stood before."""

    def places(self, asked: Sequence[tuple[int, int | None]]) -> Ints:
        """The rows of steps of some flows among those that are read; for None, past the last of the flow.

        A step that is not read stands where it would be.
        """
        where = np.full(int(self.starts[-1]), -1)
        where[self.rows] = np.arange(len(self.rows))
        offsets, starts = self.flows.offsets.tolist(), self.starts.tolist()
        rows = [offsets[at + 1] if step is None else where[starts[at] + step] for at, step in asked]
        out = np.array(rows, np.int64)
        for place in np.flatnonzero(out < 0).tolist():
            flow, step = asked[place]
            first, end = offsets[flow], offsets[flow + 1]
            out[place] = first + np.count_nonzero(self.rows[first:end] < starts[flow] + step)
        return out


def read_runs(flows: Encoded) -> Runs:
    """Drops cold starts and calls that were tried again, and sorts concurrent calls by their words."""
    rows = _read_rows(flows)
    return Runs(flows.steps_at(rows), rows, flows.offsets)


def _read_rows(flows: Encoded) -> Ints:
    """The rows of the steps that are read, in the order in which they are."""
    rows = flows.standing
    kept = ~flows.starting[rows]
    if flows.error.any() and len(rows):
        kept[:-1] &= ~_tried_again(flows, rows)
    return rows[kept]


def _tried_again(flows: Encoded, rows: Ints) -> Bools:
    earlier, later = rows[:-1], rows[1:]
    same = (flows.step[earlier] == flows.step[later]) & (flows.flow_of[earlier] == flows.flow_of[later])
    again = np.asarray(flows.error[earlier] & same)
    place = np.arange(len(again))
    first = np.maximum.accumulate(np.where(again, -1, place))
    return again & (place - first <= MOST_TRIES)


def tried_again(flows: Encoded) -> Bools:
    """(step,) whether a step failed and was tried again at once."""
    rows, out = flows.standing, np.zeros(len(flows.step), np.bool_)
    out[rows[:-1][_tried_again(flows, rows)]] = True
    return out


class DifferentRuns(NamedTuple):
    """Flows as they are read, those that are read alike once."""

    runs: Encoded
    """(run,) as `read_runs` gives them."""
    shapes: Shapes

    def among(self, some: Bools, weight: Floats) -> tuple[Encoded, Floats]:
        """The different runs among some flows, and how many of these each stands for, by their weights."""
        of = self.shapes.of[some]
        met = np.flatnonzero(np.bincount(of, minlength=len(self.runs)))
        count = np.bincount(of, weight[some], len(self.runs)).astype(np.float64)
        return (self.runs if len(met) == len(self.runs) else self.runs.take(met)), count[met]


def different_runs(flows: Encoded) -> DifferentRuns:
    """The different runs among flows, by all that their order is read from."""
    read = [_read_hashes(block) for _, block in flows.blocks()]
    _, first, of = np.unique(np.concatenate(read), return_index=True, return_inverse=True)
    shapes = Shapes(first, of, np.bincount(of, flows.weight, len(first)).astype(np.float64))
    return DifferentRuns(read_runs(flows.take(first)).flows, shapes)


def _read_hashes(flows: Encoded) -> Hashes:
    """(flow,) a hash of the run as it is read: of steps never met, their depth as well."""
    rows = _read_rows(flows)
    flow, step, error = flows.flow_of[rows], flows.step[rows], flows.error[rows]
    lengths = np.bincount(flow, minlength=len(flows))
    place = np.arange(len(rows)) - (np.cumsum(lengths) - lengths)[flow]
    step = np.where(step == UNKNOWN, -flows.depth[rows], step)
    hashed = mix(mix(np.full(len(step), 13, np.uint64), step * 2 + error + 3), place + 5)
    total = np.zeros(len(flows), np.uint64)
    np.add.at(total, flow, hashed)
    for part in (flows.function, flows.trigger, flows.complete, flows.failed):
        total = mix(total, part.astype(np.int64) + 7)
    return total


def said_in(flows: Encoded) -> Said:
    """The steps of flows as they were read and their ends; a failure is part of what was said."""
    size = len(flows)
    flow = np.repeat(np.arange(size), flows.lengths + 1)
    is_end = _ends(flows)
    token, depth = _spread(flows.step, is_end, END), _spread(flows.depth, is_end, 0)
    leaf = np.append(depth[1:] <= depth[:-1], True)
    failing = _spread(flows.error, is_end, 0).astype(np.bool_) & leaf
    place = np.arange(len(flow)) - (flows.offsets[:-1] + np.arange(size))[flow]
    return Said(np.where(failing, token + FAILED, token), flows.function[flow], place)


def positions_of(flows: Encoded, turns: Turns) -> Positions:
    """The steps of flows as they were read, and their ends."""
    flow = np.repeat(np.arange(len(flows)), flows.lengths + 1)
    is_end = _ends(flows)
    depth = _spread(flows.depth, is_end, 0)
    said = said_in(flows)
    before = list(turns.before(said, BACK, START))
    trigger = flows.trigger[flow]
    before[-1] = np.where((before[-1] == START) & (trigger > 0), START - trigger, before[-1])
    return Positions(
        _spread(flows.step, is_end, END),
        said.function,
        flow,
        tuple(before),
        ~is_end | flows.complete[flow],
        (said.place > 0) & (depth < _shifted(depth, 0)),
        flows.failed[flow],
        flows.group[flow],
    )


def followed_by(context: Hashes, token: Ints) -> Hashes:
    """The hash of each context with a token after it."""
    return mix(context ^ np.uint64(_FOLLOWED), token + _APART)


def tokens_after(pairs: Counts, context: int, last: int) -> tuple[Ints, Floats]:
    """The known tokens that came after one context, ends among them, ascending up to the `last` one, and how
    often."""
    tokens, counts = pairs.folded_into(context ^ _FOLLOWED, END + _APART, last + _APART)
    tokens = tokens - _APART
    known = (tokens > UNKNOWN) | (tokens == END)
    return tokens[known], counts[known]


def first_failure(flows: Encoded) -> Ints:
    """(flow,) the row of the first step that failed by itself, past the last where none did."""
    flow = flows.flow_of
    holds = np.append((flows.depth[1:] > flows.depth[:-1]) & (flow[1:] == flow[:-1]), False)
    failing = np.flatnonzero(flows.error & ~holds[: len(flow)])
    out = flows.offsets[1:].copy()
    np.minimum.at(out, flow[failing], failing)
    return out


def broken_runs(flows: Encoded) -> Bools:
    """(flow,) whether the run failed, or something in it that was not tried again."""
    broken: Bools = flows.failed | (first_failure(flows) < flows.offsets[1:])
    return broken


def _ends(flows: Encoded) -> Bools:
    """(position,) whether this is the end of a run."""
    is_end = np.zeros(len(flows.step) + len(flows), np.bool_)
    is_end[np.arange(len(flows)) + flows.offsets[1:]] = True
    return is_end


def _spread(values: NDArray[Any], is_end: Bools, end: int) -> Ints:
    """(position,) the values of the steps, and one for each end."""
    out = np.full(len(is_end), end, np.int64)
    out[~is_end] = values
    return out


def _shifted(values: NDArray[Any], first: int) -> NDArray[Any]:
    return np.concatenate([np.full(min(1, len(values)), first, values.dtype), values[:-1]])


def last_calls(flows: Encoded) -> Ints:
    """(flow,) the row of the last call of something outside, before the first row where there is none."""
    out = flows.offsets[:-1] - 1
    calls = np.flatnonzero(flows.call)
    np.maximum.at(out, flows.flow_of[calls], calls)
    return out
