"""What sources fetch and what parsers find in it."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.records.flow import Event


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


class Fragment(Struct, frozen=True, gc=False):
    """What one document says of one function flow; the fragments of a flow are merged by `flows`."""

    application_name: str
    application_flow_id: str
    function_name: str
    function_flow_id: str
    events: tuple[Event, ...] = ()
    start_time: float | None = None
    """Start of the invocation, where the document states it apart from the events."""
    end_time: float | None = None
    parent_id: str | None = None
    """Id of the `Link` (or event of another flow) that invoked this flow."""
    error: bool = False
    cold_start: bool = False
    in_progress: bool = False
    """True while the cloud has not yet closed the record: a later document may complete it."""
    trigger: str | None = None
    caller: str | None = None
    version: str | None = None
    account: str | None = None
    region: str | None = None


class Link(Struct, frozen=True, gc=False):
    """A part of a trace that is no step of a function, but that may lead to one: who triggered whom."""

    application_flow_id: str
    link_id: str
    parent_id: str | None
    kind: str
    """What it is, in the cloud's words: `AWS::ApiGateway::Stage`, `AWS::SNS`, `AWS::Lambda`, `subsegment`."""
    name: str
    """The resource: a stage, a topic, a state machine, a function."""
    failed: bool = False
    """True where an `AWS::Lambda` record says that the function did not run (throttled, refused, failed)."""


class Parsed(Struct, frozen=True):
    """All that one document holds."""

    fragments: list[Fragment] = []
    links: list[Link] = []
    problems: list[str] = []
    """Losses inside an otherwise usable document, one sentence each."""
    pieces: list[Fragment] = []
    """Events that came apart from their flow: `parent_id` is the id of the flow or event they belong below;
    their function, its flow and the application are empty until that is found."""
    more_problems: int = 0
    """Losses beyond those that `problems` names."""
