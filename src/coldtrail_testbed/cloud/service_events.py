"""What moto's insides tell the local cloud, passed on with the trace context of the call in progress."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.aws_endpoint import AwsEndpoint
from coldtrail_testbed.cloud.identifiers import Identifiers
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.cloud.runtime_api import Outcome
from coldtrail_testbed.cloud.state_machines import StateMachineService
from coldtrail_testbed.cloud.tracing import TraceContext

_SERVICE_NAMES = {"dynamodb": "DynamoDB", "sqs": "SQS", "sns": "SNS"}
_RESOURCES = {"TableName": "table_name", "QueueUrl": "queue_url", "TopicArn": "topic_arn"}


class ServiceEvents:
    """The `CloudEvents` of a local cloud."""

    def __init__(
        self,
        clock: VirtualClock,
        lambdas: LambdaService,
        machines: StateMachineService,
        endpoint: AwsEndpoint,
        identifiers: Identifiers,
    ) -> None:
        self._clock = clock
        self._lambdas = lambdas
        self._machines = machines
        self._endpoint = endpoint
        self._identifiers = identifiers

    def sleep(self, seconds: float) -> None:
        """None; virtual time passes."""
        self._clock.advance(seconds)

    def function_triggered(self, function: str, payload: bytes) -> None:
        """None; an asynchronous invocation is queued in the caller's trace."""
        self._lambdas.invoke_later(function, payload, self._context())

    def execution_started(self, machine_arn: str, execution_arn: str, run: Callable[[], bool]) -> None:
        """None; the execution is on the agenda, in the caller's trace."""
        self._machines.start(self._context(), machine_arn, execution_arn, run)

    def state(self, name: str) -> AbstractContextManager[None]:
        """A context manager around the evaluation of one state."""
        return self._machines.state(name)

    def invoke_from_state(self, function: str, payload: bytes) -> Outcome:
        """The outcome of the current state's Lambda task."""
        return self._machines.invoke_function(function, payload)

    def observe_client(self, service: str, client: Any) -> None:
        """None; each call of `client` becomes a subsegment of the current state."""
        calls: list[tuple[str, float, dict[str, Any]]] = []

        def before(params: dict[str, Any], model: Any, **_: Any) -> None:
            identifier, context = self._machines.call_context()
            params["headers"]["X-Amzn-Trace-Id"] = context.header()
            calls.append((identifier, self._clock.now(), {"operation": model.name}))

        def after(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
            identifier, start, call = calls.pop()
            request_id = parsed["ResponseMetadata"].get("RequestId", "")
            call |= {"service": _SERVICE_NAMES.get(service, service), "request_id": request_id}
            call["resource"] = resources.pop()
            self._machines.service_called(identifier, call, start, http_response.status_code)

        resources: list[dict[str, Any]] = []

        def name_resource(params: dict[str, Any], **_: Any) -> None:
            resources.append({key: params[name] for name, key in _RESOURCES.items() if name in params})

        client.meta.events.register("provide-client-params", name_resource)
        client.meta.events.register("before-call", before)
        client.meta.events.register("after-call", after)

    def _context(self) -> TraceContext:
        return self._endpoint.caller or TraceContext(self._identifiers.trace(self._clock.now()))
