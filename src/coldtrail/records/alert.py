"""What a person is told, once for each cause."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Reason, Verdict

Severity = Literal["low", "medium", "high", "critical"]


class Technique(Struct, frozen=True, gc=False):
    """A MITRE ATT&CK technique."""

    tactic_id: str
    tactic: str
    technique_id: str
    technique: str


class Alert(Struct, frozen=True, gc=False):
    """Anomalous flows of one function for one cause, told once."""

    alert_id: str
    """Stable: the same function and cause give the same id."""
    title: str
    severity: Severity
    application_name: str
    function_name: str
    account: str
    """Empty where the telemetry does not tell, as is the region."""
    region: str
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

    @property
    def key(self) -> FunctionKey:
        """The function; of trouble of several functions, the one that is shown."""
        return FunctionKey(self.account, self.region, self.application_name, self.function_name)
