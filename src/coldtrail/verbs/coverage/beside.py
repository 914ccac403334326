"""What telemetry tells beside functions' own runs: calls, changes, reports, traffic, other traces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from msgspec import Struct

from coldtrail.assembly.join.functions import Named, named_by
from coldtrail.assembly.join.ids import is_invoke
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Link, Observations
from coldtrail.records.witnesses import ApiCall, Change, Report

MOST_NAMES = 1_000
"""Services, actions, functions and sources that are told apart; those beyond count as `OTHERS`."""
OTHERS = "others"
MOST_TRACES = 100_000
"""Traces without a function that are remembered."""
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


class Gathering:
    """Counts it, document by document."""

    def __init__(self) -> None:
        self._calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._changes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._counts: Counter[str] = Counter()
        self._accounts: set[str] = set()
        self._regions: set[str] = set()
        self._sources: dict[str, tuple[int, str]] = {}
        """By the trace, of traces that may hold no function; the lowest rank counts."""
        self._named: dict[Named, float] = {}
        self._gone: dict[Named, float] = {}
        """When functions were last named, and deleted."""

    def take(self, told: Observations | WholeTrace) -> None:
        """Takes what a document tells."""
        if isinstance(told, WholeTrace):
            if not told.runs:
                self._take_links(told.links)
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

    def found(self, traced: Collection[str]) -> Beside:
        """All of it; `traced` are the traces that hold a run of a function."""
        sources = Counter([name for trace, (_, name) in self._sources.items() if trace not in traced])
        counts = self._counts
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
        )

    def functions(self) -> Iterator[Named]:
        """Those that calls, changes and networks name, but for those that were deleted since."""
        return (one for one, time in self._named.items() if self._gone.get(one, time - 1.0) < time)

    def _take_call(self, call: ApiCall) -> None:
        _count(self._calls, call.service, call.operation)
        if is_invoke(call) and call.target and call.error_code is None:
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

    def _take_links(self, links: Collection[Link]) -> None:
        for link in links:
            known = self._sources.get(link.trace_id)
            if known is None and len(self._sources) >= MOST_TRACES:
                continue
            rank = 2 * (link.role != "source") + (link.parent_id is not None)
            if known is None or rank < known[0]:
                self._sources[link.trace_id] = rank, f"{link.kind} {link.name}"

    def _name(self, named: Named, time: float) -> None:
        one = named._replace(version="")
        if one.name and (one in self._named or len(self._named) < MOST_NAMES):
            self._named[one] = max(time, self._named.get(one, time))


def _count(counts: defaultdict[str, Counter[str]], name: str, action: str) -> None:
    actions = counts[name if name in counts or len(counts) < MOST_NAMES else OTHERS]
    actions[action if action in actions or len(actions) < MOST_NAMES else OTHERS] += 1


def _sorted(counts: defaultdict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    names = sorted(counts, key=lambda name: (-counts[name].total(), name))
    return {name: dict(counts[name].most_common()) for name in names}


def _keep(names: set[str], name: str | None) -> None:
    if name and len(names) < MOST_NAMES:
        names.add(name)
