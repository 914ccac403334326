"""What each hook into moto relies on: these tests fail first when moto changes."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import moto.awslambda.models as moto_lambda
import moto.core.responses as moto_responses
import moto.core.utils as moto_core_utils
import moto.s3.notifications as moto_s3_notifications
import moto.sns.models as moto_sns
import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as moto_retry
import moto.stepfunctions.parser.asl.utils.boto_client as moto_boto_client
import moto.stepfunctions.parser.backend.execution_worker as moto_execution
import pytest
from moto.core.config import default_user_config
from moto.events.models import Rule
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.parser.utils import TMP_THREADS

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
from coldtrail_testbed.cloud import moto_hooks
from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.deployment import Clients, clients_at, deploy
from coldtrail_testbed.cloud.event_bodies import BusEvent, ObjectChange, TopicMessage
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpServer
from coldtrail_testbed.cloud.identifiers import (
    ACCOUNT,
    REGION,
    function_arn,
    queue_url,
    state_machine_arn,
    topic_arn,
)
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.state_machines import PendingExecution

from .conftest import START

_FAILED = Outcome(b'{"errorType": "Transient", "errorMessage": "m"}', failed=True)


class _Events:
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
_MACHINE = {
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
_APPLICATION = Application(
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
    state_machines=[StateMachine("Machine", _MACHINE)],
)


@pytest.fixture
def events() -> _Events:
    return _Events()


@pytest.fixture
def client(foundation: Foundation, events: _Events) -> Iterator[Clients]:
    """Clients of a moto with all hooks in place and `_APPLICATION` deployed."""
    server = HttpServer()
    server.serve(AwsEndpoint(foundation, DomainDispatcherApplication(create_backend_app)).answer)
    clients = clients_at(f"http://{server.address}")
    with moto_hooks.installed(events, f"http://{server.address}", seed=1):
        deploy(_APPLICATION, clients)
        yield clients
    server.close()
    assert server.failures == []


def _start(client: Clients) -> str:
    arn = state_machine_arn("Machine")
    execution: str = client("stepfunctions").start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    return execution


def _publish(client: Clients, kind: str) -> None:
    attribute = {"DataType": "String", "StringValue": kind}
    news = topic_arn("News")
    client("sns").publish(TopicArn=news, Message="m", Subject="s", MessageAttributes={"kind": attribute})


def test_buckets_tell_functions_about_the_objects_that_match(client: Clients, events: _Events) -> None:
    for key in ("in/a film.mp4", "in/a film.txt", "out/a film.mp4"):
        client("s3").put_object(Bucket="files", Key=key, Body=b"frames")
    md5 = hashlib.md5(b"frames", usedforsecurity=False).hexdigest()
    change = ObjectChange("ObjectCreated:Put", "Worker-0", "files", "in/a film.mp4", 6, md5)
    assert events.changes == [("Worker", change)]


def test_the_lambda_api_queues_events(client: Clients, events: _Events) -> None:
    client("lambda").invoke(FunctionName="Worker", InvocationType="Event", Payload=b'{"direct": 1}')
    assert events.queued == [("Worker", {"direct": 1})]


def test_callers_of_the_lambda_api_wait_for_the_outcome(client: Clients, events: _Events) -> None:
    events.outcomes = [Outcome(b'{"n": 1}'), _FAILED]
    answers = [client("lambda").invoke(FunctionName="Worker", Payload=b'{"a": 2}') for _ in range(2)]
    assert events.invoked == [("Worker", {"a": 2})] * 2
    assert [answer["ResponseMetadata"]["RequestId"] for answer in answers] == ["called"] * 2
    assert json.loads(answers[0]["Payload"].read()) == {"n": 1}
    assert [answer.get("FunctionError") for answer in answers] == [None, "Unhandled"]
    answers[1]["Payload"].close()


def test_messages_reach_functions_as_sns_sends_them(client: Clients, events: _Events) -> None:
    _publish(client, "bad")
    _publish(client, "good")
    [(function, message)] = events.messages
    assert function == "Worker"
    assert (message.text, message.subject, message.topic_arn) == ("m", "s", topic_arn("News"))
    assert message.attributes == {"kind": {"Type": "String", "Value": "good"}}


def _put_event(client: Clients, detail: dict[str, Any]) -> str:
    entry = {"Source": "shop", "DetailType": "Sold", "Detail": json.dumps(detail), "Resources": ["arn:r"]}
    answer = client("events").put_events(Entries=[entry])
    identifier: str = answer["Entries"][0]["EventId"]
    return identifier


def test_events_reach_the_functions_of_matching_rules_only(client: Clients, events: _Events) -> None:
    _put_event(client, {"kind": "cheap"})
    identifier = _put_event(client, {"kind": "dear", "price": 7})
    detail = {"kind": "dear", "price": 7}
    assert events.matched == [("Worker", BusEvent(identifier, "shop", "Sold", ["arn:r"], detail))]


def test_rules_match_events_of_services_and_schedules_match_none(client: Clients) -> None:
    for kind, functions in (("dear", ["Worker"]), ("cheap", [])):
        assert moto_hooks.matching_functions({"source": "shop", "detail": {"kind": kind}}) == functions


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ({"prefix": "ab"}, "abc", "bc"),
        ({"anything-but": ["a", "b"]}, "c", "a"),
        ({"exists": True}, "x", None),
        ({"numeric": [">", 1, "<=", 3]}, 3, 1),
    ],
)
def test_patterns_of_rules(client: Clients, pattern: Any, matching: Any, other: Any) -> None:
    rule = json.dumps({"detail": {"field": [pattern]}})
    client("events").put_rule(Name="Filtered", EventPattern=rule)
    client("events").put_targets(Rule="Filtered", Targets=[{"Id": "1", "Arn": function_arn("Filter")}])
    found = [
        moto_hooks.matching_functions({"detail": {} if value is None else {"field": value}})
        for value in (matching, other)
    ]
    assert found == [["Filter"], []]


def test_objects_are_as_old_as_the_virtual_time_says(client: Clients) -> None:
    client("s3").put_object(Bucket="files", Key="k", Body=b"b")
    [entry] = client("s3").list_objects_v2(Bucket="files")["Contents"]
    assert entry["LastModified"].timestamp() == START


def test_queues_tell_of_their_messages_and_lose_those_taken(client: Clients, events: _Events) -> None:
    _publish(client, "bad")
    _publish(client, "good")
    client("sqs").send_message(QueueUrl=queue_url("Jobs"), MessageBody="own")
    assert events.polls == [("Jobs", "Worker", 5)] * 2
    first, second = moto_hooks.take_messages("Jobs", 5)
    assert moto_hooks.take_messages("Jobs", 5) == []
    notification = json.loads(first.body)
    assert (notification["Message"], notification["TopicArn"]) == ("m", topic_arn("News"))
    assert (second.body, second.sent, second.trace_header) == ("own", START, "Root=1-2-3")
    assert second.md5 == hashlib.md5(b"own", usedforsecurity=False).hexdigest()


def test_topics_forget_what_was_published(client: Clients) -> None:
    _publish(client, "good")
    topic = moto_sns.sns_backends[ACCOUNT][REGION].topics[topic_arn("News")]
    assert topic.sent_notifications == []


def test_executions_wait_for_their_turn(client: Clients, events: _Events) -> None:
    arn = _start(client)
    [pending] = events.started
    assert (pending.machine_arn, pending.arn) == (state_machine_arn("Machine"), arn)
    assert events.states == []
    assert pending.run()
    assert events.states == ["Write", "Write again", "Call"]
    assert events.invoked == [("Worker", {})]


def test_executions_without_a_name_get_one_each(client: Clients, events: _Events) -> None:
    first, second = _start(client), _start(client)
    assert first != second
    assert str(UUID(first.rpartition(":")[2])) in first
    [started] = [
        client("stepfunctions").describe_execution(executionArn=arn)["startDate"].timestamp()
        for arn in [first]
    ]
    assert started == START


def test_executions_are_forgotten_when_they_end(client: Clients, events: _Events) -> None:
    _start(client)
    events.started[0].run()
    machine = stepfunctions_parser_backends[ACCOUNT][REGION].describe_state_machine(
        state_machine_arn("Machine")
    )
    assert machine.executions == []
    assert TMP_THREADS == []


def test_retries_wait_in_virtual_time(client: Clients, events: _Events) -> None:
    events.outcomes = [_FAILED, _FAILED]
    _start(client)
    assert events.started[0].run()
    assert events.slept == [3, 6]
    assert len(events.invoked) == 3


def test_failed_functions_fail_their_execution(client: Clients, events: _Events) -> None:
    events.outcomes = [_FAILED] * 3
    _start(client)
    assert not events.started[0].run()
    assert events.states[-1] == "Give up"


def _run(client: Clients, events: _Events, states: dict[str, Any], data: str = "{}") -> bool:
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


def test_branches_run_one_after_the_other(client: Clients, events: _Events) -> None:
    parallel = {"Type": "Parallel", "Branches": [_machine_of("A"), _machine_of("B")], "End": True}
    assert _run(client, events, {"Both": parallel})
    assert events.states == ["Both", "2 lanes", "Branch 0", "A", "Branch 1", "B"]


def test_iterations_run_one_after_the_other(client: Clients, events: _Events) -> None:
    each = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": _machine_of("A"), "End": True}
    assert _run(client, events, {"Each": each}, "[1, 2, 3]")
    iterations = [text for number in range(3) for text in (f"Iteration {number}", "A")]
    assert events.states == ["Each", "2 lanes", *iterations]
    assert [body for _, body in events.invoked] == [1, 2, 3]


def test_a_failed_iteration_fails_the_execution(client: Clients, events: _Events) -> None:
    events.outcomes = [_FAILED]
    each = {"Type": "Map", "ItemProcessor": _machine_of("A"), "End": True}
    assert not _run(client, events, {"Each": each}, "[1]")


def test_waiting_states_pass_in_virtual_time(client: Clients, events: _Events) -> None:
    assert _run(client, events, {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}})
    assert events.slept == [3600]


def test_the_invoke_integration_reaches_the_function_too(client: Clients, events: _Events) -> None:
    parameters = {"FunctionName": function_arn("Worker"), "Payload": {"a": 1}}
    resource = "arn:aws:states:::lambda:invoke"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "Next": "Again"}
    again = {"Type": "Task", "Resource": resource, "End": True}
    again["Parameters"] = {**parameters, "Payload": {"ran.$": "$.ExecutedVersion"}}
    events.outcomes = [Outcome(b"{}", version="2")]
    assert _run(client, events, {"Call": task, "Again": again})
    assert events.invoked == [("Worker", {"a": 1}), ("Worker", {"ran": "2"})]


def test_each_service_gets_one_observed_client(client: Clients, events: _Events) -> None:
    for _ in range(2):
        _start(client)
        events.started.pop().run()
    assert events.observed == ["dynamodb"]
    assert client("dynamodb").get_item(TableName="Things", Key={"id": {"S": "1"}})["Item"]


def test_definitions_are_parsed_once(client: Clients) -> None:
    definition = json.dumps(_MACHINE)
    assert AmazonStateLanguageParser.parse(definition) is AmazonStateLanguageParser.parse(definition)


def test_ids_follow_from_the_seed(client: Clients) -> None:
    ids = []
    for _ in range(2):
        moto_hooks.mock_random.seed(5)
        ids.append(client("sns").publish(TopicArn=topic_arn("News"), Message="m")["MessageId"])
    assert ids[0] == ids[1]


def _hooked() -> list[Any]:
    return [
        moto_lambda.LambdaFunction.invoke,
        moto_core_utils.datetime,
        moto_hooks.moto_states.datetime,
        moto_hooks.moto_execution_record.datetime,
        moto_hooks.StepFunctionsParserBackend.start_execution,
        Rule.send_to_targets,
        moto_hooks.Queue.add_message,
        moto_s3_notifications.send_event,
        moto_sns.Subscription.publish,
        moto_sns.Topic.publish,
        moto_retry.time,
        moto_boto_client.boto3,
        moto_execution.ExecutionWorker.start,
        moto_hooks.moto_lambda_task.execute_lambda_function_integration,
        moto_hooks.BranchesDecl._eval_body,
        moto_hooks.BranchWorker.start,
        moto_hooks.InlineIterationComponent._eval_body,
        moto_hooks.InlineIterationComponent._launch_worker,
        moto_hooks.IterationWorker._eval_job,
        moto_hooks.WaitFunction._wait_interval,
        moto_hooks.CommonStateField._eval_body,
        AmazonStateLanguageParser.parse,
        default_user_config["stepfunctions"]["execute_state_machine"],
    ]


def test_moto_is_as_before_when_the_hooks_are_gone(events: _Events) -> None:
    before = _hooked()
    with moto_hooks.installed(events, "http://127.0.0.1:9", seed=1):
        assert all(now != then for now, then in zip(_hooked(), before, strict=True))
    assert _hooked() == before
    assert AmazonStateLanguageParser.parse(json.dumps(_MACHINE))


def test_the_methods_of_a_service_are_listed_once(client: Clients) -> None:
    listed = vars(moto_responses)["method_names_from_class"]
    for _ in range(3):
        client("dynamodb").list_tables()
    assert listed.cache_info().hits > listed.cache_info().misses
