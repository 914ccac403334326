"""Executions that real functions start, timed and traced by the real local cloud."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from coldtrail_testbed.applications.model import StateMachine
from coldtrail_testbed.cloud.identifiers import function_arn, state_machine_arn
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .small_cloud import ask, events_of, segments_of, small_application, small_cloud

_TASK = {"Type": "Task", "Resource": function_arn("Step"), "End": True}
_ONE = {"StartAt": "Call", "States": {"Call": _TASK}}
_WAIT = {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 100, "End": True}}}


def _machine(name: str, **state: Any) -> StateMachine:
    return StateMachine(name, {"StartAt": "First", "States": {"First": {**state, "End": True}}})


_APPLICATION = small_application(
    "Step",
    state_machines=[
        StateMachine("Single", _ONE),
        _machine("Both", Type="Parallel", Branches=[_WAIT, _ONE]),
        _machine("Each", Type="Map", MaxConcurrency=2, ItemProcessor=_WAIT),
    ],
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def _order(machine: str, data: Any) -> tuple[str, str, dict[str, Any]]:
    parameters = {"stateMachineArn": state_machine_arn(machine), "input": json.dumps(data)}
    return "stepfunctions", "start_execution", parameters


def _only_execution(cloud: LocalCloud, machine: str, data: Any) -> dict[str, Any]:
    ask(cloud, _order(machine, data))
    [segment] = segments_of(cloud, "AWS::StepFunctions::StateMachine")
    return segment


def test_branches_lie_side_by_side(cloud: LocalCloud) -> None:
    [first] = _only_execution(cloud, "Both", {})["subsegments"]
    waiting, calling = first["subsegments"]
    assert [waiting["name"], calling["name"]] == ["Branch 0", "Branch 1"]
    assert waiting["start_time"] == calling["start_time"]
    assert calling["subsegments"][0]["subsegments"][0]["aws"]["operation"] == "Invoke"
    assert calling["end_time"] < waiting["end_time"] <= first["end_time"]
    assert 100 < first["end_time"] - first["start_time"] < 101


def test_iterations_wait_for_a_free_lane(cloud: LocalCloud) -> None:
    [first] = _only_execution(cloud, "Each", [1, 2, 3])["subsegments"]
    starts = [part["start_time"] - first["start_time"] for part in first["subsegments"]]
    assert [part["name"] for part in first["subsegments"]] == ["Iteration 0", "Iteration 1", "Iteration 2"]
    assert starts[:2] == [0, 0]
    assert 100 < starts[2] < 101
    assert 200 < first["end_time"] - first["start_time"] < 202


def test_an_execution_may_start_another_one(cloud: LocalCloud) -> None:
    inner = {"calls": [_order("Single", {"inner": True})]}
    ask(cloud, _order("Single", inner))
    outer, nested = segments_of(cloud, "AWS::StepFunctions::StateMachine")
    assert outer["trace_id"] == nested["trace_id"]
    assert [len(part["subsegments"]) for part in (outer, nested)] == [1, 1]
    assert {"inner": True} in events_of(cloud, "Step")


def test_failed_branches_are_at_fault(cloud: LocalCloud) -> None:
    segment = _only_execution(cloud, "Both", {"fail": "no luck"})
    [first] = segment["subsegments"]
    assert segment["fault"]
    assert first["fault"]
    assert [part.get("fault") for part in first["subsegments"]] == [None, True]


def test_functions_call_functions(cloud: LocalCloud) -> None:
    calls = [
        ("lambda", "invoke", {"FunctionName": "Step", "Payload": "{}", "InvocationType": kind})
        for kind in ("RequestResponse", "Event")
    ]
    answers = ask(cloud, *calls)
    assert [answer["StatusCode"] for answer in answers] == [200, 202]
    assert json.loads(answers[0]["Payload"]) == {"statusCode": 200, "body": "[]"}
    [trace] = cloud.take_traces()
    parts = trace["segments"]
    [front] = [part for part in parts if (part["name"], part["origin"]) == ("Front", "AWS::Lambda::Function")]
    invocation = next(part for part in front["subsegments"] if part["name"] == "Invocation")
    calls_made = [part for part in invocation["subsegments"] if part["name"] == "lambda"]
    called = [part for part in parts if (part["name"], part["origin"]) == ("Step", "AWS::Lambda")]
    assert [part["parent_id"] for part in called] == [call["id"] for call in calls_made]
    assert [part["http"]["response"]["status"] for part in called] == [200, 202]
    assert calls_made[0]["aws"]["operation"] == "Invoke"
    assert calls_made[0]["end_time"] > called[0]["end_time"]
