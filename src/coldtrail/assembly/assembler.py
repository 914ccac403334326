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

from coldtrail.assembly.merge import merged_links
from coldtrail.assembly.pieces import attach
from coldtrail.assembly.span_tree import arrange
from coldtrail.assembly.trace import Draft, Trace, upstream
from coldtrail.config import LimitSettings
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Fragment, Link, Parsed

_MOST_REMEMBERED = 1_000_000
_TRACE_ID = attrgetter("application_flow_id")


class FlowAssembler:
    """Gathers what documents say of each trace, and gives the flows when it is closed."""

    def __init__(self, limits: LimitSettings, tally: Tally) -> None:
        self._limits = limits
        self._tally = tally
        self._traces: dict[str, Trace] = {}
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
                    links[link.link_id] = merged_links(known, link)
            self.open_links += len(links) - before

    def _trace(self, trace_id: str) -> Trace:
        trace = self._traces.get(trace_id)
        if trace is None:
            trace = self._traces[trace_id] = Trace()
        return trace

    def _add_fragment(self, fragment: Fragment) -> None:
        trace_id = fragment.application_flow_id
        if self._closed and self._is_late(trace_id):
            return
        trace = self._trace(trace_id)
        draft = trace.drafts.get(fragment.function_flow_id)
        if draft is None:
            trace.drafts[fragment.function_flow_id] = Draft(fragment)
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
        self._tally.lose("late", origin=f"trace {trace_id}", reason=reason)
        return True

    def _grow(self, trace: Trace, size: int) -> None:
        trace.events += size
        self.open_events += size

    def _keep_earliest(self, draft: Draft) -> None:
        most = self._limits.max_events_per_flow
        left_out = draft.keep_earliest(most)
        if left_out:
            where = f"flow {draft.head.function_flow_id}"
            reason = f"it has more than {most:,} events; the later ones are left out."
            self._tally.lose("events beyond the bound", origin=where, reason=reason, number=left_out)

    def _close_oldest(self) -> list[Flow]:
        flows: list[Flow] = []
        while max(self.open_events, self.open_links) > self._limits.max_open_events // 2 and self._traces:
            trace_id = next(iter(self._traces))
            flows += self._close(trace_id)
            self._remember_closed(trace_id)
            self._tally.count("traces closed early")
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
            self._tally.lose("piece", origin=where, reason=reason, number=len(piece.events))
        for draft in trace.drafts.values():
            self._keep_earliest(draft)
        flows = [self._flow(draft, trace) for draft in trace.drafts.values()]
        self._count_gaps(trace)
        self._tally.counts["flows assembled"] += len(flows)
        return flows

    def finish(self) -> Iterator[Flow]:
        """The flows of all traces still open."""
        for trace_id in list(self._traces):
            yield from self._close(trace_id)

    def _count_gaps(self, trace: Trace) -> None:
        links = trace.links
        parents = {draft.head.parent_id for draft in trace.drafts.values()}
        parents |= {links[one].parent_id for one in parents if one is not None and one in links}
        counts = self._tally.counts
        for link in links.values():
            if link.kind == "AWS::Lambda" and link.link_id not in parents:
                counts["invocations without a record of their own"] += 1
                counts["invocations that failed before the function ran"] += link.failed

    def _flow(self, draft: Draft, trace: Trace) -> Flow:
        head = draft.head
        line = arrange(draft.events, head.start_time, head.end_time)
        trigger, caller, lost = head.trigger, head.caller, False
        if head.parent_id is not None and trigger is None:
            trigger, caller, lost = upstream(head.parent_id, trace)
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
