"""What the hooks into the states of an execution rely on."""

import json
from typing import Any

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.identifiers import (
    ACCOUNT,
    function_arn,
)
from coldtrail_testbed.cloud.runtime_api import Outcome

from .things import FAILED, Events, start


def test_retries_wait_in_virtual_time(client: Clients, events: Events) -> None:
    events.outcomes = [FAILED, FAILED]
    start(client)
    assert events.started[0].run()
    assert events.slept == [3, 6]
    assert len(events.invoked) == 3


def test_failed_functions_fail_their_execution(client: Clients, events: Events) -> None:
    events.outcomes = [FAILED] * 3
    start(client)
    assert not events.started[0].run()
    assert events.states[-1] == "Give up"


def _run(client: Clients, events: Events, states: dict[str, Any], data: str = "{}") -> bool:
    """Whether the execution of a machine that begins with the first of `states` succeeds."""
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    machines = client("stepfunctions")
    role = f"arn:aws:iam::{ACCOUNT}:role/testbed"
    arn = machines.create_state_machine(name="Other", definition=definition, roleArn=role)["stateMachineArn"]
    machines.start_execution(stateMachineArn=arn, input=data)
    return events.started.pop().run()


def _machine_of(name: str) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": function_arn("Worker"), "End": True}
    return {"StartAt": name, "States": {name: task}}


def test_branches_run_one_after_the_other(client: Clients, events: Events) -> None:
    parallel = {"Type": "Parallel", "Branches": [_machine_of("A"), _machine_of("B")], "End": True}
    assert _run(client, events, {"Both": parallel})
    assert events.states == ["Both", "2 lanes", "Branch 0", "A", "Branch 1", "B"]


def test_iterations_run_one_after_the_other(client: Clients, events: Events) -> None:
    each = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": _machine_of("A"), "End": True}
    assert _run(client, events, {"Each": each}, "[1, 2, 3]")
    iterations = [text for number in range(3) for text in (f"Iteration {number}", "A")]
    assert events.states == ["Each", "2 lanes", *iterations]
    assert [body for _, body in events.invoked] == [1, 2, 3]


def test_a_failed_iteration_fails_the_execution(client: Clients, events: Events) -> None:
    events.outcomes = [FAILED]
    each = {"Type": "Map", "ItemProcessor": _machine_of("A"), "End": True}
    assert not _run(client, events, {"Each": each}, "[1]")


def test_waiting_states_pass_in_virtual_time(client: Clients, events: Events) -> None:
    assert _run(client, events, {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}})
    assert events.slept == [3600]


def test_the_invoke_integration_reaches_the_function_too(client: Clients, events: Events) -> None:
    parameters = {"FunctionName": function_arn("Worker"), "Payload": {"a": 1}}
    resource = "arn:aws:states:::lambda:invoke"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "Next": "Again"}
    again = {"Type": "Task", "Resource": resource, "End": True}
    again["Parameters"] = {**parameters, "Payload": {"ran.$": "$.ExecutedVersion"}}
    events.outcomes = [Outcome(b"{}", version="2")]
    assert _run(client, events, {"Call": task, "Again": again})
    assert events.invoked == [("Worker", {"a": 1}), ("Worker", {"ran": "2"})]


def test_each_service_gets_one_observed_client(client: Clients, events: Events) -> None:
    for _ in range(2):
        start(client)
        events.started.pop().run()
    assert events.observed == ["dynamodb"]
    assert client("dynamodb").get_item(TableName="Things", Key={"id": {"S": "1"}})["Item"]
