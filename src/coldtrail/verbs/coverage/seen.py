"""What flows show of one function: who tells of it, who calls it, and what only some of them tell."""

from __future__ import annotations

from collections import Counter
from math import inf

from coldtrail.features.fitness import is_outside, is_traced
from coldtrail.formats.services import DATABASES
from coldtrail.records.flow import NOBODY, Event, Flow

UNKNOWN = "unknown"
"""Stands for a caller whose record is missing."""
REPORTS = frozenset(("lambda-report", "lambda-insights"))
OPENTELEMETRY = frozenset(("otlp", "aws-spans"))
MOST_NAMES = 1_000
"""Callers, and calls, that are told apart for each function; those beyond count as `OTHERS`."""
OTHERS = "others"
_NO_CALLS = frozenset(("lifecycle", "function"))
_OUTSIDE_S = 0.01
"""A step that lies further outside its run is out of place: less may be the rounding of times. Those of the
platform are none: an instance starts before its first run."""


class Seen:
    """Counts the flows of one function."""

    def __init__(self) -> None:
        self.flows = self.traced = self.counted = self.open = self.callers_lost = self.reported = 0
        """All, those that traces tell of, those that are each an invocation, and of all or the traced ones
        those of a kind."""
        self.calls = self.abroad = self.misplaced = self.contradicted = 0
        """Steps that call something, those that call a host or a database, those outside their run, and
        flows whose documents contradict each other."""
        self.first, self.last = inf, -inf
        """The first start and the last end."""
        self.formats: Counter[str] = Counter()
        self.callers: Counter[str] = Counter()
        self.unseen: Counter[str] = Counter()

    def add(self, flow: Flow) -> None:
        """Counts a flow."""
        traced = is_traced(flow)
        self.flows += 1
        self.first, self.last = min(self.first, flow.start_time), max(self.last, flow.end_time)
        self.traced += traced
        outside = is_outside(flow)
        self.counted += not outside and (traced or flow.request_id is not None)
        self.open += traced and not flow.complete and not outside
        self.reported += not REPORTS.isdisjoint(flow.witnesses)
        self.contradicted += bool(flow.contradictions)
        self.formats.update(flow.witnesses)
        caller = _caller(flow)
        if not outside:
            self.callers_lost += caller is None
            _count(self.callers, UNKNOWN if caller is None else caller)
        for call in flow.facts.unseen if flow.facts else ():
            _count(self.unseen, f"{call.operation} of {call.service}")
        if traced:
            for event in flow.events:
                self._add_step(event, flow)

    def _add_step(self, event: Event, flow: Flow) -> None:
        is_call = event.event_type not in _NO_CALLS
        self.calls += is_call
        self.abroad += is_call and (event.event_type == "remote" or event.event_type in DATABASES)
        self.misplaced += event.event_type != "lifecycle" and (
            event.start_time < flow.start_time - _OUTSIDE_S or event.end_time > flow.end_time + _OUTSIDE_S
        )


def _caller(flow: Flow) -> str | None:
    """Who called, by name; what other witnesses know counts where the trace does not tell. None where nobody
    knows."""
    if flow.caller:
        return flow.caller
    facts = flow.facts
    told = facts and (facts.gateway or facts.invoked_by or facts.principal_kind)
    return told or (None if flow.upstream_lost else flow.trigger or NOBODY)


def _count(names: Counter[str], name: str) -> None:
    names[name if name in names or len(names) < MOST_NAMES else OTHERS] += 1
