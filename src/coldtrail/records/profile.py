"""How a function normally runs, for people to look at."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.records.identity import OfFunction


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


class Profile(OfFunction, frozen=True, gc=False):
    """How a function normally runs, for people to look at."""

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
