"""The steps of runs in an order that does not depend on which of several concurrent calls came first.

Calls that overlap in time under one parent have no order: they are sorted by their words instead.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from coldtrail.records.flow import Flow

if TYPE_CHECKING:
    from coldtrail.features.batch import Bools, Encoded, Floats, Ints

OVERLAP_S = 0.001
"""Calls that share no more time than this came one after another, as far as clocks tell."""


def standing(flows: Encoded) -> Ints:
    """(step,) the rows of the steps, depth first; those that overlap under one parent are sorted by words."""
    rows = np.arange(len(flows.step))
    touched = np.zeros(len(flows), np.bool_)
    for level in _levels(flows.depth):
        side, earlier, later = _siblings(flows, np.flatnonzero(flows.depth <= level), level)
        at_once = side & (flows.begin[later] < _end(flows, earlier) - OVERLAP_S)
        touched[flows.flow_of[later[at_once]]] = True
    if not touched.any():
        return rows
    some = np.flatnonzero(touched[flows.flow_of])
    rows[some] = _sorted(flows, some)
    return rows


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


def _levels(depth: Ints) -> list[int]:
    return [int(level) for level in np.unique(depth)]


def _end(flows: Encoded, rows: Ints) -> Floats:
    return flows.begin[rows] + flows.span[rows]


def _siblings(flows: Encoded, rows: Ints, level: int) -> tuple[Bools, Ints, Ints]:
    """Whether each row and the one before it, among those no deeper than a level, have one parent."""
    earlier, later = rows[:-1], rows[1:]
    depth, flow = flows.depth, flows.flow_of
    side = (depth[earlier] == level) & (depth[later] == level) & (flow[earlier] == flow[later])
    return side, earlier, later


def _sorted(flows: Encoded, some: Ints) -> Ints:
    """The rows (all rows of some flows) in that order."""
    keys = [flows.flow_of[some]]
    for level in _levels(flows.depth[some]):
        place = np.flatnonzero(flows.depth[some] <= level)
        rank = np.zeros(len(some), np.int64)
        rank[place] = _ranks(flows, some[place], level)
        last = np.zeros(len(some), np.int64)
        last[place] = place
        keys.append(rank[np.maximum.accumulate(last)])
    return some[np.lexsort(keys[::-1])]


def _ranks(flows: Encoded, rows: Ints, level: int) -> Ints:
    """(row,) sort keys: by time, for concurrent rows by words; 0 for the rows above the level."""
    side, _, later = _siblings(flows, rows, level)
    parent = np.concatenate([[0], np.cumsum(~side)])
    latest = _latest_end(_end(flows, rows), parent)
    at_once = side & (flows.begin[later] < latest[:-1] - OVERLAP_S)
    group = np.concatenate([[0], np.cumsum(~at_once)])
    ranks = np.empty(len(rows), np.int64)
    ranks[np.lexsort((flows.step[rows], group))] = np.arange(1, len(rows) + 1)
    return np.where(flows.depth[rows] == level, ranks, 0)


def _latest_end(end: Floats, parent: Ints) -> Floats:
    """(row,) the latest end so far below the same parent."""
    order = np.argsort(end, kind="stable")
    place = np.empty(len(end), np.int64)
    place[order] = np.arange(len(end))
    latest: Floats = end[order[np.maximum.accumulate(parent * len(end) + place) % max(len(end), 1)]]
    return latest
