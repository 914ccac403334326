"""Flows of any order in that of their start."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.drift import ordering
from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.ordering import InOrder
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.runs import Runs, column_type
from coldtrail.errors import BundleError
from tests.detectors.drift.histories import START, columns, history


def _runs(starts: list[float], first: int = 0) -> Runs:
    of = columns(history(len(starts)))._replace(start=np.array(starts, np.float64))._asdict()
    readings = Readings._make(column.astype(column_type(name)) for name, column in of.items())
    number = len(starts)
    shown = Presence(np.arange(number), np.full(number, 3))
    tie = np.array([3 * start % 7 for start in starts], np.uint32)
    return Runs(readings, tie, np.zeros(number, np.bool_), np.arange(first, first + number), shown)


def _places(given: list[Runs]) -> list[int]:
    return [place for runs in given for place in runs.place.tolist()]


def test_flows_are_given_when_all_before_them_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "AT_ONCE", 2)
    order = InOrder()
    assert order.push([_runs([5.0, 1.0, 3.0, 9.0])]) == []
    parts = order.advance(5.0)
    assert _places(parts) == [1, 2]
    order.push([_runs([4.0, 6.0], 4)])
    assert (order.late, len(order)) == (1, 3)
    assert order.places() == [[0], [3], [5]]
    assert [len(one) for one in order.advance(inf)] == [2, 1]
    assert order.advance(inf) == []


def test_flows_that_start_together_go_by_their_tie() -> None:
    order = InOrder()
    flows = _runs([1.0, 1.0, 1.0])
    flows.tie[:] = (3, 1, 2)
    order.push([flows])
    assert _places(order.advance(inf)) == [1, 2, 0]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.integers(0, 99))
def test_cuts_orders_and_snapshots_change_nothing(starts: list[int], seed: int) -> None:
    random, order, given_ = Random(seed), InOrder(), []
    flows = _runs([float(start) for start in starts])
    for last, end in pairwise((-inf, 100.0, 200.0, inf)):
        rows = [i for i, start in enumerate(starts) if last <= start < end]
        random.shuffle(rows)
        for i in rows:
            order.push([flows.take(np.array([i]))])
        state, order = order.snapshot(), InOrder()
        order.restore(state)
        given_ += order.advance(end)
    shown = [(p, float(s)) for runs in given_ for p, s in zip(runs.place, runs.readings.start, strict=True)]
    keys = [(start, 3 * start % 7) for _, start in shown]
    assert keys == sorted(keys)
    assert sorted(place for place, _ in shown) == list(range(len(starts)))
    assert order.late == 0


def test_a_damaged_state_is_refused() -> None:
    order = InOrder()
    order.push([_runs([START, START + 1])])
    state = order.snapshot()
    for name in state.keys() - {"place"}:
        rest = {key: one for key, one in state.items() if key != name}
        for forged in (rest, state | {name: state[name][:-1]}, state | {name: state[name].astype("S9")}):
            with pytest.raises(BundleError, match="damaged"):
                InOrder().restore(forged)
    with pytest.raises(BundleError, match="damaged"):
        InOrder().restore(state | {"flow": state["flow"] + 1})
