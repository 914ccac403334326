"""A small application on a hooked moto, and the cloud's side of the hooks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coldtrail_testbed.applications.model import (
    Application,
    BucketNotification,
    EventRule,
    Function,
    QueueConsumer,
    QueueSubscription,
    Schedule,
    StateMachine,
    Subscription,
    Table,
)
from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.event_bodies import BusEvent, ObjectChange, TopicMessage
from coldtrail_testbed.cloud.identifiers import function_arn, state_machine_arn, topic_arn
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.state_machines import PendingExecution

from ..conftest import START

FAILED = Outcome(b'{"errorType": "Transient", "errorMessage": "m"}', failed=True)


class Events:
    """The cloud's side of the hooks: writes down what moto tells."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.polls: list[tuple[str, str, int]] = []
        self.queued: list[tuple[str, Any]] = []
        self.messages: list[tuple[str, TopicMessage]] = []
        self.matched: list[tuple[str, BusEvent]] = []
        self.changes: list[tuple[str, ObjectChange]] = []
        self.started: list[PendingExecution] = []
        self.states: list[str] = []
        self.invoked: list[tuple[str, Any]] = []
        self.observed: list[str] = []
        self.outcomes: list[Outcome] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def now(self) -> float:
        return START

    def function_queued(self, function: str, payload: bytes) -> str:
        self.queued.append((function, json.loads(payload)))
        return "queued"

    def message_published(self, function: str, message: TopicMessage) -> None:
        self.messages.append((function, message))

    def trace_header(self) -> str | None:
        return "Root=1-2-3"

    def message_queued(self, queue: str, function: str, batch_size: int) -> None:
        self.polls.append((queue, function, batch_size))

    def event_matched(self, function: str, event: BusEvent) -> None:
        self.matched.append((function, event))

    def object_changed(self, function: str, change: ObjectChange) -> None:
        self.changes.append((function, change))

    def function_called(self, function: str, payload: bytes) -> tuple[Outcome, str]:
        return self.invoke_from_state(function, payload), "called"

    def execution_started(self, execution: PendingExecution) -> None:
        self.started.append(execution)

    @contextmanager
    def state(self, name: str) -> Iterator[None]:
        self.states.append(name)
        yield

    @contextmanager
    def side_by_side(self, lanes: int) -> Iterator[None]:
        self.states.append(f"{lanes} lanes")
        yield

    @contextmanager
    def branch(self, name: str) -> Iterator[None]:
        self.states.append(name)
        yield

    def invoke_from_state(self, function: str, payload: bytes) -> Outcome:
        self.invoked.append((function, json.loads(payload)))
        return self.outcomes.pop(0) if self.outcomes else Outcome(b'{"done": true}')

    def observe_client(self, service: str, client: Any) -> None:
        self.observed.append(service)


def _table_state(next_state: str) -> dict[str, Any]:
    parameters = {"TableName": "Things", "Item": {"id": {"S": "1"}}}
    resource = "arn:aws:states:::dynamodb:putItem"
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": parameters,
        "ResultPath": None,
        "Next": next_state,
    }


_RETRY = {"ErrorEquals": ["Transient"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 2}
_CATCH = {"ErrorEquals": ["States.ALL"], "Next": "Give up"}
MACHINE = {
    "StartAt": "Write",
    "States": {
        "Write": _table_state("Write again"),
        "Write again": _table_state("Call"),
        "Call": {
            "Type": "Task",
            "Resource": function_arn("Worker"),
            "Retry": [_RETRY],
            "Catch": [_CATCH],
            "End": True,
        },
        "Give up": {"Type": "Fail"},
    },
}
APPLICATION = Application(
    name="things",
    summary="",
    functions=[Function("Worker", "x.y")],
    users=lambda _generator: lambda _browser: iter(()),
    gap=lambda _time, _generator: 60.0,
    tables=[Table("Things")],
    topics=["News"],
    subscriptions=[Subscription("News", "Worker", {"kind": ["good"]})],
    queues=["Jobs"],
    queue_subscriptions=[QueueSubscription("News", "Jobs", {"kind": ["good"]})],
    queue_consumers=[QueueConsumer("Jobs", "Worker", 5)],
    buckets=["files"],
    bucket_notifications=[BucketNotification("files", "Worker", "in/", ".mp4")],
    event_rules=[EventRule("Dear", {"source": ["shop"], "detail": {"kind": ["dear"]}}, "Worker")],
    schedules=[Schedule("Often", 300, "Worker")],
    secrets={"key": "value"},
    state_machines=[StateMachine("Machine", MACHINE)],
)


def start(client: Clients) -> str:
    arn = state_machine_arn("Machine")
    execution: str = client("stepfunctions").start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    return execution


def publish(client: Clients, kind: str) -> None:
    attribute = {"DataType": "String", "StringValue": kind}
    news = topic_arn("News")
    client("sns").publish(TopicArn=news, Message="m", Subject="s", MessageAttributes={"kind": attribute})
