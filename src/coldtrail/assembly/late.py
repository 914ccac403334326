"""What comes for traces that were closed: what of it is news, what a repeat, and what came too late."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.assembly.closed import Closed
from coldtrail.assembly.closed_before import ClosedBefore
from coldtrail.assembly.loose import pieces_of, ups_of
from coldtrail.assembly.runs import Run
from coldtrail.assembly.runs_before import Again
from coldtrail.assembly.trace import Trace
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally

MOST_AGAIN = 10_000
"""Ids of flows that are judged again, kept for who wants to say so."""
_REMEDY = "raise limits.lateness_s above their delay, or score all of it in one call."
_STEPS = "steps came after their run had been judged, and are not; if they are to count, " + _REMEDY
_RUN = (
    "a run came after steps of it had been let go without it; it is judged as incomplete, without these; if "
    "they are to count, " + _REMEDY
)


class Late:
    """Sorts out what comes for traces that were closed before."""

    def __init__(self, before: ClosedBefore, tally: Tally) -> None:
        self._before, self._tally = before, tally
        self.again: set[str] = set()
        """Ids of flows that were given before, and are given again since there is more of them, or something
        else; who has said so takes them out."""

    def told(self, key: str, trace: Trace, closed: Closed) -> list[Run]:
        """Of the steps that belong to no run those that belong to none that was told either; of the others
        those that tell something new are counted, each once."""
        taken = {event.event_id for run in closed.each_run for event in run.events}
        ups, late = ups_of(trace), set[str]()
        for piece in pieces_of(trace):
            steps = {event.event_id: event for event in piece.steps}
            if not steps or not taken.isdisjoint(steps):
                continue
            fresh = tuple([event for step_id, event in steps.items() if step_id not in late])
            new = self._before.runs.late(key, replace(piece, steps=fresh), ups)
            if new is not None:
                late.update(steps)
                self._lose(closed.trace_id, new)
        return [run for run in closed.lost if not late.issuperset([event.event_id for event in run.events])]

    def news(self, key: str, trace: Trace, closed: Closed, flows: Sequence[Flow]) -> list[Flow]:
        """Of the flows of a trace those that are to be judged now: runs that were not told before, those of
        which all is told and more, and those that are told otherwise, which contradicts what was told."""
        changed = self._before.news(key, trace, flows) or []
        lacks = bool(changed) and self._before.runs.lacks(key, trace)
        news: list[Flow] = []
        for flow in changed:
            parents = [parent for run in closed.runs[flow.function_flow_id] for parent in run.parents]
            again, steps = self._before.runs.again(key, flow, parents)
            if again is Again.LATE and not flow.contradictions:
                self._lose(closed.trace_id, steps)
            elif again is Again.NEW and lacks:
                self._tally.lose("late run", origin=f"trace {closed.trace_id}", reason=_RUN)
                news.append(replace(flow, complete=False))
            elif again is not Again.REPEAT or flow.contradictions:
                news.append(flow)
                if again is not Again.NEW and len(self.again) < MOST_AGAIN:
                    self.again.add(flow.function_flow_id)
        self._tally.counts["flows that came again"] += len(flows) - len(news)
        self._tally.counts["traces opened anew by late telemetry"] += bool(news)
        return news

    def _lose(self, trace_id: str, steps: int) -> None:
        if steps:
            self._tally.lose("late piece", origin=f"trace {trace_id}", reason=_STEPS, number=steps)
