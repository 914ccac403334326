"""What telemetry tells beside functions' own runs: calls, changes, reports, traffic, other traces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from math import inf

from msgspec import Struct

from coldtrail.assembly.join.functions import Named, named_by
from coldtrail.assembly.join.ids import is_invoke, is_refused
from coldtrail.records.columns import APART, WholeTrace
from coldtrail.records.identity import trace_key
from coldtrail.records.telemetry import Link, Observations
from coldtrail.records.witnesses import ApiCall, Change, Report

MOST_NAMES = 1_000
"""Services, actions, functions and sources that are told apart; those beyond count as `OTHERS`."""
OTHERS = "others"
MOST_TRACES = 100_000
"""Traces without a function that are remembered."""
MOST_SPANS = 1_000_000
"""Spans of them that are told apart; what tells again of one beyond them counts as another."""
_ARN_PARTS = 6
"""Before the name of a function or a state machine; a queue or a topic is the last of them."""
_GONE = "DeleteFunction"
_INVOCATIONS = frozenset(("report", "runtime done", "start", "insights"))
"""Reports of an invocation; the others are of an instance."""


class Beside(Struct, frozen=True):
    """How much of it there is."""

    calls: dict[str, dict[str, int]]
    """Of the audit log, by service and action, the most frequent first."""
    changes: dict[str, dict[str, int]]
    """Of functions, by function and action; they are among the calls."""
    reports: int
    """Of invocations, by the platform; one may have several."""
    instance_reports: int
    """Of instances: their start, extensions, and end."""
    nameless_reports: int
    """Of both, those that name no function."""
    accesses: int
    """Requests that a gateway logged."""
    traffic: int
    """Records of a network's traffic."""
    lookups: int
    """Names of hosts that were asked for."""
    metrics: int
    traces: dict[str, int]
    """Those that hold no run of a function, by what they begin with."""
    spans: int = 0
    """Of these traces."""
    span_records: int = 0
    """That tell of these spans: one that is in progress is told again when it ends."""
    refused: dict[str, dict[str, int]] = {}
    """Of the calls, those that asked for an invocation and got none, by function, and by why and for whom."""


class _Runless(Struct):
    """A trace that may hold no run of a function."""

    rank: int
    """Of the record that names it; the lowest counts."""
    name: str
    spans: int = 0
    records: int = 0
    first: float = inf
    last: float = -inf


