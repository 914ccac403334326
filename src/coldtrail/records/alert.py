"""What a person is told, once for each cause."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.finding import Finding, Subject
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.next_step import NextStep
from coldtrail.records.traits import Quantity, Trait, Traits
from coldtrail.records.verdict import Reason

Severity = Literal["low", "medium", "high", "critical"]


class Technique(Struct, frozen=True, gc=False):
    """A MITRE ATT&CK technique."""

    tactic_id: str
    tactic: str
    technique_id: str
    technique: str


class Evidence(Struct, frozen=True, gc=False):
    """One run, or record, that an alert speaks of."""

    function_flow_id: str
    application_flow_id: str
    """Of its trace; empty where it is not known."""
    record_id: str = ""
    """Of the record to look at where it is no run: a call in the audit log, a request, a minute."""


class Starter(Struct, frozen=True, gc=False):
    """What one principal started of the runs that an alert tells."""

    principal: str
    """Pseudonym; empty for runs that a service of the cloud started, or of which nobody knows who did."""
    severity: Severity
    """Of these runs by themselves."""
    first_seen: float
    last_seen: float
    certain_at: float
    """End of the first of them."""
    count: int
    evidence: tuple[Evidence, ...]
    """The first by start, at most 20."""


class Alert(Struct, frozen=True, gc=False):
    """What is strange for one cause, told once: flows that are strange alone, or a drift over many runs."""

    id: str
    """Stable: the same subject, kind of finding and thing give the same id."""
    kind: str
    """What names the cause: the kind of its finding, or what several of them are together."""
    subject: Subject
    severity: Severity
    title: str
    first_seen: float
    """Start of the first strange run, UTC epoch seconds."""
    last_seen: float
    """Start of the last strange run; of a drift, when it was found."""
    told_at: float
    """Event time at which it was certain: the end of the first strange flow, of what waits for more that of
    the flow that made it certain; when a drift was found."""
    count: int
    """Strange flows that it tells, the shown one among them; of a drift, the runs over which it lasts."""
    finding: Finding
    """What names the cause, as values: of what is told together, that of the strangest flow."""
    reasons: tuple[Reason, ...]
    """Of the run to look at first, largest contribution first."""
    evidence: tuple[Evidence, ...]
    """The first runs by start, at most 100."""
    look_at: Evidence
    """The run to look at first: the strangest, or one that shows the drift."""
    technique: Technique | None
    rationale: str
    """Why the technique fits, one sentence; empty where none does."""
    next_steps: tuple[NextStep, ...]
    p_value: float
    """The chance that a usual run is as strange; of a drift, that it begins by chance at any run."""
    score: float | None = None
    """Of the strangest flow; None of a drift, none of whose runs need be strange alone."""
    threshold: float | None = None
    """Above which a flow alarms; None of a drift."""
    detectors: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    """What the alert holds beyond the shown flow, a line each: causes told together, and how often."""
    flow: Flow | None = None
    """The run to look at first; None where it was not kept."""
    starters: tuple[Starter, ...] = ()
    """Who started its runs, by when they began, where that is what is strange; at most 8."""

    @property
    def is_drift(self) -> bool:
        """Whether it tells of many runs, none of which need be strange alone."""
        return self.score is None

    @property
    def is_signal(self) -> bool:
        """Whether it lies in no run at all: a rate, a caller, a change, stolen credentials."""
        return isinstance(self.finding.seen, Quantity | Trait | Traits)

    @property
    def key(self) -> FunctionKey:
        """The function; of trouble of several, that of the run to look at first, where it is known."""
        if self.flow is not None:
            return self.flow.key
        told = self.subject
        return FunctionKey(told.account, told.region, told.application_name, told.function_name)
