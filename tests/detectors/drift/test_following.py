"""Flows set aside as they are judged, and the shifts among them."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.shifts import shifts_from
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Following
from coldtrail.detectors.drift.runs import Judged
from coldtrail.features.encode import encode
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.testing import START, make_history
from tests.detectors.drift.lives import life


@pytest.fixture(scope="module")
def model() -> Model:
    """What 400 ordinary runs teach."""
    return learn(make_history(400), Settings()).model


def _slower(flow: Flow) -> Flow:
    """A run whose own code takes 100 ms more."""
    return msgspec.structs.replace(flow, end_time=flow.end_time + 0.1, own_time=flow.own_time + 0.1)


def _changed() -> list[Flow]:
    flows = make_history(300, seed=5, prefix="n")
    return flows[:150] + [_slower(flow) for flow in flows[150:]]


def _followed(model: Model, flows: list[Flow], batch: int) -> tuple[list[Shift], dict[str, Flow]]:
    assert model.shifts is not None
    following = Following(model.shifts, model.vocabulary)
    for first in range(0, len(flows), batch):
        assert following.push([_judged(model, flows[first : first + batch])]) == []
    following.advance(inf)
    shown = {one.look[0]: one.flow for one in following.found if one.flow is not None}
    return shifts_from(following.found, model.shifts, model.vocabulary), shown


def _judged(model: Model, flows: list[Flow]) -> Judged:
    encoded = encode(flows, model.vocabulary)
    return Judged(encoded, flows, model.judge_encoded(flows, encoded) if flows else [])


def test_a_shift_is_found_with_its_flows(model: Model) -> None:
    shifts, shown = _followed(model, _changed(), 100)
    assert {shift.measure for shift in shifts} == {"duration", "own_time"}
    for shift in shifts:
        assert shift.function_name == "Order"
        assert shown[shift.look_at].application_flow_id == shift.trace
        assert shown[shift.look_at].events
        assert len(shift.flow_ids) <= 100
        assert {flow_id[0] for flow_id in shift.flow_ids} == {"n"}


def test_neither_order_nor_batches_of_the_flows_matter(model: Model) -> None:
    mixed = _changed()
    Random(4).shuffle(mixed)
    assert _followed(model, _changed(), 300) == _followed(model, mixed, 7)


def test_ordinary_flows_and_none_at_all_have_no_shifts(model: Model) -> None:
    assert _followed(model, make_history(300, seed=6, prefix="o"), 100) == ([], {})
    assert _followed(model, [], 1) == ([], {})


def test_a_bundle_that_knows_nothing_of_shifts_finds_none(model: Model) -> None:
    following = Following(ShiftBaselines(), model.vocabulary)
    following.push([_judged(model, _changed())])
    assert following.advance(inf) == following.found == []


def test_what_comes_too_late_is_counted_and_not_followed(model: Model) -> None:
    assert model.shifts is not None
    following, flows = Following(model.shifts, model.vocabulary), _changed()
    following.push([_judged(model, flows[100:])])
    following.advance(flows[200].start_time)
    following.push([_judged(model, flows[:100])])
    following.advance(inf)
    assert following.late == 100


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 300), min_size=1, max_size=4))
def test_cuts_orders_and_snapshots_change_nothing(model: Model, seed: int, cuts: list[int]) -> None:
    assert model.shifts is not None
    flows, random = _changed(), Random(seed)
    whole = Following(model.shifts, model.vocabulary)
    whole.push([_judged(model, flows)])
    whole.advance(inf)
    following, told = Following(model.shifts, model.vocabulary), []
    for first, end in pairwise(sorted({0, *cuts, 300})):
        some = flows[first:end]
        random.shuffle(some)
        following.push([_judged(model, some)])
        told += following.advance(flows[end].start_time if end < 300 else inf)
        state = following.snapshot()
        following = Following(model.shifts, model.vocabulary)
        following.restore(state)
    assert following.found == whole.found == told


def test_what_a_function_does_no_more_is_found_with_its_last_flow() -> None:
    day = life(12, 7, "b", after=24 * 3600.0)
    flows = [flow for flow in day if flow.function_name == "Order" or flow.start_time < START + 27 * 3600]
    (shift,), shown = _followed(learn(life(8), Settings()).model, flows, 100)
    assert (shift.function_name, shift.measure) == ("Mail", "silence")
    last = max(flow.start_time for flow in flows if flow.function_name == "Mail")
    assert shift.since == pytest.approx(last, abs=1.0)
    (alert,) = alerts_from_shifts([shift], shown)
    assert alert.severity == "low"
    assert alert.title.startswith("Mail has not run for ")
