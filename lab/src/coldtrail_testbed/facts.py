"""What truly happened in a run, once: every format of telemetry is written from these facts and the traces.

Times are UTC epoch seconds of the virtual clock, durations seconds, sizes bytes unless named otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CallerKind = Literal["function", "user", "service", "session", "foreign", "anyone"]
HOME_REGION = "us-east-1"
Status = Literal["success", "error", "timeout"]


@dataclass(frozen=True)
class Caller:
    """Who makes a call: a function's role session, a user, a service, a session of another role, a principal
    of a foreign account, or anyone (a request that nobody signed).

    `name` is the function's name, the user's name, the service principal or the session's name; `address` the
    source address or the service principal, as CloudTrail's `sourceIPAddress`. `role` is a session's, `since`
    the time at which a person's session began, `account` a foreign principal's. `console` is set for
    what somebody does in the console, `mfa` where a second factor was asked for.
    """

    kind: CallerKind
    name: str
    address: str
    user_agent: str
    access_key: str = ""
    role: str = ""
    since: float | None = None
    mfa: bool = False
    console: bool = False
    account: str = ""


@dataclass(frozen=True)
class FunctionRun:
    """One run of a function; `flow_id` is the id of its `AWS::Lambda::Function` segment.

    `start` and `end` are those of its Invocation (the handler's turn); `duration_s` is what the runtime
    reports (`end - start`), `init_s` the Initialization of a cold start. `trigger` is the service that woke
    it (`apigateway`, `states`, `sns`, `s3`, `sqs`, `events`, `lambda` for a direct call). `client` is set for
    a direct call: who made it. `extensions` are the external ones of a version, `region` is where it ran.
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
    extensions: tuple[str, ...] = ()
    region: str = HOME_REGION

    @property
    def duration_s(self) -> float:
        """Seconds between start and end."""
        return self.end - self.start


@dataclass(frozen=True)
class Call:
    """One call of an AWS API; `event_id` is the X-Ray subsegment that made it, when it was traced.

    `operation` is the API's name of it (`PutItem`, `PutObject`, `Invoke`), `service` the name of its
    signature (`dynamodb`, `s3`, `states`). `parameters` hold resource names and keys only, never values, and
    `response` what CloudTrail repeats of the answer to a change. Bytes are those of the bodies.
    """

    time: float
    service: str
    operation: str
    caller: Caller
    request_id: str
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    trace_id: str | None = None
    event_id: str | None = None
    error_code: str | None = None
    attack: str | None = None
    response: Mapping[str, Any] | None = None
    received_bytes: int = 0
    sent_bytes: int = 0
    region: str = HOME_REGION


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
