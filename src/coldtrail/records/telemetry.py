"""What sources fetch, and the observations that parsers find in it.

An observation keeps the keys by which several witnesses of one invocation find each other, and raw names, cut
to a bound: what is random in a name is masked later, when a flow is put together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from coldtrail.records.flow import Event, InvocationType
from coldtrail.records.trace_link import TraceLink
from coldtrail.records.witnesses import Access, ApiCall, Change, Metric, Network, Report, Witness

SEVERAL = "\n"
"""Parts the resources of a step that is about several."""


class LogPlace(Struct, frozen=True, gc=False):
    """Where a document stood in a log service; empty for what is not known."""

    group: str = ""
    """`/aws/lambda/ConfirmBooking`"""
    stream: str = ""
    account: str = ""
    time: float | None = None
    """When it was written, by the clock of whoever sent it."""
    arrived: float | None = None
    """When the service took it in."""


class Document(Struct, frozen=True, gc=False):
    """One unparsed piece of telemetry and where it was found."""

    payload: bytes
    origin: str
    """The file (or other source) it came from."""
    place: str = ""
    """Where in the origin: `line 12`, `element 3`, or empty for the whole."""
    log: LogPlace | None = None
    """Where it stood in a log service, if it came from one."""


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
    """What the document calls the function besides, where it names it in two ways; of a part its name."""
    is_named_by_service: bool = False
    """Whether the name is that of a service, as any program may give itself one, and not of a function."""
    is_outside: bool = False
    """Whether it is no invocation, but a call that the function's code made outside any."""
    names_owner: bool = False
    """Of a part, or of steps that came apart, whether `other_name` tells whose work it is."""
    invocation_type: InvocationType | None = None
    """None where the record does not say."""


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
    invocation_type: InvocationType | None = None
    url: str | None = None
    """The first label of the function URL by which it was asked for."""


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
    cut: tuple[str, ...] = ()
    """Ids of traces that are known to lack parts."""
    requests: list[str] = []
    """Ids of steps that called the cloud's services, each with the id of its request behind it."""
    problems: list[str] = []
    """Losses inside an otherwise usable document, one sentence each."""
    more_problems: int = 0
    """Losses beyond those that `problems` names."""
    origin: str = ""
    """Of the document, as the place."""
    place: str = ""

    @property
    def witnesses(self) -> list[Witness]:
        """What is to be joined to flows."""
        return [*self.reports, *self.calls, *self.accesses]


Parser = Callable[[Document], Observations]
"""Gives all that a document holds; raises `DocumentError`, and nothing else."""
