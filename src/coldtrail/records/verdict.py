"""What Coldtrail says of one function flow, and why."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.finding import Finding
from coldtrail.records.identity import FunctionKey

VerdictKind = Literal["anomalous", "normal", "not_ready"]


class Reason(Struct, frozen=True, gc=False):
    """One piece of evidence of a verdict, and the event to look at first."""

    finding: Finding
    event_id: str | None = None
    event_name: str = ""
    """The function's name where there is no event to look at."""
    target: str | None = None
    contribution: float = 0.0
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
    counterpart: str | None = None
    """A known place of the same type whose name the target, never met before, bears but for the region or one
    more word, as `orders` for `orders-dr`."""

    @property
    def kind(self) -> str:
        """The kind of the finding."""
        return self.finding.kind


class Verdict(Struct, frozen=True, gc=False):
    """What Coldtrail says of one function flow; one line of the verdict file."""

    function_flow_id: str
    application_flow_id: str
    account: str
    region: str
    application_name: str
    function_name: str
    start_time: float
    verdict: VerdictKind
    score: float
    threshold: float
    p_value: float
    detectors: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def key(self) -> FunctionKey:
        """The function."""
        return FunctionKey(self.account, self.region, self.application_name, self.function_name)
