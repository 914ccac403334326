"""Flows by function, counted as they pass, and the first of them one by one."""

from __future__ import annotations

from collections import Counter

from coldtrail.features.fitness import is_outside, is_traced
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.identity import FunctionKey, OfFunction

MOST_FLOWS = 10_000
"""Invocations listed one by one."""


class SeenFlow(OfFunction, frozen=True):
    """One function invocation."""

    function_flow_id: str
    application_flow_id: str
    start_time: float
    duration: float
    events: tuple[str, ...]
    """Names of the events, depth first, a dot for each level below the first."""
    cold_start: bool
    error: bool
    complete: bool
    trigger: str | None
    caller: str | None
    version: str | None
    witnesses: tuple[str, ...] = ()
    """The formats that tell of it."""
    traced: bool = True
    """Whether a trace is among them."""
    outside: bool = False
    """Whether it is a call outside any invocation."""


class SeenFunction(OfFunction, frozen=True):
    """All invocations of a function."""

    flows: int
    events: int
    cold_starts: int
    errors: int
    first_start: float
    last_start: float
    triggers: tuple[str, ...]
    versions: tuple[str, ...]


class Census:
    """Counts flows as they pass."""

    def __init__(self) -> None:
        self.flows = self.events = self.incomplete = self.rootless = self.outside = 0
        self.first, self.last = float("inf"), float("-inf")
        self.traces: set[str] = set()
        self.seconds: Counter[int] = Counter()
        self.functions: dict[FunctionKey, list[Counter[str]]] = {}
        self.spans: dict[FunctionKey, tuple[float, float]] = {}
        self.listed: list[SeenFlow] = []

    def add(self, flow: Flow) -> None:
        """Takes a flow."""
        self.flows += 1
        self.events += len(flow.events)
        traced = is_traced(flow)
        outside = is_outside(flow)
        self.outside += outside
        self.incomplete += traced and not flow.complete and not outside
        self.rootless += flow.upstream_lost and not outside
        self.first, self.last = min(self.first, flow.start_time), max(self.last, flow.start_time)
        if traced and flow.application_flow_id not in self.traces:
            self.traces.add(flow.application_flow_id)
            self.seconds[int(flow.start_time)] += 1
        self._add_function(flow)
        if len(self.listed) < MOST_FLOWS:
            self.listed.append(_seen(flow))

    def _add_function(self, flow: Flow) -> None:
        key = flow.key
        numbers, triggers, versions = self.functions.setdefault(key, [Counter(), Counter(), Counter()])
        numbers["flows"] += 1
        numbers["events"] += len(flow.events)
        numbers["cold"] += flow.cold_start
        numbers["errors"] += flow.error
        triggers[flow.trigger or ("unknown" if flow.upstream_lost else NOBODY)] += 1
        versions[flow.version or "unknown"] += 1
        first, last = self.spans.get(key, (flow.start_time, flow.start_time))
        self.spans[key] = min(first, flow.start_time), max(last, flow.start_time)

    def table(self) -> list[SeenFunction]:
        """Each function."""
        return [self._row(key) for key in sorted(self.functions)]

    def _row(self, key: FunctionKey) -> SeenFunction:
        numbers, triggers, versions = self.functions[key]
        return SeenFunction(
            *key,
            numbers["flows"],
            numbers["events"],
            numbers["cold"],
            numbers["errors"],
            *self.spans[key],
            tuple(name for name, _ in triggers.most_common(5)),
            tuple(name for name, _ in versions.most_common(5)),
        )


def _seen(flow: Flow) -> SeenFlow:
    return SeenFlow(
        *flow.key,
        flow.function_flow_id,
        flow.application_flow_id,
        flow.start_time,
        flow.end_time - flow.start_time,
        tuple("." * (d - 1) + e.event_name for e, d in zip(flow.events, flow.depths, strict=True)),
        flow.cold_start,
        flow.error,
        flow.complete,
        flow.trigger,
        flow.caller,
        flow.version,
        flow.witnesses,
        is_traced(flow),
        is_outside(flow),
    )


def sampling(census: Census) -> str:
    """What the pace of traces says of sampling."""
    busiest = max(census.seconds.values(), default=0)
    if not busiest:
        return "No trace of a function is here."
    if busiest <= 1:
        return "No second holds more than one trace, as where the cloud records about one request a second."
    return (
        f"Up to {busiest:,} traces started in one second: more than the one a second that Lambda's active "
        "tracing keeps before it samples 5 %."
    )
