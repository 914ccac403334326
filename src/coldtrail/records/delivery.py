"""What waits in the outbox: one notice for one channel, kept until it is delivered or given up."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.alert import Severity
from coldtrail.records.episode import Event

What = Literal["trigger", "update", "resolve", "digest"]
DeliveryState = Literal["due", "sent", "dead"]


class Message(Struct, frozen=True):
    """What a notifier is given to tell: values and plain text, escaped by the notifier for its place."""

    what: What
    dedup_key: str
    """The same for all that is told of one episode of an alert."""
    alert_id: str
    case_id: str | None
    severity: Severity
    title: str
    lines: tuple[str, ...]
    """What happened, why it is strange, what to do next: a sentence each."""
    function: str
    application: str
    account: str
    region: str
    at: float
    """Event time, UTC epoch seconds."""
    first_seen: float
    count: int
    link: str = ""
    """Of the alert in the service's own page; empty where no address is set."""
    alert: bytes = b""
    """The alert's line, as `score --alerts` writes it; empty in a digest."""
    finding: bytes = b""
    """The alert as an OCSF finding, as `score --ocsf` writes it; only for channels that tell that."""
    event: Event | None = None
    """Why it is told; None in a digest."""


class Delivery(Struct, frozen=True):
    """One message on its way to one channel."""

    id: str
    """Of channel, alert, episode, event and step: what is put in twice is there once."""
    channel: str
    """Name of the `[[notify]]` table."""
    message: Message
    state: DeliveryState = "due"
    attempts: int = 0
    next_at: float = 0.0
    """By the wall clock, UTC epoch seconds."""
    last_error: str = ""
    made_at: float = 0.0
    sent_at: float | None = None
