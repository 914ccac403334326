"""Flows put aside."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.shelf import Nowhere, Shelf
from coldtrail.errors import BundleError
from coldtrail.records.stage import State
from coldtrail.store.scratch import scratch
from coldtrail.testing import make_history
from tests.features.test_lean import lean


def test_flows_lie_where_they_were_put_whole_or_by_their_ids() -> None:
    shelf, flows = Shelf(), make_history(3)
    assert shelf.put(flows[:2], [False, True]).tolist() == [0, 1]
    assert shelf.put(flows[2:], [True]).tolist() == [2]
    assert shelf.reference(1) == (flows[1].function_flow_id, flows[1].application_flow_id)
    assert shelf.look([0, 2, 1]) == (shelf.reference(2), flows[2])
    assert shelf.look([0]) == (shelf.reference(0), None)


def test_a_snapshot_holds_what_is_wanted_at_the_same_places() -> None:
    shelf, flows = Shelf(), make_history(5)
    shelf.put(flows, [False, True, True, True, False])
    state = shelf.snapshot([[0, 1, 2], [4], [2]])
    again = Shelf()
    again.restore(state)
    assert again.put(flows[:1], [True]).tolist() == [5]
    for places in ([0, 1, 2], [4], [2], [0, 4]):
        assert again.look(places) == shelf.look(places)
    assert again.look([5]) == (shelf.reference(0), flows[0])
    assert again.snapshot([[0, 1, 2], [4], [2]])["bytes"].tobytes() == state["bytes"].tobytes()
    second = shelf.snapshot([[1, 2]])
    again.restore(second)
    assert again.look([2]) == (shelf.reference(2), None)


def test_nowhere_holds_no_flow() -> None:
    shelf = Shelf(Nowhere())
    shelf.put(make_history(2), [True, True])
    assert shelf.look([1, 0]) == (("", ""), None)


def test_a_damaged_state_is_refused() -> None:
    shelf = Shelf()
    shelf.put(make_history(2), [True, False])
    state = shelf.snapshot([[0], [1]])
    for forged in (state | {"bytes": state["bytes"][:-1]}, state | {"length": np.zeros(2, np.int64)}, {}):
        with pytest.raises(BundleError, match="damaged"):
            Shelf().restore(forged)


@pytest.mark.parametrize("stored", [False, True])
def test_what_is_wanted_must_be_there_and_be_flows(stored: bool) -> None:
    shelf = Shelf()
    shelf.put(make_history(3), [True, False, True])
    state = shelf.snapshot([[0, 1]])
    with scratch() as store:
        _check_wanted(Shelf(store) if stored else Shelf(), state)


def _check_wanted(again: Shelf, state: State) -> None:
    again.restore(state)
    again.check([[0, 1], []])
    for places in ([2], [7], [-1]):
        with pytest.raises(BundleError, match="flows that a shift may show"):
            again.check([places])
    again.restore(state | {"bytes": np.zeros_like(state["bytes"])})
    with pytest.raises(BundleError, match="flows that a shift may show"):
        again.check([[0, 1]])


def test_a_lean_flow_is_whole_again_when_it_is_looked_at() -> None:
    flows = make_history(4)
    shelf = Shelf()
    shelf.put([lean(flow) for flow in flows], [False, True, True, False])
    again = Shelf()
    again.restore(shelf.snapshot([[0, 1, 2], [2]]))
    for one in (shelf, again):
        assert one.look([0, 1, 2]) == ((flows[1].function_flow_id, flows[1].application_flow_id), flows[1])
        assert one.look([2])[1] == flows[2]
        assert one.reference(2) == (flows[2].function_flow_id, flows[2].application_flow_id)
