"""What moto's insides tell the local cloud, passed on with the trace context of the call in progress."""

import json
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Any

from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.event_bodies import (
    BusEvent,
    ObjectChange,
    Request,
    TopicMessage,
    object_event,
    topic_event,
)
from coldtrail_testbed.cloud.event_bus import EventBus
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identities import ROLE_HEADER
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.queues import QueuePollers
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.state_machines import PendingExecution, StateCall, StateMachineService
from coldtrail_testbed.cloud.tracing import TraceContext

_SERVICE_NAMES = {"dynamodb": "DynamoDB", "sqs": "SQS", "sns": "SNS"}
_RESOURCES = {"TableName": "table_name", "QueueUrl": "queue_url", "TopicArn": "topic_arn"}


class ServiceEvents:
    """The `CloudEvents` of a local cloud."""

    def __init__(
        self,
        foundation: Foundation,
        lambdas: LambdaService,
        machines: StateMachineService,
        endpoint: AwsEndpoint,
        bus: EventBus,
        pollers: QueuePollers,
    ) -> None:
        self._base = foundation
        self._lambdas = lambdas
        self._machines = machines
        self._endpoint = endpoint
        self._bus = bus
        self._pollers = pollers

    def sleep(self, seconds: float) -> None:
        """None; virtual time passes."""
        self._base.clock.advance(seconds)

    def now(self) -> float:
        """The virtual time."""
        return self._base.clock.now()

    def function_queued(self, function: str, payload: bytes) -> str:
        """The request id of an asynchronous invocation, queued in the caller's trace."""
        client = self._endpoint.requester
        return self._lambdas.invoke_later(function, payload, self._context(), "lambda", client)

    def message_published(self, function: str, message: TopicMessage) -> None:
        """None; the function gets the message, in the publisher's trace or in a new one."""
        event = topic_event(message, self._base.clock.now())
        self._lambdas.invoke_later(function, json.dumps(event).encode(), self._context(), "sns")

    def trace_header(self) -> str | None:
        """The trace header of the request in progress, if it has one."""
        caller = self._endpoint.caller
        return caller.header() if caller else None

    def message_queued(self, queue: str, function: str, batch_size: int) -> None:
        """None; the function's pollers will find the message."""
        self._pollers.message_queued(queue, function, batch_size)

    def event_matched(self, function: str, event: BusEvent) -> None:
        """None; the function gets the event, in the sender's trace or in a new one."""
        self._bus.deliver(function, event, self._endpoint.caller)

    def object_changed(self, function: str, change: ObjectChange) -> None:
        """None; the function is told about the object, in the writer's trace or in a new one."""
        event = object_event(change, self._request(), self._base.clock.now())
        self._lambdas.invoke_later(function, json.dumps(event).encode(), self._context(), "s3")

    def function_called(self, function: str, payload: bytes) -> tuple[Outcome, str]:
        """The outcome and the request id of a synchronous invocation, once it has come back."""
        client = self._endpoint.requester
        outcome, request_id = self._lambdas.invoke(function, payload, self._context(), client=client)
        self._base.clock.advance(self._base.latency.gateway_step())
        return outcome, request_id

    def execution_started(self, execution: PendingExecution) -> None:
        """None; the execution is on the agenda, in the caller's trace."""
        self._machines.start(self._context(), execution)

    def state(self, name: str) -> AbstractContextManager[None]:
        """A context manager around the evaluation of one state."""
        return self._machines.state(name)

    def side_by_side(self, lanes: int) -> AbstractContextManager[None]:
        """A context manager around branches of which `lanes` run at once."""
        return self._machines.side_by_side(lanes)

    def branch(self, name: str) -> AbstractContextManager[None]:
        """A context manager around one branch."""
        return self._machines.branch(name)

    def invoke_from_state(self, function: str, payload: bytes) -> Outcome:
        """The outcome of the current state's Lambda task."""
        return self._machines.invoke_function(function, payload)

    def observe_client(self, service: str, client: Any) -> None:
        """None; each call of `client` becomes a subsegment of the current state."""
        observer = _ClientObserver(self._machines, _SERVICE_NAMES.get(service, service))
        client.meta.events.register("provide-client-params", observer.name_resource)
        client.meta.events.register("before-call", observer.begin)
        client.meta.events.register("after-call", observer.end)

    def _request(self) -> Request:
        requester, identifiers = self._endpoint.requester, self._base.identifiers
        kind, session = ("AIDA", "") if requester.kind == "user" else ("AROA", f":{requester.name}")
        unique = sha256(requester.name.encode()).hexdigest()[:16].upper()
        return Request(
            principal=f"AWS:{kind}{unique}{session}",
            address=requester.address,
            id=identifiers.storage_request(),
            extended_id=identifiers.extended(),
        )

    def _context(self) -> TraceContext:
        caller = self._endpoint.caller
        return caller or TraceContext(self._base.identifiers.trace(self._base.clock.now()))


class _ClientObserver:
    """Turns the events of one botocore client into calls of the current state."""

    def __init__(self, machines: StateMachineService, service: str) -> None:
        self._machines = machines
        self._service = service
        self._resource: dict[str, str] = {}
        self._call: StateCall | None = None

    def name_resource(self, params: dict[str, Any], **_: Any) -> None:
        """None; keeps what the call is about."""
        self._resource = {key: params[name] for name, key in _RESOURCES.items() if name in params}

    def begin(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """None; the call starts, and carries its trace header."""
        self._call = self._machines.begin_call(self._service, model.name, self._resource)
        params["headers"]["X-Amzn-Trace-Id"] = self._call.context.header()
        params["headers"][ROLE_HEADER] = self._machines.role

    def end(self, http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        """None; the call is over."""
        if self._call:
            answer = {"request_id": parsed["ResponseMetadata"].get("RequestId", "")}
            if "MessageId" in parsed:
                answer["message_id"] = parsed["MessageId"]
            self._machines.end_call(self._call, answer, http_response.status_code)
