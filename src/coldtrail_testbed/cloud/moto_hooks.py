"""Every hook into the insides of moto (pinned to 5.2.5), in one place.

Each hook replaces one name of moto for as long as `installed` is entered. What a hook relies on is tested in
`tests/testbed/test_moto_hooks.py`, one test a hook: they fail first when moto changes.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone, tzinfo
from functools import cache
from types import SimpleNamespace
from typing import Any, Protocol

import moto.awslambda.models as moto_lambda
import moto.core.responses as moto_responses
import moto.core.utils as moto_core_utils
import moto.s3.notifications as moto_s3_notifications
import moto.sns.models as moto_sns
import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as moto_retry
import moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils as moto_lambda_task
import moto.stepfunctions.parser.asl.utils.boto_client as moto_boto_client
import moto.stepfunctions.parser.backend.execution as moto_execution_record
import moto.stepfunctions.parser.backend.execution_worker as moto_execution
import moto.stepfunctions.parser.models as moto_states
from moto.core.config import default_user_config
from moto.core.utils import method_names_from_class
from moto.events.models import Rule, events_backends
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.sqs.models import Queue, sqs_backends
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (  # noqa: E501 - its name
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import BranchWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.parser.utils import TMP_THREADS

from coldtrail_testbed.cloud.answers import INVOCATION_HEADER
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.event_bodies import BusEvent, ObjectChange, TopicMessage, topic_notification
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, function_of
from coldtrail_testbed.cloud.identities import STATE_MACHINES
from coldtrail_testbed.cloud.queues import QueueMessage
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.state_machines import PendingExecution


class CloudEvents(Protocol):
    """What moto's insides tell the local cloud."""

    def sleep(self, seconds: float) -> None:
        """None; a service waits."""

    def now(self) -> float:
        """The time in UTC epoch seconds."""

    def function_queued(self, function: str, payload: bytes) -> str:
        """The request id under which a client of the Lambda API invokes `function` asynchronously."""

    def message_published(self, function: str, message: TopicMessage) -> None:
        """None; SNS invokes `function` asynchronously with `message`."""

    def trace_header(self) -> str | None:
        """The trace header of the request in progress, if it has one."""

    def message_queued(self, queue: str, function: str, batch_size: int) -> None:
        """None; `queue` has a new message for `function`."""

    def event_matched(self, function: str, event: BusEvent) -> None:
        """None; EventBridge invokes `function` asynchronously with `event`, which PutEvents sent."""

    def object_changed(self, function: str, change: ObjectChange) -> None:
        """None; S3 invokes `function` asynchronously because of `change`."""

    def function_called(self, function: str, payload: bytes) -> tuple[Outcome, str]:
        """The outcome of `function`, which a client of the Lambda API waits for, and its request id."""

    def execution_started(self, execution: PendingExecution) -> None:
        """None; `execution` waits to be run."""

    def state(self, name: str) -> Any:
        """A context manager around the evaluation of one state."""

    def side_by_side(self, lanes: int) -> Any:
        """A context manager around branches (or iterations) of which `lanes` run at once."""

    def branch(self, name: str) -> Any:
        """A context manager around the evaluation of one branch (or iteration)."""

    def invoke_from_state(self, function: str, payload: bytes) -> Outcome:
        """The outcome of the current state's Lambda task."""

    def observe_client(self, service: str, client: Any) -> None:
        """None; `client` is what states call `service` with, and its calls are to be traced."""


