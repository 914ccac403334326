"""Flows of any order in that of their start."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.drift import aside, ordering
from coldtrail.detectors.drift.absence_limits import Presence
from coldtrail.detectors.drift.ordering import InOrder
from coldtrail.detectors.drift.readings import Readings
from coldtrail.detectors.drift.runs import Runs, column_type
from coldtrail.detectors.drift.shelf import Memory
from coldtrail.detectors.drift.timed import Timed
from coldtrail.errors import BundleError
from tests.detectors.drift.histories import START, columns, history


def _runs(starts: list[float], first: int = 0) -> Runs:
    of = columns(history(len(starts)))._replace(start=np.array(starts, np.float64))._asdict()
    readings = Readings._make(column.astype(column_type(name)) for name, column in of.items())
    number = len(starts)
    shown = Presence(np.arange(number), np.full(number, 3))
    timed = Timed(np.arange(number), np.arange(number, dtype=np.int32), np.full(number, first % 99, np.int16))
    tie = np.array([3 * start % 7 for start in starts], np.uint32)
    return Runs(readings, tie, np.zeros(number, np.bool_), np.arange(first, first + number), shown, timed)


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


def _in_store(most_held: int) -> InOrder:
    return InOrder(Memory(), most_held)


@given(
    st.lists(st.integers(0, 40), max_size=150), st.lists(st.integers(0, 45)), st.integers(0, 20), st.data()
)
def test_flows_put_aside_come_as_if_they_had_been_held(
    starts: list[int], watermarks: list[int], most_held: int, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aside, "BLOCK", data.draw(st.integers(1, 6)))
        patch.setattr(aside, "MOST_SEQUENCES", data.draw(st.integers(2, 4)))
        patch.setattr(aside, "GIVEN", data.draw(st.integers(1, 50)))
        held, put_aside = InOrder(), _in_store(most_held)
        cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(starts))))), len(starts)]
        marks = iter([*sorted(watermarks), inf])
        flows = _runs([float(start) for start in starts])
        for first, end in pairwise(cuts):
            for order in (held, put_aside):
                order.push([flows.take(np.arange(first, end))])
            _same(held, put_aside, float(next(marks, inf)))
        _same(held, put_aside, inf)
        assert len(held) == len(put_aside) == 0


def _same(one: InOrder, other: InOrder, watermark: float) -> None:
    """Both give the same, and hold as much."""
    given_, expected = _places(other.advance(watermark)), one.advance(watermark)
    assert given_ == _places(expected)
    assert (one.late, len(one)) == (other.late, len(other))


def test_flows_put_aside_keep_all_that_is_read_off_them() -> None:
    flows = _runs([float(i * 7 % 50) for i in range(50)])
    order = _in_store(8)
    for i in range(0, 50, 5):
        order.push([flows.take(np.arange(i, i + 5))])
    state = order.snapshot()
    (given_,) = order.advance(inf)
    expected = aside.in_order(flows)
    for column, wanted in zip(given_.readings, expected.readings, strict=True):
        assert column.dtype == wanted.dtype
        np.testing.assert_array_equal(column, wanted)
    np.testing.assert_array_equal(given_.tie, expected.tie)
    pairs = sorted(zip(given_.shown.flow.tolist(), given_.shown.kind.tolist(), strict=True))
    assert pairs == sorted(zip(expected.shown.flow.tolist(), expected.shown.kind.tolist(), strict=True))
    again = _in_store(8)
    again.restore(state)
    assert _places(again.advance(inf)) == expected.place.tolist()


def test_what_is_held_in_memory_does_not_grow_with_the_flows() -> None:
    order = _in_store(64)
    for i in range(200):
        order.push([_runs([float(i)] * 10, 10 * i)])
        assert sum(map(len, order._held)) <= 64
    assert _places(order.advance(inf)) != []
