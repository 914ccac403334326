"""What moto's insides tell the local cloud."""

from typing import Any, Protocol

from coldtrail_testbed.cloud.event_bodies import BusEvent, ObjectChange, TopicMessage
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
