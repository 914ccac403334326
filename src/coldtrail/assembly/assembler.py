"""Spans and links to function flows, gathered by trace within bounded memory.

The same telemetry gives the same flows whatever the order of its documents and wherever it is cut: what
several say of one thing is merged by rules that do not depend on order, and a trace is closed once it has
been quiet for `limits.lateness_s` before the watermark. What comes later for it opens it anew and is counted;
flows that only come again are left out, what is told otherwise than before is noted (`closed_before.py`), and
pieces of runs that were given are counted as lost (`late.py`).
Where the events held exceed `limits.max_open_events`, the trace that has waited longest is closed early; what
comes later for that is counted as lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import inf
from operator import attrgetter

import numpy as np

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.closed import Closed
from coldtrail.assembly.closed_before import ClosedBefore
from coldtrail.assembly.flowing import FlowMaker
from coldtrail.assembly.gaps import count_gaps, tell_gaps
from coldtrail.assembly.held import Held, held, released
from coldtrail.assembly.late import Late
from coldtrail.assembly.lean import LeanFlows, LeanTrace, observations_of
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.open_traces import OpenTraces
from coldtrail.assembly.orphans import ADOPTED, tell_orphans
from coldtrail.assembly.remembered import Remembered
from coldtrail.assembly.trace import Draft, Source, Trace, mark
from coldtrail.config import Settings
from coldtrail.records.columns import AnyFlow, WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.identity import trace_key
from coldtrail.records.stage import State, Store, array, packed, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.records.trace_link import TraceLink

_TRACE_ID = attrgetter("trace_id")
_BY_START = attrgetter("start_time", "function_flow_id", "application_flow_id")
_MOST_EARLY = 1_000_000
"""Traces closed early that are remembered, to know what comes too late."""


class FlowAssembler:
    """Gathers what documents say of each trace, and gives the flows when it is closed."""

    def __init__(self, settings: Settings, tally: Tally, store: Store | None = None) -> None:
        """Of many open traces those that have waited longest lie in the `store`, if one is given."""
        self._limits = settings.limits
        self._tally = tally
        applications, masking = Applications(settings.applications), Masking(settings.limits.max_name_chars)
        self._masking = masking
        self._flows = FlowMaker(applications, masking, settings.limits.max_events_per_flow)
        self._lean = LeanFlows(applications, masking)
        self._store, self._traces = store, OpenTraces(store)
        self._closed_early = Remembered(_MOST_EARLY)
        self._before = ClosedBefore()
        self._late = Late(self._before, tally)
        self._watermark = -inf
        self.open_events = self.open_links = 0
        self.closing = ""
        """The key of the trace that was closed last."""

    def push(self, batch: Sequence[Observations | WholeTrace]) -> list[AnyFlow]:
        """The flows that had to be closed early to keep within bounds: almost always none."""
        return list(self.passing(batch))

    def passing(self, batch: Iterable[Observations | WholeTrace]) -> Iterator[AnyFlow]:
        """The same one after another, closed as they are asked for; all of them have to be."""
        for told in batch:
            self._add(told)
            if max(self.open_events, self.open_links) > self._limits.max_open_events:
                yield from self._close_oldest()
            self._traces.settle()

    def advance(self, watermark: float) -> list[AnyFlow]:
        """The flows of traces that were quiet for `limits.lateness_s` before the watermark, by their start.

        It respects the watermark where nothing that comes later belongs to a trace that was quiet by then.
        """
        self._watermark = max(self._watermark, watermark)
        if watermark == inf:
            return sorted(self.drain(), key=_BY_START)
        quiet_since = watermark - self._limits.lateness_s
        quiet = [one for one, trace in self._traces.items() if trace.earliest_and_latest()[1] <= quiet_since]
        flows: list[AnyFlow] = []
        for trace_id in quiet:
            trace = _records(self._traces[trace_id])
            closed = self._close(trace_id)
            flows += closed
            self._before.close(trace_id, trace, closed)
        return sorted(flows, key=_BY_START)

    def drain(self) -> Iterator[AnyFlow]:
        """The flows of all traces still open, in the order in which those began to come."""
        for trace_id in list(self._traces):
            yield from self._close(trace_id)

    @property
    def given_again(self) -> set[str]:
        """Ids of flows that were given before and are given once more; who has said so takes them out."""
        return self._late.again

    @property
    def low_watermark(self) -> float:
        """The time before which no flow starts that has not been given, but for what comes too late."""
        starts = [trace.earliest_and_latest()[0] for trace in self._traces.values()]
        return min(self._watermark - self._limits.lateness_s, min(starts, default=inf))

    def snapshot(self) -> State:
        """The open traces as they are held, and which were closed."""
        traces = [held(trace_id, _records(trace)) for trace_id, trace in self._traces.items()]
        return {
            "traces": packed(traces),
            "closed_early": self._closed_early.state(),
            "watermark": np.array([self._watermark]),
            "again": packed(sorted(self._late.again)),
        } | self._before.snapshot()

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        traces = unpacked(state, "traces", list[Held])
        self._closed_early = Remembered.restored(_MOST_EARLY, state, "closed_early")
        self._before.restore(state)
        self._late.again = set(unpacked(state, "again", list[str])) if "again" in state else set()
        self._watermark = float(array(state, "watermark", np.float64, 1)[0])
        self._traces = OpenTraces(self._store and self._store.beside())
        self._traces.update({one.trace_id: released(one) for one in traces})
        self.open_events = sum([trace.events for trace in self._traces.values()])
        self.open_links = sum([trace.number_of_links for trace in self._traces.values()])

    def _add(self, told: Observations | WholeTrace) -> None:
        if isinstance(told, WholeTrace):
            key = trace_key(told.trace_id)
            if not self._is_known(key):
                self._hold(key, LeanTrace(told))
                return
            told = observations_of(told)
        source = told.origin, told.place
        if told.links:
            self._add_links(told.links, source)
        for span in told.spans:
            self._add_span(span, source)
        for link in told.trace_links:
            self._add_trace_link(link)
        for trace_id in told.cut:
            trace = self._open(trace_id)
            if trace is not None:
                trace.is_cut = True

    def _is_known(self, key: str) -> bool:
        """Whether something of a trace came before."""
        return key in self._traces or key in self._closed_early or key in self._before

    def _hold(self, key: str, trace: LeanTrace) -> None:
        self._traces[key] = trace
        self.open_events += trace.events
        self.open_links += trace.number_of_links

    def _add_links(self, more: Sequence[Link], source: Source) -> None:
        for trace_id, alike in groupby(more, _TRACE_ID):
            trace = self._open(trace_id)
            if trace is None:
                continue
            links = trace.links
            before = len(links)
            for link in alike:
                known = links.setdefault(link.link_id, link)
                if known is not link and known != link:
                    self.open_links += trace.add_copy(link, source)
            if len(links) > before:
                mark(trace.marks, before, source)
                self.open_links += len(links) - before

    def _add_trace_link(self, link: TraceLink) -> None:
        trace = self._open(link.trace_id)
        if trace is not None and link not in trace.trace_links:
            trace.trace_links[link] = None
            self.open_links += 1

    def _add_span(self, span: Span, source: Source) -> None:
        trace = self._open(span.trace_id)
        if trace is None:
            return
        if span.span_id is None:
            trace.pieces.append(span)
            trace.sources.append(source)
            self._grow(trace, len(span.steps) + 1)
            return
        draft = trace.drafts.get(span.span_id)
        if draft is None:
            trace.drafts[span.span_id] = Draft(span, source)
            self._grow(trace, len(span.steps) + 1)
            return
        before = draft.heads
        part = draft.add(span, source)
        grown = len(span.steps) + draft.heads - before
        if len(part.events) > 2 * self._limits.max_events_per_flow:
            grown -= len(part.events)
            left_out = part.keep(self._limits.max_events_per_flow)
            grown += len(part.events)
            if left_out:
                self._leave_out(draft.head, left_out)
        self._grow(trace, grown)

    def _open(self, trace_id: str) -> Trace | None:
        """The trace; None where it had to be closed before: what comes for it now is lost."""
        key = trace_key(trace_id)
        trace = self._traces.get(key)
        if trace is not None:
            trace = self._traces[key] = _records(trace)
            trace.name(trace_id)
            trace.times = None
            return trace
        if key in self._closed_early:
            reason = "more came after the trace had to be closed; raise limits.max_open_events."
            self._tally.lose("late", origin=f"trace {trace_id}", reason=reason)
            return None
        self._before.open(key)
        trace = self._traces[key] = Trace(trace_id)
        return trace

    def _grow(self, trace: Trace, size: int) -> None:
        trace.events += size
        self.open_events += size

    def _leave_out(self, head: Span, events: int) -> None:
        most = self._limits.max_events_per_flow
        reason = f"it has more than {most:,} events; those beyond are left out."
        where = f"flow {head.span_id}"
        self._tally.lose("events beyond the bound", origin=where, reason=reason, number=events)

    def _close_oldest(self) -> Iterator[AnyFlow]:
        while max(self.open_events, self.open_links) > self._limits.max_open_events // 2 and self._traces:
            trace_id = next(iter(self._traces))
            flows = self._close(trace_id)
            self._closed_early.add(trace_id)
            self._tally.count("traces closed early")
            yield from flows

    def _close(self, key: str) -> Sequence[AnyFlow]:
        self.closing = key
        trace = self._traces.taken(key)
        self.open_events -= trace.events
        self.open_links -= trace.number_of_links
        flows: Sequence[AnyFlow]
        if isinstance(trace, LeanTrace):
            flows = self._lean.of(trace.whole)
            parents = [run.head.parent_id for run in trace.whole.runs]
            missing = count_gaps(parents, trace.whole.links, self._tally)
            tell_gaps(missing, trace.looked, self._masking, self._tally)
        else:
            flows = self._closed(key, trace)
        self._tally.counts["flows assembled"] += len(flows)
        return flows

    def _closed(self, key: str, trace: Trace) -> list[Flow]:
        closed = Closed(trace)
        is_anew = self._before.is_anew(key)
        lost = self._late.told(key, trace, closed) if is_anew else closed.lost
        tell_orphans(lost, trace.trace_id, self._masking, self._tally)
        self._tally.counts[ADOPTED] += closed.adopted
        missing = count_gaps(closed.parents, closed.links.values(), self._tally)
        tell_gaps(missing, lambda: closed, self._masking, self._tally)
        flows = self._flows.of(closed, self._leave_out)
        return self._late.news(key, trace, closed, flows) if is_anew else flows


def _records(trace: Trace | LeanTrace) -> Trace:
    return trace.records() if isinstance(trace, LeanTrace) else trace
