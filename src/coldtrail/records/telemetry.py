"""What sources fetch, and the observations that parsers find in it.

An observation keeps the keys by which several witnesses of one invocation find each other, and raw names, cut
to a bound: what is random in a name is masked later, when a flow is put together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from coldtrail.records.flow import Event
from coldtrail.records.trace_link import TraceLink

SEVERAL = "\n"
"""Parts the resources of a step that is about several."""


class Document(Struct, frozen=True, gc=False):
    """One unparsed piece of telemetry and where it was found."""

    payload: bytes
    origin: str
    """The file (or other source) it came from."""
    place: str = ""
    """Where in the origin: `line 12`, `element 3`, or empty for the whole."""


class Position(Struct, frozen=True, gc=False):
    """Where a source resumes: after so many documents of one origin."""

    origin: str
    documents: int


class Span(Struct, frozen=True, gc=False, array_like=True):
    """What one document says of one invocation, or of steps below one; a flow's spans are merged later."""

    trace_id: str
    span_id: str | None
    """Id of the invocation, or of a part of a trace that may be some run's own work; None for steps that came
    apart from theirs."""
    parent_id: str | None = None
    """Id of the `Link`, or of the step of another invocation, that invoked it; where the steps came apart, of
    the invocation or the step that they belong below."""
    function_name: str = ""
    """Empty where the steps came apart, and of a part."""
    application_name: str | None = None
    """None where the settings have to say which application the function is part of."""
    steps: tuple[Event, ...] = ()
    """With raw names; a resource may be an ARN, a URL or several, parted by `SEVERAL`."""
    start_time: float | None = None
    """Start of the invocation, where the document states it apart from the steps."""
    end_time: float | None = None
    request_id: str | None = None
    account: str | None = None
    region: str | None = None
    version: str | None = None
    trigger: str | None = None
    caller: str | None = None
    error: bool = False
    cold_start: bool = False
    in_progress: bool = False
    """True while the cloud has not yet closed the record: a later document may complete it."""
    witnesses: tuple[str, ...] = ()
    """The formats that told of it, in alphabetical order."""
    other_name: str | None = None
    """What the document calls the function besides, where it names it in two ways."""
    is_named_by_service: bool = False
    """Whether the name is that of a service, as any program may give itself one, and not of a function."""


Role = Literal["hop", "invocation", "service", "source"]
"""What a link does on the way up from a function. A `hop` only leads on; an `invocation` is the platform's
own record of it, which leads on too; a `service` (a queue, a topic) triggers what is below it, for whoever
called it; a `source` (an API, a state machine) is itself who calls."""


class Link(Struct, frozen=True, gc=False, array_like=True):
    """A part of a trace that is no step of a function, but that may lead to one: who triggered whom."""

    trace_id: str
    link_id: str
    parent_id: str | None
    role: Role
    kind: str
    """What it is, in the cloud's words: `AWS::ApiGateway::Stage`, `AWS::SNS`."""
    name: str
    """The resource: a stage, a topic, a state machine, a function; raw."""
    start_time: float | None = None
    """None, as the end is, where the record says no more than that of the call."""
    end_time: float | None = None
    failed: bool = False
    """Of an invocation, or an attempt at one, whether its function did not run (throttled, refused); of
    anything else whether its record says that it failed."""
    request_id: str | None = None
    """This and what follows: of the function that is invoked."""
    account: str | None = None
    region: str | None = None
    version: str | None = None


class ApiCall(Struct, frozen=True, gc=False):
    """One call of a cloud API as the cloud's audit log tells it (CloudTrail)."""

    event_id: str
    """Calls are told at least once: the same account and id are the same call."""
    time: float
    account: str
    region: str
    service: str
    operation: str
    target: str | None = None
    error_code: str | None = None
    request_id: str | None = None
    """Equals the request id of the step that made the call, or of the invocation that it began."""
    extended_request_id: str | None = None
    access_key: str | None = None
    """Pseudonym of the access key id: the same for all that one set of credentials did."""
    principal: str | None = None
    """Pseudonym of who called."""
    principal_kind: str | None = None
    """`AssumedRole`, `AWSService`, `IAMUser`."""
    role: str | None = None
    session: str | None = None
    """Name of the role's session: of a function's credentials, by default the function."""
    credentials_of: str | None = None
    """ARN of the function, with its version, that the credentials were issued to, where the record says."""
    issued: float | None = None
    """When the credentials were issued."""
    invoked_by: str | None = None
    """The cloud's own service that called on somebody's behalf."""
    source_ip: str | None = None
    """Pseudonym of the caller's address."""
    user_agent: str | None = None
    vpc_endpoint: str | None = None
    read_only: bool | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None


