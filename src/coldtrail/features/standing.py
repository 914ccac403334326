"""The steps of runs in an order that does not depend on which of several concurrent calls came first.

Calls that overlap in time under one parent have no order: they are sorted by their words instead.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.hashing import each_once
from coldtrail.records.flow import Flow

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]

OVERLAP_S = 0.001
"""Calls that share no more time than this came one after another, as far as clocks tell."""


class Steps(NamedTuple):
    """The steps of flows, flow by flow and depth first."""

    flow: _Ints
    """(step,) the flow of each, ascending."""
    word: _Ints
    """(step,) its number in the vocabulary."""
    depth: _Ints
    begin: _Floats
    """(step,) seconds after the flow's start."""
    span: _Floats
    """(step,) seconds."""


def standing(steps: Steps) -> _Ints:
    """(step,) the rows of the steps, depth first; those that overlap under one parent are sorted by words."""
    rows = np.arange(len(steps.word))
    touched = _touched(steps)
    if not touched.any():
        return rows
    some = np.flatnonzero(touched[steps.flow])
    rows[some] = _sorted(steps, some)
    return rows


def made_at_once(steps: Steps) -> _Bools:
    """(step,) of steps in that order, whether nothing but words puts each after its sibling before it."""
    out = np.zeros(len(steps.word), np.bool_)
    some = np.flatnonzero(_touched(steps)[steps.flow])
    steps = Steps._make(column[some] for column in steps)
    for level in _levels(steps.depth):
        rows = np.flatnonzero(steps.depth <= level)
        side, _, later = _siblings(steps, rows, level)
        parent = np.concatenate([[0], np.cumsum(~side)])
        latest = _latest_end(_end(steps, rows), parent)
        earliest = -_latest_end(-steps.begin[rows][::-1], parent[-1] - parent[::-1])[::-1]
        out[some[later[side & (earliest[1:] < latest[:-1] - OVERLAP_S)]]] = True
    return out


def at_once(flow: Flow) -> tuple[tuple[int, bool], ...]:
    """The places of events that begin before a sibling has ended, and whether that is the last one.

    Flows of the same steps for which this is equal stand in the same order.
    """
    found = []
    ends: list[tuple[float, float]] = []
    for place, (event, depth) in enumerate(zip(flow.events, flow.depths, strict=True)):
        begin = event.start_time - flow.start_time
        end = begin + max(event.end_time - event.start_time, 0.0)
        del ends[depth:]
        while len(ends) < depth:
            ends.append((-inf, -inf))
        last, latest = ends[-1]
        if begin < latest - OVERLAP_S:
            found.append((place, begin < last - OVERLAP_S))
        ends[-1] = end, max(latest, end)
    return tuple(found)


def _touched(steps: Steps) -> _Bools:
    """(flow,) whether any of its steps begins before a sibling beside it has ended."""
    touched = np.zeros(int(steps.flow.max(initial=-1)) + 1, np.bool_)
    for level in _levels(steps.depth):
        side, earlier, later = _siblings(steps, np.flatnonzero(steps.depth <= level), level)
        at_once = side & (steps.begin[later] < _end(steps, earlier) - OVERLAP_S)
        touched[steps.flow[later[at_once]]] = True
    return touched


def _levels(depth: _Ints) -> list[int]:
    levels: list[int] = each_once(depth).tolist()
    return levels


def _end(steps: Steps, rows: _Ints) -> _Floats:
    return steps.begin[rows] + steps.span[rows]


def _siblings(steps: Steps, rows: _Ints, level: int) -> tuple[_Bools, _Ints, _Ints]:
    """Whether each row and the one before it, among those no deeper than a level, have one parent."""
    earlier, later = rows[:-1], rows[1:]
    depth, flow = steps.depth, steps.flow
    side = (depth[earlier] == level) & (depth[later] == level) & (flow[earlier] == flow[later])
    return side, earlier, later


def _sorted(steps: Steps, some: _Ints) -> _Ints:
    """The rows (all rows of some flows) in that order."""
    keys = [steps.flow[some]]
    for level in _levels(steps.depth[some]):
        place = np.flatnonzero(steps.depth[some] <= level)
        rank = np.zeros(len(some), np.int64)
        rank[place] = _ranks(steps, some[place], level)
        last = np.zeros(len(some), np.int64)
        last[place] = place
        keys.append(rank[np.maximum.accumulate(last)])
    return some[np.lexsort(keys[::-1])]


def _ranks(steps: Steps, rows: _Ints, level: int) -> _Ints:
    """(row,) sort keys: by time, for concurrent rows by words; 0 for the rows above the level."""
    side, _, later = _siblings(steps, rows, level)
    begin, end = steps.begin[later], _end(steps, rows)
    ranks = np.arange(1, len(rows) + 1)
    if (side & ((begin < end[:-1] - OVERLAP_S) | (end[1:] < end[:-1]))).any():
        parent = np.concatenate([[0], np.cumsum(~side)])
        at_once = side & (begin < _latest_end(end, parent)[:-1] - OVERLAP_S)
        group = np.concatenate([[0], np.cumsum(~at_once)])
        ranks[np.lexsort((steps.word[rows], group))] = np.arange(1, len(rows) + 1)
    return np.where(steps.depth[rows] == level, ranks, 0)


def _latest_end(end: _Floats, parent: _Ints) -> _Floats:
    """(row,) the latest end so far below the same parent."""
    order = np.argsort(end, kind="stable")
    place = np.empty(len(end), np.int64)
    place[order] = np.arange(len(end))
    latest: _Floats = end[order[np.maximum.accumulate(parent * len(end) + place) % max(len(end), 1)]]
    return latest
