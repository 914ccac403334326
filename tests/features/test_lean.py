"""Lean flows and what they stand for."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly.span_tree import arrange
from coldtrail.features.lean import columns_of, whole
from coldtrail.records.columns import LeanFlow, Shape, ToldStep, parents_of
from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_event, make_flow, make_history

FACTS = Facts(memory_used_mb=80.0, source_ip="p-1", unseen=(UnseenCall("S3", "GetObject", "loot", START),))


def lean(flow: Flow) -> LeanFlow:
    """The flow with its steps as columns."""
    columns = columns_of(flow.events, flow.depths)
    assert columns is not None
    return LeanFlow(
        flow.key, flow.application_flow_id, flow.function_flow_id, flow.start_time, flow.end_time, columns,
        flow.cold_start, flow.error, flow.complete, flow.trigger, flow.caller, flow.version, flow.request_id,
        flow.upstream_lost, flow.witnesses, flow.facts, flow.invocation_type,
    )  # fmt: skip


def test_a_lean_flow_is_the_flow() -> None:
    for flow in make_history(40):
        told = replace(flow, account="1", region="r", version="7", request_id="q", upstream_lost=True)
        told = replace(told, error=True, complete=False, caller="api", witnesses=("xray",), facts=FACTS)
        assert whole(lean(told)) == told
        assert whole(told) is told


def test_a_flow_without_steps_is_one_too() -> None:
    line = arrange([], START, START + 0.002)
    flow = replace(make_flow([]), **line._asdict())
    assert whole(lean(flow)) == flow
    assert flow.own_time > 0.0


def test_depths_tell_the_parents() -> None:
    steps = [ToldStep("a", "b", None, None, depth) for depth in (1, 2, 3, 2, 3, 3, 1, 2)]
    assert list(parents_of(Shape(tuple(steps)))) == [-1, 0, 1, 0, 3, 3, -1, 6]


@pytest.mark.parametrize(
    "changes",
    [
        {"start_time": 1.0},
        {"end_time": 0.5},
        {"event_parent_id": "nobody"},
        {"event_id": "first"},
        {"witness": "xray"},
    ],
)
def test_what_columns_cannot_hold_they_do_not(changes: dict[str, Any]) -> None:
    first = make_event(event_id="first", start_time=1.0, end_time=2.0)
    second = make_event(event_id="second", start_time=3.0, end_time=4.0)
    assert columns_of([first, second], (1, 1)) is not None
    assert columns_of([first, replace(second, **changes)], (1, 1)) is None