class Report(Struct, frozen=True, gc=False):
    """What the platform itself reports of an invocation, or of an instance that starts (Lambda's log)."""

    time: float
    request_id: str | None
    """None for what belongs to an instance and not to one invocation."""
    function_name: str
    account: str | None = None
    region: str | None = None
    version: str | None = None
    instance: str | None = None
    """The log stream or the instance id."""
    trace_id: str | None = None
    span_id: str | None = None
    status: str | None = None
    """`success`, `error`, `failure` or `timeout`."""
    error_type: str | None = None
    duration_s: float | None = None
    billed_s: float | None = None
    init_s: float | None = None
    restore_s: float | None = None
    cpu_s: float | None = None
    memory_mb: float | None = None
    memory_used_mb: float | None = None
    rx_bytes: float | None = None
    tx_bytes: float | None = None
    tmp_used_bytes: float | None = None
    extensions: tuple[str, ...] = ()
    """Extensions that registered themselves."""


class Access(Struct, frozen=True, gc=False):
    """One request as the gateway in front of a function logs it (API Gateway, load balancer)."""

    time: float
    request_id: str
    function_request_id: str | None = None
    """Request id of the invocation that the gateway made."""
    trace_id: str | None = None
    account: str | None = None
    region: str | None = None
    gateway: str = ""
    """The API and its stage, or the load balancer."""
    route: str | None = None
    method: str | None = None
    status: int | None = None
    principal: str | None = None
    """Pseudonym of who was let in."""
    source_ip: str | None = None
    """Pseudonym of the caller's address."""
    user_agent: str | None = None
    latency_s: float | None = None
    response_bytes: int | None = None
    error: str | None = None


class Network(Struct, frozen=True, gc=False):
    """Traffic of a network interface (VPC flow log), or a name that was asked for (resolver log)."""

    start_time: float
    end_time: float
    account: str | None = None
    region: str | None = None
    vpc: str | None = None
    interface: str | None = None
    """Functions of one subnet and the same security groups share it."""
    outgoing: bool | None = None
    remote: str | None = None
    """Address at the other end, or its service's name where the log says that."""
    port: int | None = None
    protocol: int | None = None
    packets: int | None = None
    bytes: int | None = None
    accepted: bool | None = None
    domain: str | None = None
    """The name that was asked for."""
    answers: tuple[str, ...] = ()
    response_code: str | None = None


class Change(Struct, frozen=True, gc=False):
    """A change of a function, its configuration or who may call it, from the cloud's audit log."""

    event_id: str
    time: float
    account: str
    region: str
    function_name: str
    operation: str
    """Without the date of the API: `UpdateFunctionCode`."""
    version: str | None = None
    alias: str | None = None
    code_sha256: str | None = None
    revision: str | None = None
    role: str | None = None
    runtime: str | None = None
    layers: tuple[str, ...] = ()
    grantee: str | None = None
    """Who was allowed to call, for a change of permissions."""
    request_id: str | None = None
    access_key: str | None = None
    """Pseudonym."""
    principal: str | None = None
    """Pseudonym of who made the change."""
    error_code: str | None = None


class Metric(Struct, frozen=True, gc=False):
    """What the cloud counted of one function over a period, sampled or not; None for what it does not say."""

    start_time: float
    period_s: float
    function_name: str
    application_name: str | None = None
    """None where the settings have to say which application the function is part of."""
    account: str | None = None
    region: str | None = None
    version: str | None = None
    trigger: str | None = None
    invocations: float | None = None
    errors: float | None = None
    throttles: float | None = None
    duration_s_median: float | None = None
    duration_s_max: float | None = None
    memory_mb_max: float | None = None
    cpu_s: float | None = None
    rx_bytes: float | None = None
    tx_bytes: float | None = None


class Observations(Struct, frozen=True):
    """All that one document says."""

    spans: list[Span] = []
    links: list[Link] = []
    calls: tuple[ApiCall, ...] = ()
    reports: tuple[Report, ...] = ()
    accesses: tuple[Access, ...] = ()
    networks: tuple[Network, ...] = ()
    changes: tuple[Change, ...] = ()
    metrics: tuple[Metric, ...] = ()
    trace_links: tuple[TraceLink, ...] = ()
    problems: list[str] = []
    """Losses inside an otherwise usable document, one sentence each."""
    more_problems: int = 0
    """Losses beyond those that `problems` names."""
    origin: str = ""
    """Of the document, as the place."""
    place: str = ""


Parser = Callable[[Document], Observations]
"""Gives all that a document holds; raises `DocumentError`, and nothing else."""
