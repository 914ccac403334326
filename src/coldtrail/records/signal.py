"""What was found beside the steps of single runs: a finding, how strong it is, and what to open to see it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.records.finding import Finding

RefKind = Literal["flow", "trace", "event", "request", "minute"]
"""`event`: a record of the audit log; `request`: an invocation by its request id; `minute`: a window, by its
start."""


class Ref(Struct, frozen=True, gc=False):
    """Something to open."""

    kind: RefKind
    id: str


class Signal(Struct, frozen=True, kw_only=True):
    """A finding with its weight. Its id is that of what is strange, not of when or how much: a later signal
    with the same finding key and subject says the same again."""

    detector: str
    """The name of the member of the family that found it: `rates`, `credentials`."""
    finding: Finding
    strength: float
    """Minus the decimal logarithm of the chance, calibrated on benign telemetry, that a benign hour of this
    subject holds something as strange."""
    since: float
    """When what is strange began, UTC epoch seconds."""
    at: float
    """Event time at which it was certain."""
    refs: tuple[Ref, ...] = ()
    """What to open, the first to look at first; at most 20."""
    count: int = 1
    """Records that it tells of."""
    alone: bool = False
    """Whether it is an alert by itself; what is not waits in a case for others."""
    functions: tuple[tuple[str, str, str, str], ...] = ()
    """Keys of all functions that it touches, beside its subject: those that share a stolen role."""
    principals: tuple[str, ...] = ()
    """Pseudonyms of who is behind it: cases of one principal join."""
    credentials: tuple[str, ...] = ()
    """Pseudonyms of the access keys behind it: cases of one key join."""
    version: str | None = None
    """Of the function: a change and what the version then does are one case."""
    indicators: tuple[tuple[str, str], ...] = ()
    """Pairs of a kind (`operation`, `network`, `country`, `user_agent`, `target`) and a value, as GuardDuty's
    sequence indicators: what an analyst looks for elsewhere."""
