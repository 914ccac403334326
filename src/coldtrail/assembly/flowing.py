"""Closed traces to flows: names masked, steps in order, and what stands above each run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from msgspec.structs import replace

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.closed import Closed
from coldtrail.assembly.conflicts import conflicts
from coldtrail.assembly.heads import TOGETHER
from coldtrail.assembly.linked import linked
from coldtrail.assembly.masking import Masking
from coldtrail.assembly.runs import Run
from coldtrail.assembly.span_tree import arrange
from coldtrail.assembly.starting import with_early_starts
from coldtrail.assembly.statements import told_together
from coldtrail.assembly.upstream import Upstream, upstream
from coldtrail.records.facts import OUTSIDE
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.telemetry import Span

LeaveOut = Callable[[Span, int], None]
"""Is told of a run how many of its steps were left out."""
_BY_START = attrgetter("start_time", "function_flow_id", "account", "function_name")


class FlowMaker:
    """Makes the flows of closed traces."""

    def __init__(self, applications: Applications, masking: Masking, most_events: int) -> None:
        self._applications, self._masking, self._most_events = applications, masking, most_events

    def of(self, closed: Closed, leave_out: LeaveOut) -> list[Flow]:
        """The flows, those of one run together, each with what its documents say that cannot all be true."""
        flows: list[Flow] = []
        for run in closed.each_run:
            ways = upstream(run.parents, closed, self._masking)
            if closed.trace_links:
                ways = [linked(way, run.head.span_id, closed.trace_links, self._masking) for way in ways]
            parted = [ways] if len(ways) == 1 else _by_place(run, ways)
            flows += [self._flow(run, some, closed, leave_out) for some in parted]
        found = conflicts(closed, self._masking)
        if not found:
            return flows
        told = {run_id: told_together(some) for run_id, some in found.items()}
        return [replace(one, contradictions=told.get(one.function_flow_id, ())) for one in flows]

    def _flow(self, run: Run, ways: Sequence[Upstream], closed: Closed, leave_out: LeaveOut) -> Flow:
        head, masking, above = run.head, self._masking, ways[0]
        trigger, caller, lost = above.trigger, above.caller, above.lost
        if head.trigger is not None or (
            run.parents == (None,) and above == Upstream(None, None, None, False)
        ):
            trigger, lost = _named(head.trigger, masking), False
            caller = _named(head.caller, masking) or caller
        elif len(ways) > 1:
            trigger, caller = _together(way.trigger for way in ways), _together(way.caller for way in ways)
        told = next((way.invocation for way in ways if way.invocation is not None), head)
        account = head.account or told.account
        steps, left_out = run.steps(self._most_events, masking, account or "", closed.links)
        if left_out:
            leave_out(head, left_out)
        line = arrange(steps, head.start_time, head.end_time)
        if head.cold_start:
            line = with_early_starts(line, head.start_time, None if told is head else told.start_time)
        return Flow(
            head.application_name or self._applications[head.function_name],
            closed.trace_id or head.trace_id,
            head.function_name,
            head.span_id or "",
            line.start_time,
            line.end_time,
            line.events,
            line.depths,
            line.self_times,
            line.own_time,
            head.cold_start,
            head.error,
            not (head.in_progress or head.is_outside),
            trigger,
            caller,
            head.version or told.version,
            account,
            head.region or told.region,
            head.request_id or told.request_id,
            lost or head.is_outside,
            head.witnesses,
            facts=OUTSIDE if head.is_outside else None,
            invocation_type=told.invocation_type or head.invocation_type,
        )


def _by_place(run: Run, ways: list[Upstream]) -> list[list[Upstream]]:
    """The ways up from a run, by whose it is where only its invocation tells that."""
    if run.head.account is not None:
        return [ways]
    silent = [way for way in ways if way.invocation is None]
    places: dict[object, list[Upstream]] = defaultdict(lambda: [*silent])
    for way in ways:
        if way.invocation is not None:
            places[way.invocation.account, way.invocation.region].append(way)
    return list(places.values()) or [silent]


def _together(names: Iterable[str | None]) -> str | None:
    """The one name, or all that documents tell of in contradictory ways: that was never met before."""
    different = set(names)
    if len(different) == 1:
        return different.pop()
    return TOGETHER.join(sorted([NOBODY if name is None else name for name in different]))


def _named(name: str | None, masking: Masking) -> str | None:
    return None if name is None else masking.names[name]
