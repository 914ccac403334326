"""The records that all stages share: frozen, plain, and with their units stated.

`Document` (raw telemetry) → `Fragment` and `Link` (what one document says) → `Flow` (one invocation of a
function) → `Verdict` → `Alert`. Times are UTC epoch seconds, durations are seconds.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

VerdictKind = Literal["anomalous", "normal", "not_ready"]
Severity = Literal["low", "medium", "high", "critical"]

NOBODY = "nobody on record"
"""What triggered or called a run whose record says that nothing did: a timer, an upload, a direct call."""


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


class Event(Struct, frozen=True, gc=False):
    """One step of a function's run: the eleven properties of Lavi et al. 2024, section 5.1, and success."""

    application_name: str
    application_flow_id: str
    function_name: str
    function_flow_id: str
    event_id: str
    start_time: float
    end_time: float
    event_name: str
    event_type: str
    event_parent_id: str | None = None
    event_parent_name: str | None = None
    event_target_resource: str | None = None
    error: bool = False


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


class Flow(Struct, frozen=True, gc=False):
    """One invocation of a function: its events, depth first by start time."""

    application_name: str
    application_flow_id: str
    function_name: str
    function_flow_id: str
    start_time: float
    end_time: float
    events: tuple[Event, ...]
    depths: tuple[int, ...]
    """One per event: 1 for an event without a parent (section 5.2.2)."""
    self_times: tuple[float, ...]
    """One per event: its duration less that of its children, in seconds, never negative."""
    own_time: float
    """The part of the invocation that no event accounts for, in seconds."""
    cold_start: bool = False
    error: bool = False
    complete: bool = True
    """False where the cloud's record was still open: what is missing at its end proves nothing."""
    trigger: str | None = None
    """What started the run: `AWS::SNS BookingTopic`, `AWS::StepFunctions::StateMachine ProcessBooking`."""
    caller: str | None = None
    """The nearest upstream function, state machine or API, by name."""
    version: str | None = None
    account: str | None = None
    region: str | None = None
    upstream_lost: bool = False
    """True where the telemetry names a parent that it does not hold: who called is then not known."""


class Reason(Struct, frozen=True, gc=False):
    """One piece of evidence of a verdict, in the words of the function's own history."""

    kind: str
    """`order`, `omission`, `count`, `new_resource`, `new_action`, `new_event`, `duration` or `trigger`."""
    event_id: str | None
    event_name: str
    target: str | None
    expected: str
    seen: str
    contribution: float
    """How much of the score this evidence accounts for."""
    odds: float | None = None
    """One in so many of the function's runs is this strange in this respect, as far as its history tells:
    never more than one past the runs learned. None where it tells nothing."""
    runs: int = 0
    """Runs of the function that were learned."""
    near: str | None = None
    """A known resource of the same type whose name the target, never met before, nearly equals."""
    elsewhere: bool = False
    """True for a new resource that other functions are known to touch."""


class Verdict(Struct, frozen=True, gc=False):
    """What Coldtrail says of one function flow; one line of the verdict file."""

    function_flow_id: str
    application_flow_id: str
    application_name: str
    function_name: str
    start_time: float
    verdict: VerdictKind
    score: float
    threshold: float
    p_value: float
    detectors: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


class ProfileStep(Struct, frozen=True, gc=False):
    """One step of a usual run."""

    event_name: str
    event_type: str
    target: str | None
    depth: int
    offset: float
    """Median start after the first event, in seconds."""
    duration: float
    """Median duration, in seconds."""
    duration_p95: float


class ProfileRun(Struct, frozen=True, gc=False):
    """One of the ways in which a function usually runs."""

    share: float
    """Of the function's learned flows, 0 to 1."""
    flows: int
    steps: tuple[ProfileStep, ...]


class Profile(Struct, frozen=True, gc=False):
    """How a function normally runs, for people to look at."""

    application_name: str
    function_name: str
    flows: int
    """Flows learned."""
    cold_share: float
    error_share: float
    duration: float
    """Median duration of the run, in seconds."""
    duration_p95: float
    triggers: tuple[tuple[str, float], ...]
    """Each trigger with its share of the flows, most frequent first."""
    runs: tuple[ProfileRun, ...]
    """The most frequent runs, most frequent first (at most three)."""


class Technique(Struct, frozen=True, gc=False):
    """A MITRE ATT&CK technique."""

    tactic_id: str
    tactic: str
    technique_id: str
    technique: str


class Shift(Struct, frozen=True, gc=False):
    """A change of a function over many runs, none of which need be strange alone."""

    application_name: str
    function_name: str
    measure: str
    """`duration`, `own_time`, `calls`, `errors`, `paths`, `drips`, `callers` or `rate`; or what has stopped:
    `silence`, `no_failures` or `no_step`."""
    since: float
    """Start of the first run that may belong to it."""
    found: float
    """Start of the run that made it certain."""
    runs: int
    """Runs from the one to the other; of what has stopped, all that went without it, for a silence those of
    the rest of the application."""
    before: float
    """What was usual: seconds, steps a run, a share of the runs, or runs an hour; for a silence the seconds
    from run to run."""
    after: float
    what: str
    """Of callers: the one that has become frequent; of a step that has stopped, which."""
    false_every: float
    """One shift of a function is told by chance in so many runs."""
    look_at: str
    """Id of the flow to look at first."""
    trace: str
    """Id of its trace."""
    flow_ids: tuple[str, ...]
    """The first flows that show it, at most 100; of what has stopped, some of the last from before."""


class Alert(Struct, frozen=True, gc=False):
    """Anomalous flows of one function for one cause, told once."""

    alert_id: str
    """Stable: the same application, function and cause give the same id."""
    title: str
    severity: Severity
    application_name: str
    function_name: str
    account: str | None
    region: str | None
    first_seen: float
    last_seen: float
    count: int
    """Anomalous flows told by this alert, the shown one among them."""
    verdict: Verdict
    """Of the strangest flow."""
    flow: Flow
    """The strangest flow."""
    flow_ids: tuple[str, ...]
    """The first flows by start, at most 100."""
    technique: Technique | None
    next_steps: tuple[str, ...]
    details: tuple[str, ...] = ()
    """What the alert holds beyond the shown flow, a line each: causes told together, and how often."""
    cause: Reason | None = None
    """The reason that names the cause, of the strangest flow."""
