"""One invocation of a function, step by step."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.contradiction import Contradiction
from coldtrail.records.facts import Facts
from coldtrail.records.identity import FunctionKey

InvocationType = Literal["synchronous", "asynchronous"]
"""Whether who started a run waits for its answer, or only for the word that the event was accepted. What a
poller takes off a queue or a stream is started synchronously.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, `InvocationType`.
"""
SYNCHRONOUS: InvocationType = "synchronous"
ASYNCHRONOUS: InvocationType = "asynchronous"
NOBODY = "nobody on record"
"""What triggered or called a run whose record says that nothing did: a timer, an upload, a direct call."""


class Event(Struct, frozen=True, gc=False):
    """One step of a function's run: what Lavi et al. 2024, section 5.1, tell of each event, and its success.

    Of their eleven properties, the four that all events of a run share stand in its `Flow`.
    """

    event_id: str
    start_time: float
    end_time: float
    event_name: str
    event_type: str
    event_parent_id: str | None = None
    event_parent_name: str | None = None
    event_target_resource: str | None = None
    error: bool = False
    witness: str = ""
    """The format that told of it, where several told of the run."""


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
    """False where the record was open, or parts of its trace are missing: what it lacks proves nothing."""
    trigger: str | None = None
    """What started the run: `AWS::SNS BookingTopic`, `AWS::StepFunctions::StateMachine ProcessBooking`."""
    caller: str | None = None
    """The nearest upstream function, state machine or API, by name."""
    version: str | None = None
    account: str | None = None
    region: str | None = None
    request_id: str | None = None
    """The platform's id of the invocation, by which other witnesses know it."""
    upstream_lost: bool = False
    """True where the telemetry names a parent that it does not hold: who called is then not known."""
    witnesses: tuple[str, ...] = ()
    """The formats that told of it, in alphabetical order."""
    contradictions: tuple[Contradiction, ...] = ()
    """What its documents say that cannot all be true; the events are those of all of them."""
    facts: Facts | None = None
    """What other witnesses than traces add; None where none does."""
    invocation_type: InvocationType | None = None
    """None where no record tells."""

    @property
    def key(self) -> FunctionKey:
        """The function."""
        return FunctionKey._make(
            (self.account or "", self.region or "", self.application_name, self.function_name)
        )
