"""What a report says of the scoring as a whole."""

from __future__ import annotations

from msgspec import Struct


class ReportSummary(Struct, frozen=True):
    """The scoring run that a report tells of."""

    generated_from: tuple[float, float] | None
    """First and last start of the scored flows, UTC epoch seconds; None without flows."""
    bundle: str
    """The path or name of the bundle."""
    flows: int
    """Flows scored."""
    verdicts: tuple[tuple[str, int], ...]
    """Each verdict with its count."""
    functions: int
    threshold: float | None
    """The score from which a flow alarms, where one holds for all functions."""
    budget: float
    """The share of benign flows that may alarm."""
    losses: tuple[str, ...] = ()
    """What was not seen or not read, one sentence each."""
