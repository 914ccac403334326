"""How late telemetry came: the time from what a record tells of to when it could be read.

Known of log events that say when the log took them in, and of CloudTrail's files, whose names say in which
minute they were delivered (CloudTrail User Guide, "CloudTrail log file name format").
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from math import floor, log10

from msgspec import Struct

from coldtrail.records.telemetry import Document, Observations

_DELIVERED = re.compile(r"_CloudTrail_[a-z0-9-]{1,32}_(\d{8}T\d{4})Z_[A-Za-z0-9]{16}\.json")
_MINUTE_S = 60.0
_FIGURES = 3
"""To which lags are kept: so there are few different ones."""


class Lag(Struct, frozen=True):
    """How late records of one kind came."""

    of: str
    """`audit log`, `reports` or `access log`."""
    records: int
    median_s: float
    most_s: float


class Lags:
    """Gathers it."""

    def __init__(self) -> None:
        self._of: defaultdict[str, Counter[float]] = defaultdict(Counter)

    def take(self, document: Document, told: Observations) -> None:
        """Takes what a document tells, where it is known when it came."""
        came = _arrival(document)
        if came is None:
            return
        self._add("audit log", came, [one.time for one in told.calls])
        self._add("reports", came, [one.time for one in told.reports if one.time is not None])
        self._add("access log", came, [one.time for one in told.accesses])

    def found(self) -> list[Lag]:
        """Each kind of which it is known."""
        return [Lag(of, lags.total(), _median(lags), max(lags)) for of, lags in sorted(self._of.items())]

    def _add(self, of: str, came: float, times: Iterable[float]) -> None:
        for time in times:
            self._of[of][_rounded(max(came - time, 0.0))] += 1


def _arrival(document: Document) -> float | None:
    if document.log is not None and document.log.arrived is not None:
        return document.log.arrived
    named = _DELIVERED.search(document.origin)
    if named is None:
        return None
    try:
        minute = datetime.strptime(named[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    # By the end of the minute at the latest.
    return minute.timestamp() + _MINUTE_S


def _rounded(seconds: float) -> float:
    return round(seconds, _FIGURES - 1 - floor(log10(seconds))) if seconds > 0.0 else 0.0


def _median(lags: Counter[float]) -> float:
    left = lags.total() / 2
    for lag in sorted(lags):
        left -= lags[lag]
        if left <= 0:
            return lag
    return 0.0
