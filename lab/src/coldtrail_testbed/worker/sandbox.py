"""What an invocation finds in its process: its own randomness, its own time and deadline, a clean trace.

Randomness and compute are drawn from generators that the invocation's trace header seeds: they depend on the
seed of the run alone, not on what a process happened to serve before. A process whose virtual time passes its
deadline ends at once, as Lambda freezes it: what its handler would have done later never happens.
"""

import json
import os
import random
import time
from collections.abc import Callable
from http.client import HTTPConnection
from math import inf
from typing import Any, SupportsFloat

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.recorder import AWSXRayRecorder
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_exception import FaultException

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.worker.computing import spend_by

Handler = Callable[[Any, Any], Any]

_BEFORE_CALL_MS = (0.5, 0.5)
_AFTER_CALL_MS = (0.12, 0.4)


class Sandbox:
    """The hooks of one worker process, installed once, right after the fork."""

    def __init__(self, clock: VirtualClock, computed: VirtualClock, instance: str) -> None:
        self._clock = clock
        self._computed = computed
        self._deadline = inf
        self._entropy = random.Random(instance)  # noqa: S311 - repeatable on purpose
        self._compute = random.Random(instance)  # noqa: S311

    def install(self) -> None:
        """None; the runtime client, the X-Ray SDK and the sources of randomness are hooked."""
        os.urandom = self._urandom
        vars(random)["_urandom"] = self._urandom
        vars(time)["sleep"] = self._sleep
        spend_by(self.compute)
        self._hook_handlers()
        self._hook_subsegments()

    def belong_to(self, instance: str) -> None:
        """None; until its first invocation, this process draws what `instance` draws."""
        self._entropy.seed(instance)
        self._compute.seed(instance)

    def begin(self, trace_header: str, deadline: float) -> None:
        """None; what follows belongs to the invocation that carries `trace_header`, until `deadline`."""
        self._deadline = deadline
        self._entropy.seed(trace_header)
        self._compute.seed(f"compute {trace_header}")
        random.seed(f"handler {trace_header}")
        # The SDK keeps the segment of the last invocation when a retry carries the same trace id.
        xray_recorder.clear_trace_entities()

    def compute(self, seconds: float) -> None:
        """None; the handler has computed for so long, or until its deadline."""
        self._computed.advance(min(seconds, max(0.0, self._deadline - self._clock.now())))
        self._sleep(seconds)

    def _urandom(self, size: int, /) -> bytes:
        return self._entropy.randbytes(size)

    def _hook_handlers(self) -> None:
        find = bootstrap._get_handler

        def get_handler(name: str) -> Handler:
            try:
                handler: Handler = find(name)
            except Exception as error:
                _report_initialization_error(error, name)
                raise

            def handle(event: Any, context: Any) -> Any:
                deadline = int(context._epoch_deadline_time_in_ms) / 1000
                self.begin(os.environ.get("_X_AMZN_TRACE_ID", ""), deadline)
                return handler(event, context)

            return handle

        bootstrap._get_handler = get_handler

    def _hook_subsegments(self) -> None:
        begin, end = AWSXRayRecorder.begin_subsegment, AWSXRayRecorder.end_subsegment

        def begin_subsegment(recorder: Any, *arguments: Any, **options: Any) -> Any:
            self._spend(_BEFORE_CALL_MS)
            return begin(recorder, *arguments, **options)

        def end_subsegment(recorder: Any, *arguments: Any, **options: Any) -> Any:
            self._spend(_AFTER_CALL_MS)
            return end(recorder, *arguments, **options)

        AWSXRayRecorder.begin_subsegment = begin_subsegment
        AWSXRayRecorder.end_subsegment = end_subsegment

    def _spend(self, spread: tuple[float, float]) -> None:
        median_ms, sigma = spread
        self.compute(median_ms / 1000 * self._compute.lognormvariate(0, sigma))

    def _sleep(self, seconds: SupportsFloat) -> None:
        until = self._clock.now() + float(seconds)
        if until >= self._deadline:
            self._clock.set(max(self._deadline, self._clock.now()))
            os._exit(0)
        self._clock.set(until)


def _report_initialization_error(error: Exception, handler: str) -> None:
    """None; the Runtime API knows: the runtime client cannot tell one whose address has a path."""
    address, _, instance = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    connection = HTTPConnection(address, timeout=10)
    body = json.dumps(_initialization_error(error, handler)).encode()
    connection.request("POST", f"/{instance}/2018-06-01/runtime/init/error", body)
    connection.getresponse().close()
    connection.close()


def _initialization_error(error: Exception, handler: str) -> dict[str, Any]:
    """What the runtime client reports, but with the module's name as on an instance, without its packages."""
    module = handler.rpartition(".")[0]
    own = os.environ.get("TESTBED_HANDLER", handler).split(".")[-2:][0]
    message = str(getattr(error, "msg", error)).replace(module, own)
    kind = error.exception_type if isinstance(error, FaultException) else type(error).__name__
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []}
