"""What is told of invocations beside their traces: by the audit log, the platform, gateways and the network.

Each record keeps the keys by which it is joined to what others tell of the same invocation. What names a
person, an address or a key is a pseudonym of it.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.change import Change as Change
from coldtrail.records.flow import InvocationType


class ApiCall(Struct, frozen=True, gc=False, array_like=True):
    """One call of a cloud API as the cloud's audit log tells it (CloudTrail)."""

    event_id: str
    """Calls are told at least once: the same account, id and digest are the same call."""
    time: float
    account: str
    """The account that the call was recorded for."""
    region: str
    service: str
    operation: str
    """Without the date of the API: `Invoke`, `UpdateFunctionCode`."""
    digest: str = ""
    """Of the whole record, whatever of it is kept: the same for copies alone."""
    shared_id: str | None = None
    """The same in what several accounts were told of one call."""
    target: str | None = None
    target_account: str | None = None
    """Whose the target is, where the record says."""
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
    principal_account: str | None = None
    role: str | None = None
    """ARN of the role whose session called."""
    session: str | None = None
    """Pseudonym of the name of the role's session."""
    session_function: str | None = None
    """The session's name, where the call comes from inside a function: by default the function's name."""
    credentials_of: str | None = None
    """ARN of the function, with its version, that the credentials were issued to, where the record says."""
    issued: float | None = None
    """When the credentials were issued."""
    invoked_by: str | None = None
    """The cloud's own service that called on somebody's behalf: `states.amazonaws.com`."""
    source_ip: str | None = None
    """Pseudonym of the caller's address; None where a service of the cloud called."""
    source_service: str | None = None
    """The service of the cloud that called, where the record has it in the place of an address."""
    user_agent: str | None = None
    """The family of the caller's program: `Boto3`, `aws-cli`, a service of the cloud, or `other`."""
    environment: str | None = None
    """Where the program says that it runs: `AWS_Lambda_python3.11`. Callers can claim what they like."""
    vpc_endpoint: str | None = None
    vpc_endpoint_account: str | None = None
    read_only: bool | None = None
    data_event: bool = False
    """Whether it is about what a resource holds or does (an object, an item, an invocation)."""
    console: bool = False
    """Whether the credentials are those of a session of the console."""
    presigned: bool = False
    """Whether a link that was signed beforehand was used."""
    bytes_in: int | None = None
    bytes_out: int | None = None
    function_version: str | None = None
    """Of the function that an `Invoke` ran."""
    interface: str | None = None
    """The network interface of that function."""
    issued_key: str | None = None
    """Pseudonym of the access key id that the call gave out (`AssumeRole`)."""
    issued_role: str | None = None
    """ARN of the role whose credentials it gave out."""
    issued_until: float | None = None
    dry_run: bool = False
    """Of an `Invoke`, whether it only asked if the function might be invoked."""
    invocation_type: InvocationType | None = None
    """Of an `Invoke`, where its record says."""
    source_network: str | None = None
    """Pseudonym of the network that the caller's address is of: its /24, or of version 6 its /48."""
    source_country: str | None = None
    """Of the caller's address, by its two letters, where the settings name a file of countries."""


ReportKind = Literal[
    "start",
    "report",
    "runtime done",
    "init start",
    "init",
    "restore start",
    "restore",
    "extension",
    "summary",
    "shutdown",
    "insights",
]
"""What a report is about: an invocation's start, its end (`report`: one an invocation), its code's end,
an instance's start and end, an extension, the serving of many requests, what Lambda Insights measured."""


class Report(Struct, frozen=True, gc=False, array_like=True):
    """What the platform itself reports of an invocation, or of an instance that starts (Lambda's log)."""

    time: float | None
    """None where a line bears no time."""
    request_id: str | None
    """None for what belongs to an instance and not to one invocation."""
    function_name: str
    """Empty where neither the line nor the log that it stood in names it."""
    kind: ReportKind = "report"
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
    produced_bytes: float | None = None
    """Size of the response."""
    cold_start: bool | None = None
    requests: int | None = None
    """How many a summary is about."""


class Access(Struct, frozen=True, gc=False, array_like=True):
    """One request as the gateway in front of a function logs it (API Gateway, load balancer)."""

    time: float
    request_id: str | None
    """None where the log's format leaves it out."""
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
    """The family of the caller's program."""
    latency_s: float | None = None
    request_bytes: int | None = None
    response_bytes: int | None = None
    error: str | None = None
    """Type of the gateway's own failure."""
    source_network: str | None = None
    """Pseudonym of the network that the caller's address is of, and its country, as those of a call."""
    source_country: str | None = None


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
    """Pseudonym of the address at the other end; of names that were asked for, None."""
    remote_place: str | None = None
    """What kind of address that is: `private`, `public`, or the cloud's service that it belongs to (`S3`)."""
    port: int | None = None
    """At the other end."""
    own_port: int | None = None
    function: str | None = None
    """ARN of what the interface serves, where the log says."""
    protocol: int | None = None
    packets: int | None = None
    bytes: int | None = None
    accepted: bool | None = None
    domain: str | None = None
    """The name that was asked for."""
    answers: tuple[str, ...] = ()
    response_code: str | None = None
    blocked: bool | None = None
    """Whether a firewall of names refused it."""


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
    sample: str | None = None
    """Id of the record of a sample that says for how many invocations it stands; those of a period add up,
    each once."""


Witness = ApiCall | Report | Access
"""What is joined to the flow of the invocation that it tells of."""
