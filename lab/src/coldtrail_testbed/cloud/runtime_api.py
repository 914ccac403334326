"""The Lambda Runtime API: what a real runtime client asks for work and gives results to.

Each instance has its own base address, `host:port/<instance>`. Protocol: AWS Lambda developer guide, "Using
the Lambda runtime API".
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event

from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse

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
    """What a caller gets: the handler's result, or the error that ended the run, and the version that ran."""

    body: bytes
    failed: bool = False
    cause: str | None = None
    version: str = "$LATEST"

    @property
    def error_type(self) -> str | None:
        """The type of the error, None when there was none."""
        return str(json.loads(self.body).get("errorType", "")) if self.failed else None


class ProcessEndedError(Exception):
    """The process of an instance went away before it answered."""


class ProcessHungError(Exception):
    """The process of an instance neither answered nor made a call for too long in real time."""


@dataclass
class Instance:
    """One process that serves one function, as the Runtime API sees it."""

    id: str
    function: str
    ready: Event = field(default_factory=Event)
    invocations: SimpleQueue[Invocation | None] = field(default_factory=SimpleQueue)
    outcomes: SimpleQueue[Outcome | None] = field(default_factory=SimpleQueue)
    initialization_error: Outcome | None = None

    @property
    def is_ready(self) -> bool:
        """Whether its handler was initialized, and it asked for work."""
        return self.ready.is_set() and self.initialization_error is None


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

    def hung_up(self, last: HttpRequest) -> None:
        """None; the invocation that was handed out over a connection that has closed will not be answered."""
        _, instance_id, *_, action = last.target.split("/")
        instance = self._instances.get(instance_id)
        if instance and action == "next":
            instance.outcomes.put(None)

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
                instance.initialization_error = Outcome(request.body, failed=True)
                instance.ready.set()
            case _:
                return HttpResponse(404)
        return _ACCEPTED


def run_invocation(
    instance: Instance,
    invocation: Invocation,
    *,
    patience_s: float = 20.0,
    progress: Callable[[], int] = lambda: 0,
) -> Outcome:
    """The outcome of `invocation` on `instance`; raises ProcessEndedError or ProcessHungError.

    A process hangs when `progress()` has not changed for `patience_s` real seconds.
    """
    seen = progress()
    instance.invocations.put(invocation)
    while True:
        try:
            outcome = instance.outcomes.get(timeout=patience_s)
        except Empty:
            if progress() == seen:
                raise ProcessHungError(instance.function) from None
            seen = progress()
            continue
        if outcome is None:
            raise ProcessEndedError(instance.function)
        return outcome


def _next(instance: Instance) -> HttpResponse | None:
    instance.ready.set()
    invocation = instance.invocations.get()
    return HttpResponse(200, invocation.payload, invocation.headers()) if invocation else None
