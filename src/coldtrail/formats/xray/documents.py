"""The fields of X-Ray documents that may enter: everything else stays in the decoder.

Source: AWS X-Ray developer guide, "AWS X-Ray segment documents".
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from msgspec import Meta, Raw, Struct, field

MAX_ID_CHARS = 256
MAX_TIME = 4_102_444_800.0
"""2100-01-01; a later time is a mistake (often milliseconds)."""

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
Time = Annotated[float, Meta(gt=0, lt=MAX_TIME)]
TraceId = Annotated[str, Meta(max_length=MAX_ID_CHARS)]
NO_RAW = Raw()
NO_TRACE = ""
"""For a document without its trace around it: its segments name the trace."""


class Call(Struct, gc=False):
    """The part of a step's `aws` block that says what was called."""

    # Decoding is faster where keys stand in the order in which documents have them.
    operation: str | None = None
    request_id: str | None = None
    table_name: str | None = None
    bucket_name: str | None = None
    topic_arn: str | None = None
    queue_url: str | None = None
    resource_names: Raw = NO_RAW
    """A list; decoded only where nothing else names the resource."""
    function_name: str | None = None
    function_arn: str | None = None
    table_names: list[str] | None = None
    stream_name: str | None = None
    state_machine_arn: str | None = None
    secret_id: str | None = None
    event_bus_name: str | None = None
    key_id: str | None = None
    resource_arn: str | None = None
    invocation_type: str | None = None


class Aws(Call, gc=False):
    """The `aws` block of a segment, which also says where a function lives."""

    account_id: str | int | float | None = None
    """As the version, also a number in some documents."""
    region: str | None = None
    function_version: str | int | float | None = None
    sampled: bool | int | float | str | None = field(default=None, name="trace.flag.sampled")
    """0 where all but a few steps of the trace were left out: a partial trace that only shows an anomaly."""


class LinkAttributes(Struct, gc=False):
    """What a link leads to, in X-Ray's reserved words; attributes of the user's own stay outside."""

    reference_type: str | None = field(default=None, name="aws.xray.reserved.reference_type")
    kind: str | None = field(default=None, name="aws.xray.reserved.type")
    names: list[str] | None = field(default=None, name="aws.xray.reserved.names")


class OtherTrace(Struct, gc=False):
    """A link of a segment or subsegment to another trace: one that left a message for it, or took up its.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-tracelinking.html
    """

    trace_id: Id | None = None
    id: Id | None = None
    attributes: LinkAttributes | None = None


class Subsegment(Struct, gc=False):
    """One step inside a segment."""

    id: Id
    name: str
    start_time: Time
    end_time: Time | None = None
    namespace: str | None = None
    aws: Call | None = None
    http: Raw = NO_RAW
    """Decoded only where the method or the status is needed."""
    subsegments: list[Subsegment] | None = None
    error: bool | None = None
    fault: bool | None = None
    throttle: bool | None = None
    in_progress: bool | None = None
    sql: Raw = NO_RAW
    """Of a call of a database; decoded where its target is needed."""
    links: list[OtherTrace] | None = None


class Segment(Struct, gc=False):
    """One document of a trace: a service's part of it, or (with `type`) a subsegment sent on its own."""

    id: Id
    name: str
    start_time: Time | None = None
    trace_id: Id | None = None
    end_time: Time | None = None
    parent_id: Id | None = None
    origin: str | None = None
    type: str | None = None
    namespace: str | None = None
    aws: Aws | None = None
    http: Raw = NO_RAW
    subsegments: list[Subsegment] | None = None
    error: bool | None = None
    fault: bool | None = None
    throttle: bool | None = None
    in_progress: bool | None = None
    inferred: bool | None = None
    resource_arn: str | None = None
    sql: Raw = NO_RAW
    links: list[OtherTrace] | None = None


class Holder(Struct, gc=False):
    """An element of a trace's `Segments`."""

    Document: str | Segment


class Trace(Struct, gc=False):
    """A trace as `BatchGetTraces` gives it."""

    Segments: list[Holder]
    Id: TraceId | None = None
    LimitExceeded: bool | None = None
    """Whether X-Ray left segments out, since the trace is larger than it keeps."""


class Told(NamedTuple):
    """What a document tells of a trace."""

    trace_id: str
    segments: list[Segment]
    is_cut: bool = False
    """Whether parts of the trace are known to be missing."""


class Request(Struct, gc=False):
    """Of an HTTP request, its method, and its address for the sake of the host."""

    method: str | None = None
    url: str | None = None


class Response(Struct, gc=False):
    """Of an HTTP response, its status alone."""

    status: int | None = None


class Http(Struct, gc=False):
    """Of an `http` block, method, address and status."""

    request: Request | None = None
    response: Response | None = None