@contextmanager
def installed(events: CloudEvents, endpoint: str, seed: int) -> Iterator[None]:
    """A context in which a fresh, seeded moto answers at `endpoint` and reports to `events`."""
    moto_api_backend.reset()
    mock_random.seed(seed)
    with ExitStack() as stack:
        replace = _replacer(stack)
        stack.enter_context(_executing_state_machines())
        replace(moto_lambda.LambdaFunction, "invoke", _invoke(events))
        for module in (moto_core_utils, moto_states, moto_execution_record):
            replace(module, "datetime", _virtual_datetime(events))
        replace(
            StepFunctionsParserBackend, "start_execution", _named(StepFunctionsParserBackend.start_execution)
        )
        replace(Rule, "send_to_targets", _send_to_targets(events))
        replace(moto_s3_notifications, "send_event", _notify(events))
        replace(moto_sns.Subscription, "publish", _publish(events, moto_sns.Subscription.publish))
        replace(Queue, "add_message", _queue(events, Queue.add_message))
        replace(moto_sns.Topic, "publish", _forgetful(moto_sns.Topic.publish))
        replace(moto_retry, "time", SimpleNamespace(sleep=events.sleep))
        replace(moto_lambda_task, "execute_lambda_function_integration", _lambda_task(events))
        replace(moto_boto_client, "boto3", _CachedClients(events, endpoint))
        replace(moto_execution.ExecutionWorker, "start", _start_execution(events))
        replace(BranchesDecl, "_eval_body", _branches(events, BranchesDecl._eval_body))
        replace(BranchWorker, "start", _run_branch(events))
        replace(
            InlineIterationComponent, "_eval_body", _iterations(events, InlineIterationComponent._eval_body)
        )
        replace(InlineIterationComponent, "_launch_worker", _run_iterations)
        replace(IterationWorker, "_eval_job", _iteration(events, IterationWorker._eval_job))
        replace(WaitFunction, "_wait_interval", _wait(events))
        replace(CommonStateField, "_eval_body", _state(events, CommonStateField._eval_body))
        replace(moto_responses, "method_names_from_class", cache(method_names_from_class))
        replace(AmazonStateLanguageParser, "parse", _parse_once(AmazonStateLanguageParser.parse))
        try:
            yield
        finally:
            moto_api_backend.reset()
            TMP_THREADS.clear()


def _replacer(stack: ExitStack) -> Callable[[Any, str, Any], None]:
    """A function that sets `owner.name` and puts the original back when `stack` is closed."""

    def replace(owner: Any, name: str, value: Any) -> None:
        stack.callback(setattr, owner, name, vars(owner)[name])
        setattr(owner, name, value)

    return replace


def _virtual_datetime(events: CloudEvents) -> SimpleNamespace:
    """Stands for the module `datetime` where moto reads the time: its objects and messages have ours."""

    class VirtualDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.fromtimestamp(events.now(), tz)

    return SimpleNamespace(datetime=VirtualDatetime, timezone=timezone)


@contextmanager
def _executing_state_machines() -> Iterator[None]:
    """A context in which moto interprets state machines instead of only storing them."""
    previous = default_user_config["stepfunctions"]
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    try:
        yield
    finally:
        default_user_config["stepfunctions"] = previous


