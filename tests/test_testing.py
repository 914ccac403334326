"""The factories make what they promise, the same every time."""

from __future__ import annotations

from itertools import pairwise

from coldtrail.testing import make_event, make_flow, make_history
from tests.verbs.telemetry_files import GET, PUBLISH, PUT


def test_an_event_has_the_given_fields_and_plausible_others() -> None:
    event = make_event(event_name="PutItem", error=True)
    assert (event.event_name, event.error) == ("PutItem", True)
    assert event.end_time > event.start_time
    assert event.event_type


def test_a_flow_runs_its_calls_one_after_another_inside_an_invocation() -> None:
    flow = make_flow([GET, PUT, PUBLISH], flow_id="x")
    assert [event.event_name for event in flow.events] == [
        "Invocation",
        "GetItem",
        "PutItem",
        "Publish",
        "Overhead",
    ]
    assert flow.depths == (1, 2, 2, 2, 1)
    calls = flow.events[1:4]
    assert all(a.end_time <= b.start_time for a, b in pairwise(calls))
    assert flow.function_flow_id == "x"


def test_a_cold_flow_begins_with_its_initialization() -> None:
    flow = make_flow([GET], cold=True)
    assert flow.cold_start
    assert flow.events[0].event_name == "Initialization"


def test_a_flow_takes_any_other_field() -> None:
    flow = make_flow([GET], trigger=None, complete=False, version="7")
    assert (flow.trigger, flow.complete, flow.version) == (None, False, "7")


def test_a_history_is_the_same_every_time_and_differs_by_seed() -> None:
    assert make_history(20) == make_history(20)
    assert make_history(20) != make_history(20, seed=1)
    assert len({flow.function_flow_id for flow in make_history(20)}) == 20
