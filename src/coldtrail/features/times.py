"""The own times of runs and of their steps, from columns: one run after another, or many at once.

The same sums in the same order as `assembly/span_tree.py` has them, so that no bit differs: where steps of a
run start together, what runs below a step is summed before it is taken from the step's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


class OwnTimes(NamedTuple):
    """Seconds, never negative."""

    self_times: _Floats
    """(step,) of each step, children's time left out."""
    own_times: _Floats
    """(flow,) that no step accounts for."""


class Ways(NamedTuple):
    """The steps of flows, flow by flow, each flow in the order of its columns."""

    offsets: _Ints
    """(flow + 1,)"""
    parent: _Ints
    """(step,) the row of its parent, -1 for a step without."""
    before: _Ints
    """(step,) the row of the sibling before it, -1 for the first."""
    starts: _Floats
    ends: _Floats


def own_times(ways: Ways, start: _Floats, end: _Floats) -> OwnTimes:
    """The own times of flows that start and end then."""
    steps = len(ways.starts)
    flow_of = np.repeat(np.arange(len(start)), np.diff(ways.offsets))
    # Rows of the flows themselves stand after those of the steps, as what is above steps without a parent.
    above = np.where(ways.parent < 0, steps + flow_of, ways.parent)
    begins, stops = np.append(ways.starts, start), np.append(ways.ends, end)
    own = stops - begins
    begin, stop = np.maximum(ways.starts, begins[above]), np.minimum(ways.ends, stops[above])
    begin = np.maximum(begin, _reached(stop, ways.before))
    pieces = np.maximum(stop - begin, 0.0)
    tied = np.zeros(len(start), np.bool_)
    tied[flow_of[1:][(ways.starts[1:] == ways.starts[:-1]) & (flow_of[1:] == flow_of[:-1])]] = True
    if tied.any():
        covered = np.zeros(len(own))
        np.add.at(covered, above, pieces)
        summed = own - covered
    # One after another, as `at` does it: a sum taken first would differ in its last bits.
    np.subtract.at(own, above, pieces)
    if tied.any():
        own = np.where(np.append(tied[flow_of], tied), summed, own)
    own[own < 0.0] = 0.0
    return OwnTimes(own[:steps], own[steps:])


def _reached(stop: _Floats, before: _Ints) -> _Floats:
    """(step,) when the last of the siblings before it has stopped; minus infinity where there is none."""
    # Each round looks twice as far back; row -1, the last, stands for no sibling.
    reached = np.append(stop, -np.inf)[before]
    reached, before = np.append(reached, -np.inf), np.append(before, -1)
    while (before >= 0).any():
        reached, before = np.maximum(reached, reached[before]), before[before]
    return reached[:-1]


def own_times_of(
    parents: Sequence[int], starts: Sequence[float], ends: Sequence[float], start: float, end: float
) -> tuple[list[float], float]:
    """The same of one flow; children may run side by side."""
    # The run itself stands at -1, the last place, as what is above the steps without a parent.
    stops, reached = [*ends, end], [*starts, start]
    own = [stop - begin for begin, stop in zip([*starts, start], stops, strict=True)]
    covered, tied = [0.0] * len(own), any(map(eq, starts, starts[1:]))
    for parent, begin, stop in zip(parents, starts, ends, strict=True):
        begin, stop = max(begin, reached[parent]), min(stop, stops[parent])
        if stop > begin:
            if tied:
                covered[parent] += stop - begin
            else:
                own[parent] -= stop - begin
            reached[parent] = stop
    if tied:
        own = [seconds - less for seconds, less in zip(own, covered, strict=True)]
    own = [seconds if seconds >= 0.0 else 0.0 for seconds in own]
    return own[:-1], own[-1]
