"""The Lambda Runtime API: what a real runtime client asks for work and gives results to.

Each instance has its own base address, `host:port/<instance>`. Protocol: AWS Lambda developer guide, "Using
the Lambda runtime API".
"""

from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event

from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.errors import TestbedError

_ACCEPTED = HttpResponse(202, b'{"status":"OK"}', {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Invocation:
    """What a runtime client receives for one invocation."""

    request_id: str
    trace_header: str
    payload: bytes
    deadline: float
    function_arn: str
    client_context: str | None = None

    def headers(self) -> dict[str, str]:
        """The response headers of `invocation/next`."""
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Trace-Id": self.trace_header,
            "Lambda-Runtime-Deadline-Ms": str(int(self.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
        }
        if self.client_context:
            headers["Lambda-Runtime-Client-Context"] = self.client_context
        return headers


@dataclass(frozen=True)
class Outcome:
    """What a runtime client answered: the handler's result, or the error that it raised."""

    body: bytes
    failed: bool = False
    cause: str | None = None


@dataclass
class Instance:
    """One process that serves one function, as the Runtime API sees it."""

    id: str
    function: str
    ready: Event = field(default_factory=Event)
    invocations: SimpleQueue[Invocation | None] = field(default_factory=SimpleQueue)
    outcomes: SimpleQueue[Outcome] = field(default_factory=SimpleQueue)
    initialization_error: str | None = None


class RuntimeApi:
    """The instances and their pending work; `answer` is an HTTP handler."""

    def __init__(self) -> None:
        self._instances: dict[str, Instance] = {}

    def register(self, instance: Instance) -> None:
        """None; `instance` may now connect."""
        self._instances[instance.id] = instance

    def forget(self, instance: Instance) -> None:
        """None; a waiting connection of `instance` is closed."""
        self._instances.pop(instance.id, None)
        instance.invocations.put(None)

    def close(self) -> None:
        """None; all waiting connections are closed."""
        for instance in list(self._instances.values()):
            self.forget(instance)

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The response to one call of a runtime client."""
        _, instance_id, _version, _runtime, *action = request.target.split("/")
        instance = self._instances.get(instance_id)
        if instance is None:
            return None
        match action:
            case ["invocation", "next"]:
                return _next(instance)
            case ["invocation", _, "response"]:
                instance.outcomes.put(Outcome(request.body))
            case ["invocation", _, "error"]:
                cause = request.headers.get("lambda-runtime-function-xray-error-cause")
                instance.outcomes.put(Outcome(request.body, failed=True, cause=cause))
            case ["init", "error"]:
                instance.initialization_error = request.body.decode()
                instance.ready.set()
            case _:
                return HttpResponse(404)
        return _ACCEPTED


def run_invocation(instance: Instance, invocation: Invocation, timeout_s: float = 60.0) -> Outcome:
    """The outcome of `invocation` on `instance`; TestbedError when the process does not answer."""
    instance.invocations.put(invocation)
    try:
        return instance.outcomes.get(timeout=timeout_s)
    except Empty:
        message = f"the process of {instance.function} did not answer within {timeout_s:g} s; record again"
        raise TestbedError(message) from None


def _next(instance: Instance) -> HttpResponse | None:
    instance.ready.set()
    invocation = instance.invocations.get()
    return HttpResponse(200, invocation.payload, invocation.headers()) if invocation else None
