"""Fragments and links to function flows, gathered by trace within bounded memory.

The same telemetry gives the same flows whatever the order of its documents and wherever it is cut: pieces are
merged by rules that do not depend on order, and a trace is closed only at the end, or when the events held
exceed `limits.max_open_events` (then the trace that has waited longest is closed; what comes later for it is
counted as lost).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from coldtrail.config import LimitSettings
from coldtrail.ledger import Ledger
from coldtrail.pieces import attach
from coldtrail.records import Event, Flow, Fragment, Link, Parsed
from coldtrail.timeline import arrange

_Events = tuple[Event, ...] | list[Event]
_Rank = tuple[float, float, bool, str, str, str, str, str, str, str]
_MOST_HOPS = 100
_MOST_REMEMBERED = 1_000_000
_SERVICE_HOPS = ("AWS::Lambda", "subsegment")
_TRACE_ID = attrgetter("application_flow_id")
_EARLIEST = attrgetter("start_time", "event_id")
_HEAD = attrgetter(
    "application_name", "function_name", "start_time", "end_time", "parent_id", "error", "cold_start",
    "in_progress", "trigger", "caller", "version", "account", "region",
)  # fmt: skip


class _Draft:
    """A flow while pieces of it may still come."""

    __slots__ = ("events", "head")

    def __init__(self, fragment: Fragment) -> None:
        self.head = fragment
        self.events: _Events = fragment.events

    def add(self, fragment: Fragment) -> None:
        if not isinstance(self.events, list):
            self.events = list(self.events)
        self.events.extend(fragment.events)
        if _HEAD(fragment) != _HEAD(self.head):
            self.head = _merge_heads(self.head, fragment)

    def keep_earliest(self, most: int) -> int:
        """How many events were left out so that at most `most` stay, each once."""
        events = _each_once(self.events)
        self.events = sorted(events, key=_EARLIEST)[:most] if len(events) > most else events
        return len(events) - len(self.events)


class _Trace:
    __slots__ = ("callers", "drafts", "events", "links", "pieces")

    def __init__(self) -> None:
        self.drafts: dict[str, _Draft] = {}
        self.links: dict[str, Link] = {}
        self.pieces: list[Fragment] = []
        self.events = 0
        self.callers: dict[str, Event] | None = None
        """Each event by its id; made when first asked for."""


class FlowAssembler:
    """Gathers what documents say of each trace, and gives the flows when it is closed."""

    def __init__(self, limits: LimitSettings, ledger: Ledger) -> None:
        self._limits = limits
        self._ledger = ledger
        self._traces: dict[str, _Trace] = {}
        self._closed: dict[str, None] = {}
        self.open_events = self.open_links = 0

    def add(self, parsed: Parsed) -> list[Flow]:
        """The flows that had to be closed early to keep within bounds: almost always none."""
        self._add_links(parsed.links)
        for fragment in parsed.fragments:
            self._add_fragment(fragment)
        for piece in parsed.pieces:
            if not self._is_late(piece.application_flow_id):
                trace = self._trace(piece.application_flow_id)
                trace.pieces.append(piece)
                self._grow(trace, len(piece.events) + 1)
        if max(self.open_events, self.open_links) <= self._limits.max_open_events:
            return []
        return self._close_oldest()

    def _add_links(self, more: list[Link]) -> None:
        for trace_id, alike in groupby(more, _TRACE_ID):
            if self._is_late(trace_id):
                continue
            links = self._trace(trace_id).links
            before = len(links)
            for link in alike:
                known = links.setdefault(link.link_id, link)
                if known is not link:
                    links[link.link_id] = _merge_links(known, link)
            self.open_links += len(links) - before

    def _trace(self, trace_id: str) -> _Trace:
        trace = self._traces.get(trace_id)
        if trace is None:
            trace = self._traces[trace_id] = _Trace()
        return trace

    def _add_fragment(self, fragment: Fragment) -> None:
        trace_id = fragment.application_flow_id
        if self._closed and self._is_late(trace_id):
            return
        trace = self._trace(trace_id)
        draft = trace.drafts.get(fragment.function_flow_id)
        if draft is None:
            trace.drafts[fragment.function_flow_id] = _Draft(fragment)
            self._grow(trace, len(fragment.events) + 1)
            return
        before = len(draft.events)
        draft.add(fragment)
        if len(draft.events) > 2 * self._limits.max_events_per_flow:
            self._keep_earliest(draft)
        self._grow(trace, len(draft.events) - before)

    def _is_late(self, trace_id: str) -> bool:
        """Whether the trace had to be closed before; what comes for it now is counted as lost."""
        if trace_id not in self._closed:
            return False
        reason = "more came after the trace had to be closed; raise limits.max_open_events."
        self._ledger.lose("late", origin=f"trace {trace_id}", reason=reason)
        return True

    def _grow(self, trace: _Trace, size: int) -> None:
        trace.events += size
        self.open_events += size

    def _keep_earliest(self, draft: _Draft) -> None:
        most = self._limits.max_events_per_flow
        left_out = draft.keep_earliest(most)
        if left_out:
            where = f"flow {draft.head.function_flow_id}"
            reason = f"it has more than {most:,} events; the later ones are left out."
            self._ledger.lose("events beyond the bound", origin=where, reason=reason, number=left_out)

    def _close_oldest(self) -> list[Flow]:
        flows: list[Flow] = []
        while max(self.open_events, self.open_links) > self._limits.max_open_events // 2 and self._traces:
            trace_id = next(iter(self._traces))
            flows += self._close(trace_id)
            self._remember_closed(trace_id)
            self._ledger.count("traces closed early")
        return flows

    def _remember_closed(self, trace_id: str) -> None:
        self._closed[trace_id] = None
        if len(self._closed) > _MOST_REMEMBERED:
            del self._closed[next(iter(self._closed))]

    def _close(self, trace_id: str) -> list[Flow]:
        trace = self._traces.pop(trace_id)
        self.open_events -= trace.events
        self.open_links -= len(trace.links)
        for piece in attach(trace.pieces, trace.drafts) if trace.pieces else ():
            where = f"trace {trace_id}"
            reason = f"subsegments below {piece.parent_id} belong to no function that the telemetry tells of."
            self._ledger.lose("piece", origin=where, reason=reason, number=len(piece.events))
        for draft in trace.drafts.values():
            self._keep_earliest(draft)
        flows = [self._flow(draft, trace) for draft in trace.drafts.values()]
        self._count_gaps(trace)
        self._ledger.counts["flows assembled"] += len(flows)
        return flows

    def finish(self) -> Iterator[Flow]:
        """The flows of all traces still open."""
        for trace_id in list(self._traces):
            yield from self._close(trace_id)

    def _count_gaps(self, trace: _Trace) -> None:
        links = trace.links
        parents = {draft.head.parent_id for draft in trace.drafts.values()}
        parents |= {links[one].parent_id for one in parents if one is not None and one in links}
        counts = self._ledger.counts
        for link in links.values():
            if link.kind == "AWS::Lambda" and link.link_id not in parents:
                counts["invocations without a record of their own"] += 1
                counts["invocations that failed before the function ran"] += link.failed

    def _flow(self, draft: _Draft, trace: _Trace) -> Flow:
        head = draft.head
        line = arrange(draft.events, head.start_time, head.end_time)
        trigger, caller, lost = head.trigger, head.caller, False
        if head.parent_id is not None and trigger is None:
            trigger, caller, lost = _upstream(head.parent_id, trace)
        return Flow(
            head.application_name,
            head.application_flow_id,
            head.function_name,
            head.function_flow_id,
            line.start_time,
            line.end_time,
            line.events,
            line.depths,
            line.self_times,
            line.own_time,
            head.cold_start,
            head.error,
            not head.in_progress,
            trigger,
            caller,
            head.version,
            head.account,
            head.region,
            lost,
        )


def _each_once(events: _Events) -> _Events:
    """Each event id once; of differing copies the one that ends last (the completed one)."""
    if len({event.event_id for event in events}) == len(events):
        return events
    best: dict[str, Event] = {}
    for event in events:
        known = best.get(event.event_id)
        if known is None or (known is not event and _event_rank(event) > _event_rank(known)):
            best[event.event_id] = event
    return list(best.values())


def _event_rank(event: Event) -> _Rank:
    return (
        event.end_time,
        -event.start_time,
        event.error,
        event.event_name,
        event.event_type,
        event.event_parent_id or "",
        event.event_parent_name or "",
        event.event_target_resource or "",
        event.function_name,
        event.application_name,
    )


def _merge_heads(a: Fragment, b: Fragment) -> Fragment:
    """What two fragments say of the same run; the same whichever comes first."""
    return Fragment(
        min(a.application_name, b.application_name),
        a.application_flow_id,
        min(a.function_name, b.function_name),
        a.function_flow_id,
        (),
        _least(a.start_time, b.start_time),
        _greatest(a.end_time, b.end_time),
        _first(a.parent_id, b.parent_id),
        a.error or b.error,
        a.cold_start or b.cold_start,
        a.in_progress and b.in_progress,
        _first(a.trigger, b.trigger),
        _first(a.caller, b.caller),
        _first(a.version, b.version),
        _first(a.account, b.account),
        _first(a.region, b.region),
    )


def _merge_links(a: Link, b: Link) -> Link:
    parent = _first(a.parent_id, b.parent_id)
    return Link(
        a.application_flow_id,
        a.link_id,
        parent,
        min(a.kind, b.kind),
        min(a.name, b.name),
        a.failed or b.failed,
    )


def _least(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else min(a, b)


def _greatest(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)


def _first(a: str | None, b: str | None) -> str | None:
    return b if a is None else a if b is None else min(a, b)


_Upstream = tuple[str | None, str | None, bool]


def _upstream(parent_id: str, trace: _Trace) -> _Upstream:
    """What triggered a run, who its nearest caller is, and whether the trace lacks a part of the way up."""
    trigger: str | None = None
    seen: set[str] = set()
    current: str | None = parent_id
    while current is not None and current not in seen and len(seen) < _MOST_HOPS:
        seen.add(current)
        link = trace.links.get(current)
        if link is None:
            return _from_function(current, trace, trigger)
        if trigger is None and link.kind not in _SERVICE_HOPS:
            trigger = f"{link.kind} {link.name}"
            if link.kind in ("AWS::ApiGateway::Stage", "AWS::StepFunctions::StateMachine"):
                return trigger, link.name, False
        current = link.parent_id
    return trigger, None, current is not None


def _from_function(event_id: str, trace: _Trace, trigger: str | None) -> _Upstream:
    if trace.callers is None:
        trace.callers = _callers(trace)
    event = trace.callers.get(event_id)
    if event is None:
        return trigger, None, True
    named = f"{event.event_type} {event.event_target_resource or event.event_name}"
    return trigger or named, _function_of(event, trace), False


def _function_of(event: Event, trace: _Trace) -> str:
    return trace.drafts[event.function_flow_id].head.function_name


def _callers(trace: _Trace) -> dict[str, Event]:
    """Each event of a trace by its id; copies are told apart as within a flow."""
    drafts = trace.drafts.values()
    callers = {event.event_id: event for draft in drafts for event in draft.events}
    if len(callers) == sum([len(draft.events) for draft in drafts]):
        return callers
    ranks: dict[str, tuple[_Rank, str]] = {}
    for draft in drafts:
        for event in draft.events:
            rank = _event_rank(event), _function_of(event, trace)
            known = ranks.get(event.event_id)
            if known is None or rank > known:
                ranks[event.event_id], callers[event.event_id] = rank, event
    return callers
