"""What truly happened in a run, once: every format of telemetry is written from these facts and the traces.

Times are UTC epoch seconds of the virtual clock, durations seconds, sizes bytes unless named otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

CallerKind = Literal["function", "user", "service"]
Status = Literal["success", "error", "timeout"]


@dataclass(frozen=True)
class Caller:
    """Who makes a call: a function's role session, a user, or a service.

    `name` is the function's name, the user's name or the service principal; `address` the source address or
    the service principal, as CloudTrail's `sourceIPAddress`.
    """

    kind: CallerKind
    name: str
    address: str
    user_agent: str
    access_key: str = ""


@dataclass(frozen=True)
class FunctionRun:
    """One run of a function; `flow_id` is the id of its `AWS::Lambda::Function` segment.

    `start` and `end` are those of its Invocation (the handler's turn); `duration_s` is what the runtime
    reports (`end - start`), `init_s` the Initialization of a cold start. `trigger` is the service that woke
    it (`apigateway`, `states`, `sns`, `s3`, `sqs`, `events`, `lambda` for a direct call). `client` is set for
    a direct call: who made it.
    """

    flow_id: str
    trace_id: str
    request_id: str
    function: str
    version: str
    memory_mb: int
    log_stream: str
    trigger: str
    start: float
    end: float
    init_s: float | None
    status: Status
    error_type: str | None
    memory_used_mb: int
    cpu_s: float
    received_bytes: int
    sent_bytes: int
    tmp_used_bytes: int
    client: Caller | None = None

    @property
    def duration_s(self) -> float:
        """Seconds between start and end."""
        return self.end - self.start


@dataclass(frozen=True)
class Call:
    """One call of an AWS API; `event_id` is the X-Ray subsegment that made it, when it was traced.

    `operation` is the API's name of it (`PutItem`, `PutObject`, `Invoke`), `service` the name of its
    signature (`dynamodb`, `s3`, `states`). `parameters` hold resource names and keys only, never values.
    """

    time: float
    service: str
    operation: str
    caller: Caller
    request_id: str
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    trace_id: str | None = None
    event_id: str | None = None
    error_code: str | None = None
    attack: str | None = None


@dataclass(frozen=True)
class GatewayRequest:
    """One request to a REST API; `flow_id` of the function that served it is found by `trace_id`."""

    time: float
    api: str
    method: str
    route: str
    path: str
    status: int
    latency_s: float
    integration_latency_s: float
    address: str
    user_agent: str
    request_id: str
    extended_request_id: str
    response_bytes: int
    trace_id: str
    function: str | None


@dataclass
class Facts:
    """The facts of a part of a run, each kind in the order in which it ended."""

    runs: list[FunctionRun] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    requests: list[GatewayRequest] = field(default_factory=list)

    def take(self) -> "Facts":
        """The facts so far, removed from here."""
        taken = Facts(self.runs, self.calls, self.requests)
        self.runs, self.calls, self.requests = [], [], []
        return taken
