"""The review list: what is rare or novel in what was learned.

What is held back leads, the rarest of each kind first: it alarms until somebody calls it benign. What is rare
but explained follows, since whoever plans for it can make an attack look explained.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from coldtrail.bundle.history import History
from coldtrail.learning.holding import Holding, Judged
from coldtrail.records.finding import FindingKey

MOST_IDS = 200
_FIRST = ("trigger", "new_action", "new_event")


class ReviewEntry(Struct, frozen=True, kw_only=True):
    """Something rare in what was learned, and an example to look at."""

    cause: FindingKey
    what: str
    held: bool
    """It is held back until a person calls it benign, and alarms until then."""
    why: str
    """What explains it, as a short clause; empty where nothing does."""
    runs: int
    """That show it."""
    of_runs: int
    """Of the function."""
    first: float
    """Start of the first of them, UTC epoch seconds."""
    last: float
    function_flow_id: str
    """Of the first of them."""
    application_flow_id: str
    flow_ids: list[str]
    """Of all that are kept, at most 200, by start."""


def review(history: History, holding: Holding) -> list[ReviewEntry]:
    """What is rare in a history: what is held back first, then what nothing explains."""
    found = [_entry(history, one) for one in holding.judged]
    return sorted(found, key=_suspicion)


def _suspicion(one: ReviewEntry) -> tuple[bool, bool, bool, float, FindingKey]:
    """Sorts the most suspicious first."""
    return not one.held, bool(one.why), one.cause.kind not in _FIRST, one.runs / one.of_runs, one.cause


def _entry(history: History, one: Judged) -> ReviewEntry:
    rows = one.rows
    start = history.flows.start[rows]
    trace, flow = history.names[rows[int(np.argmin(start))]]
    return ReviewEntry(
        cause=one.cause,
        what=one.what,
        held=one.held,
        why=one.why,
        runs=max(round(one.runs), 1),
        of_runs=round(one.of_runs),
        first=float(start.min()),
        last=float(start.max()),
        function_flow_id=flow,
        application_flow_id=trace,
        flow_ids=[history.names[row][1] for row in rows[np.argsort(start)][:MOST_IDS].tolist()],
    )
