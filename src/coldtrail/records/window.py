"""How much a function ran within a minute, and how."""

from __future__ import annotations

from typing import Literal

from coldtrail.records.identity import OfFunction

Source = Literal["metrics", "reports", "samples", "flows"]
"""Who counted: the cloud all invocations, the platform's reports those whose log was kept, records of a
sample those that each of them stands for, or traces, of which there may be a sample only."""


class Window(OfFunction, frozen=True, kw_only=True):
    """One function over one period; None stands for what its source does not tell."""

    start_time: float
    """UTC epoch seconds, a whole minute."""
    period_s: float = 60.0
    source: Source
    invocations: float
    """Estimated from the share that is traced, where that is known."""
    errors: float | None = None
    """Estimated likewise."""
    throttles: float | None = None
    duration_s_sum: float | None = None
    duration_s_median: float | None = None
    duration_s_max: float | None = None
    memory_mb_max: float | None = None
    cpu_s: float | None = None
    rx_bytes: float | None = None
    tx_bytes: float | None = None
    traced: int = 0
    """Runs that traces tell of."""
    sampling_rate: float | None = None
    """The share of the function's invocations that traces tell of, as far as others count them too; what
    comes from flows is divided by it. None where it is not known: flows may then be a sample."""
    trigger: str | None = None
    """What started most of them, as metrics or else flows tell it."""
    callers: tuple[tuple[str, int], ...] = ()
    """Who called by name, each with the traced runs that it called, by name; of very many only some."""