class Gathering:
    """Counts it, document by document."""

    def __init__(self) -> None:
        self._calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._changes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._refused: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._counts: Counter[str] = Counter()
        self._accounts: set[str] = set()
        self._regions: set[str] = set()
        self._runless: dict[str, _Runless] = {}
        """By the key of the trace."""
        self._spans: set[int] = set()
        """Of them, by the hash."""
        self._named: dict[Named, float] = {}
        self._gone: dict[Named, float] = {}
        """When functions were last named, and deleted."""

    def take(self, told: Observations | WholeTrace) -> None:
        """Takes what a document tells."""
        if isinstance(told, WholeTrace):
            if not told.runs:
                self._take_links(told.links)
                self._take_spans(told.trace_id, told.leaves.ids.split(APART) if told.leaves else ())
            return
        for call in told.calls:
            self._take_call(call)
        for change in told.changes:
            self._take_change(change)
        for report in told.reports:
            self._take_report(report)
        for flow in told.networks:
            self._counts["lookups" if flow.domain is not None else "traffic"] += 1
            if flow.function:
                self._name(named_by(flow.function), flow.start_time)
        for some in (told.calls, told.reports, told.accesses, told.networks, told.metrics):
            for one in some:
                _keep(self._accounts, one.account)
                _keep(self._regions, one.region)
        self._counts["accesses"] += len(told.accesses)
        self._counts["metrics"] += len(told.metrics)
        if not any(span.function_name for span in told.spans):
            self._take_links(told.links)

    @property
    def places(self) -> tuple[set[str], set[str]]:
        """The accounts and the regions that are named."""
        return self._accounts, self._regions

    def span(self, traced: Collection[str]) -> tuple[float, float]:
        """The first and the last time of traces without a run; infinities where there is none."""
        some = self._without(traced)
        return min([one.first for one in some], default=inf), max([one.last for one in some], default=-inf)

    def _without(self, traced: Collection[str]) -> list[_Runless]:
        """The traces that hold no run; `traced` are those that do, in any spelling."""
        keys = {trace_key(one) for one in traced}
        return [one for key, one in self._runless.items() if key not in keys]

    def found(self, traced: Collection[str]) -> Beside:
        """All of it; `traced` are the traces that hold a run of a function."""
        runless, counts = self._without(traced), self._counts
        sources = Counter([one.name for one in runless])
        return Beside(
            _sorted(self._calls),
            _sorted(self._changes),
            counts["reports"],
            counts["instance reports"],
            counts["nameless reports"],
            counts["accesses"],
            counts["traffic"],
            counts["lookups"],
            counts["metrics"],
            dict(sources.most_common(MOST_NAMES)),
            sum([one.spans for one in runless]),
            sum([one.records for one in runless]),
            _sorted(self._refused),
        )

    def functions(self) -> Iterator[Named]:
        """Those that calls, changes, networks and reports without a time name, but for those that were
        deleted since."""
        return (one for one, time in self._named.items() if self._gone.get(one, time - 1.0) < time)

    def _take_call(self, call: ApiCall) -> None:
        _count(self._calls, call.service, call.operation)
        if is_refused(call):
            function = named_by(call.target).name if call.target else OTHERS
            _count(self._refused, function, f"{call.error_code or 'DryRun'} for {_caller(call)}")
        if is_invoke(call) and call.target:
            told = named_by(call.target)
            place = Named(told.account or call.target_account or call.account, told.region or call.region, "")
            self._name(place._replace(name=told.name), call.time)

    def _take_change(self, change: Change) -> None:
        named = Named(change.account, change.region, named_by(change.function_name).name)
        if not named.name:
            return
        _count(self._changes, named.name, change.operation)
        if change.error_code is not None or change.family != "functions":
            return
        self._name(named, change.time)
        if change.operation == _GONE:
            self._gone[named] = max(change.time, self._gone.get(named, change.time))

    def _take_report(self, report: Report) -> None:
        self._counts["reports" if report.kind in _INVOCATIONS else "instance reports"] += 1
        self._counts["nameless reports"] += not report.function_name
        if report.time is None and report.function_name:
            # It makes no flow, and counts in no minute.
            self._name(Named(report.account or "", report.region or "", report.function_name), 0.0)

    def _take_links(self, links: Collection[Link]) -> None:
        for link in links:
            key, rank = trace_key(link.trace_id), 2 * (link.role != "source") + (link.parent_id is not None)
            trace = self._runless.get(key)
            if trace is None:
                if len(self._runless) >= MOST_TRACES:
                    continue
                trace = self._runless[key] = _Runless(rank + 1, "")
            if rank < trace.rank:
                trace.rank, trace.name = rank, f"{link.kind} {_resource(link.name)}"
            for time in (link.start_time, link.end_time):
                if time is not None:
                    trace.first, trace.last = min(trace.first, time), max(trace.last, time)
            self._take_spans(key, (link.link_id,))

    def _take_spans(self, trace_id: str, ids: Collection[str]) -> None:
        key = trace_key(trace_id)
        trace = self._runless.get(key)
        if trace is None:
            return
        trace.records += len(ids)
        for one in ids:
            span = hash((key, one))
            if span not in self._spans:
                trace.spans += 1
                if len(self._spans) < MOST_SPANS:
                    self._spans.add(span)

    def _name(self, named: Named, time: float) -> None:
        one = named._replace(version="")
        if one.name and (one in self._named or len(self._named) < MOST_NAMES):
            self._named[one] = max(time, self._named.get(one, time))


def _caller(call: ApiCall) -> str:
    """Who called: a service, a role, or a pseudonym."""
    if call.invoked_by:
        return call.invoked_by
    if call.role:
        return call.role.rpartition("/")[2] or call.role
    return " ".join([one for one in (call.principal_kind, call.principal) if one]) or "somebody"


def _resource(name: str) -> str:
    """The resource without the account and the place that its ARN tells."""
    parts = name.split(":", _ARN_PARTS)
    if parts[0] != "arn" or len(parts) < _ARN_PARTS:
        return name
    return parts[_ARN_PARTS].partition(":")[0] if len(parts) > _ARN_PARTS else parts[-1]


def _count(counts: defaultdict[str, Counter[str]], name: str, action: str) -> None:
    actions = counts[name if name in counts or len(counts) < MOST_NAMES else OTHERS]
    actions[action if action in actions or len(actions) < MOST_NAMES else OTHERS] += 1


def _sorted(counts: defaultdict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    names = sorted(counts, key=lambda name: (-counts[name].total(), name))
    return {name: dict(counts[name].most_common()) for name in names}


def _keep(names: set[str], name: str | None) -> None:
    if name and len(names) < MOST_NAMES:
        names.add(name)