def _invoke(events: CloudEvents) -> Callable[..., bytes]:
    """The API's way to a function ends in `LambdaFunction.invoke`, with the headers of its caller."""

    def invoke(function: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        payload = body if isinstance(body, bytes) else body.encode()
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse") if request_headers else "Event"
        if kind == "Event":
            request_id = events.function_queued(function.function_name, payload)
            if response_headers is not None:
                response_headers[INVOCATION_HEADER] = request_id
            return b""
        outcome, response_headers[INVOCATION_HEADER] = events.function_called(function.function_name, payload)
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return outcome.body

    return invoke


def matching_functions(event: Mapping[str, Any]) -> list[str]:
    """The functions whose rules on the default event bus match `event`; schedules match nothing."""
    rules = events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()
    return [function for rule in rules if _matches(rule, event) for function in _targets(rule)]


def _matches(rule: Any, event: Mapping[str, Any]) -> bool:
    """Moto lets a rule without a pattern match everything."""
    return bool(
        rule.state == "ENABLED" and rule.event_pattern.dump() and rule.event_pattern.matches_event(event)
    )


def _targets(rule: Any) -> list[str]:
    return [function_of(target["Arn"]) for target in rule.targets]


def _send_to_targets(events: CloudEvents) -> Callable[..., None]:
    """Moto knows no functions as targets of rules."""

    def send_to_targets(rule: Any, event: Mapping[str, Any], transform_input: bool = True) -> None:
        if _matches(rule, event):
            for function in _targets(rule):
                kind, resources = event["detail-type"], event["resources"]
                sent = BusEvent(event["id"], event["source"], kind, resources, event["detail"])
                events.event_matched(function, sent)

    return send_to_targets


def _notify(events: CloudEvents) -> Callable[..., None]:
    """Moto's events of S3 lack who wrote and when, and it hides their failures: take only its filters."""

    def send_event(_account: str, name: str, bucket: Any, key: Any) -> None:
        configuration = bucket.notification_configuration
        for notification in configuration.cloud_function if configuration else ():
            if notification.matches(name, key.name):
                kind, etag = name.removeprefix("s3:"), key.etag.strip('"')
                change = ObjectChange(kind, notification.id, bucket.name, key.name, key.size, etag)
                events.object_changed(function_of(notification.arn), change)

    return send_event


def _publish(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """Moto tells functions neither attributes nor topic, and signs for queues: send what SNS sends."""

    def publish(subscription: Any, message: str, message_id: str, **options: Any) -> None:
        if subscription.protocol not in ("lambda", "sqs"):
            original(subscription, message, message_id, **options)
            return
        attributes = options.get("message_attributes")
        matcher = subscription._filter_policy_matcher
        if matcher is None or matcher.matches(attributes, message):
            topic, subject = subscription.topic.arn, options.get("subject")
            sent = TopicMessage(topic, subscription.arn, message_id, message, subject, attributes or {})
            if subscription.protocol == "sqs":
                queue = subscription.endpoint.rpartition(":")[2]
                sqs_backends[ACCOUNT][REGION].send_message(queue, topic_notification(sent, events.now()))
            else:
                events.message_published(function_of(subscription.endpoint), sent)

    return publish


def _queue(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """Moto invokes the functions of a queue inside SendMessage, with made-up records: let pollers do it."""

    def add_message(queue: Any, message: Any) -> None:
        header = events.trace_header()
        if header:
            value = {"DataType": "String", "StringValue": header}
            message.system_attributes = {"AWSTraceHeader": value, **(message.system_attributes or {})}
        mappings, queue.lambda_event_source_mappings = queue.lambda_event_source_mappings, {}
        try:
            original(queue, message)
        finally:
            queue.lambda_event_source_mappings = mappings
        for arn, mapping in mappings.items():
            events.message_queued(queue.name, function_of(arn), mapping.batch_size)

    return add_message


def take_messages(queue: str, limit: int) -> list[QueueMessage]:
    """The oldest messages of `queue`, which holds them no longer."""
    held = sqs_backends[ACCOUNT][REGION].queues[queue]._messages
    taken, held[:limit] = held[:limit], []
    return [
        QueueMessage(
            id=message.id,
            body=message.body,
            md5=message.body_md5,
            sent=(message.sent_timestamp or 0) / 1000,
            attributes=message.message_attributes,
            trace_header=message.system_attributes.get("AWSTraceHeader", {}).get("StringValue"),
        )
        for message in taken
    ]


def _forgetful(original: Callable[..., str]) -> Callable[..., str]:
    """Moto keeps every message that was ever published: memory must stay flat."""

    def publish(topic: Any, *arguments: Any, **options: Any) -> str:
        message_id = original(topic, *arguments, **options)
        topic.sent_notifications.clear()
        return message_id

    return publish


def _lambda_task(events: CloudEvents) -> Callable[..., None]:
    """A Lambda task goes straight to the Lambda service, with its trace context."""

    def execute(env: Any, parameters: Mapping[str, Any], region: str, state_credentials: Any) -> None:
        function = function_of(parameters["FunctionName"])
        outcome = events.invoke_from_state(function, parameters.get("Payload") or b"{}")
        if outcome.failed:
            raise moto_lambda_task.LambdaFunctionErrorException("Unhandled", outcome.body.decode())
        payload = json.loads(outcome.body)
        env.stack.append({"StatusCode": 200, "Payload": payload, "ExecutedVersion": outcome.version})

    return execute


class _CachedClients:
    """Stands for `boto3` where states make their clients: each client is made once, and observed."""

    def __init__(self, events: CloudEvents, endpoint: str) -> None:
        self._events = events
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, **_: Any) -> Any:
        """The client of `service_name`."""
        if service_name not in self._clients:
            client = local_client(service_name, self._endpoint, access_key=STATE_MACHINES.access_key)
            self._clients[service_name] = client
            self._events.observe_client(service_name, self._clients[service_name])
        return self._clients[service_name]


def _start_execution(events: CloudEvents) -> Callable[[Any], None]:
    """Executions wait for their turn on the agenda instead of running in a thread of their own."""

    def start(worker: Any) -> None:
        details = worker._evaluation_details
        machine_arn, execution_arn = details.state_machine_details.arn, details.execution_details.arn

        def run() -> bool:
            worker._execution_logic()
            TMP_THREADS.clear()
            ended = worker.env.program_state()
            _forget_execution(machine_arn, execution_arn)
            return type(ended).__name__ == "ProgramEnded"

        events.execution_started(PendingExecution(machine_arn, execution_arn, run))

    return start


def _named(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto gives no name to an execution whose caller gave none: Step Functions draws a UUID."""

    def start_execution(
        backend: Any, state_machine_arn: str, name: str | None = None, *arguments: Any, **options: Any
    ) -> Any:
        return original(backend, state_machine_arn, name or str(mock_random.uuid4()), *arguments, **options)

    return start_execution


def _forget_execution(machine_arn: str, execution_arn: str) -> None:
    """None; the history of an execution that ended is dropped."""
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    _, _, _, region, account, *_ = machine_arn.split(":")
    machine = stepfunctions_parser_backends[account][region].describe_state_machine(machine_arn)
    machine.executions[:] = [run for run in machine.executions if run.execution_arn != execution_arn]


def _state(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """The interpreter's step from state to state, seen from outside."""

    def evaluate(state: Any, env: Any) -> None:
        with events.state(state.name):
            original(state, env)

    return evaluate


def _branches(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """The branches of a Parallel state, which moto runs in threads of their own."""

    def evaluate(branches: Any, env: Any) -> None:
        with events.side_by_side(len(branches.programs)):
            original(branches, env)

    return evaluate


def _run_branch(events: CloudEvents) -> Callable[[Any], None]:
    """One branch after the other; X-Ray names them by their number, from 0."""

    def start(worker: Any) -> None:
        pool = worker._branch_worker_comm
        number = pool.branches_begun = getattr(pool, "branches_begun", -1) + 1
        with events.branch(f"Branch {number}"):
            worker._program.eval(worker.env)
        pool.on_terminated(env=worker.env)

    return start


def _iterations(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """The iterations of an inline Map state, of which moto runs `MaxConcurrency` at once, 0 meaning all."""

    def evaluate(component: Any, env: Any) -> None:
        chosen = env.stack[-1]
        with events.side_by_side(chosen.max_concurrency or max(len(chosen.input_items), 1)):
            original(component, env)

    return evaluate


def _run_iterations(component: Any, env: Any, eval_input: Any, job_pool: Any) -> Any:
    """The worker, which has done every iteration that was left."""
    worker = component._create_worker(env=env, eval_input=eval_input, job_pool=job_pool)
    worker.eval()
    return worker


def _iteration(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    def evaluate(worker: Any, env: Any, job: Any) -> None:
        with events.branch(f"Iteration {job.job_index}"):
            original(worker, env, job)

    return evaluate


def _wait(events: CloudEvents) -> Callable[..., None]:
    """Wait states pass in virtual time."""

    def wait_interval(_wait_function: Any, _env: Any = None, **options: Any) -> None:
        events.sleep(max(options["wait_seconds"], 0))

    return wait_interval


def _parse_once(original: Callable[[str], Any]) -> Callable[[str], Any]:
    """Moto parses the definition again for each execution; the parsed program does not change."""
    programs: dict[str, Any] = {}

    def parse(definition: str) -> Any:
        if definition not in programs:
            programs[definition] = original(definition)
        return programs[definition]

    return staticmethod(parse)
