"""Spans straight to columns, where one document holds a whole trace and nothing in it is unusual.

What is unusual in any way (a span that comes twice or is still open, work on messages, steps whose run is
told elsewhere, runs that may be one) is left to the records that `formats/otel/observing.py` makes: the rules
for it stand there and in assembly alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from coldtrail.config import LimitSettings
from coldtrail.features.lean import are_in_order
from coldtrail.features.starting import is_early
from coldtrail.formats.otel.calls import Step
from coldtrail.formats.otel.observing import Observing, requests_of
from coldtrail.formats.otel.places import begins_run
from coldtrail.formats.otel.spans import NO_TRACE_ID, Told
from coldtrail.records.columns import APART, Columns, RunColumns, Shape, ToldStep, WholeTrace
from coldtrail.records.telemetry import Document, Link

_START = attrgetter("start")
_BY_START = attrgetter("start", "end", "span_id")
_MOST_HOPS = 100
_MOST_RECURSION = 100
_MOST_TOLD = 50_000
_MOST_CHARS = 8_000_000
_MOST_STEPS = 500_000
"""Of shapes that are remembered."""

_Order = Callable[[Told], Any]


class _UnusualError(Exception):
    """Records have to be made of the trace."""


class _Known:
    """What is told of a step, and by what their spans mean, of those below it."""

    __slots__ = ("below", "below_failed", "is_cold", "step")

    def __init__(self, step: ToldStep, *, is_cold: bool = False) -> None:
        self.step, self.is_cold = step, is_cold
        self.below: dict[Step, _Known] = {}
        self.below_failed: dict[Step, _Known] = {}


class _Walked:
    """The steps of one run, depth first by start."""

    __slots__ = ("ends", "ids", "known", "starts")

    def __init__(self) -> None:
        self.known: list[_Known] = []
        self.ids: list[str] = []
        self.starts: list[float] = []
        self.ends: list[float] = []


class _Sorted:
    """The spans of a trace by what they are."""

    __slots__ = ("below", "leads", "nodes", "runs")

    def __init__(self, spans: Sequence[Told]) -> None:
        self.nodes = {span.span_id: span for span in spans}
        self.runs: list[Told] = []
        self.leads: list[Told] = []
        self.below: dict[str, list[Told]] = {}
        """What is no run and leads nowhere by itself, by its parent."""
        if len(self.nodes) < len(spans) or spans[0].trace_id == NO_TRACE_ID:
            raise _UnusualError
        trace_id, below = spans[0].trace_id, self.below
        for span in spans:
            meaning, parent_id = span.meaning, span.parent_id
            if span.trace_id != trace_id or span.end is None or span.links or meaning.is_unusual:
                raise _UnusualError
            if begins_run(span):
                self._check_run(span)
                self.runs.append(span)
            elif meaning.lead is not None and not meaning.is_subsegment:
                self.leads.append(span)
            elif parent_id is None:
                raise _UnusualError
            elif parent_id in below:
                below[parent_id].append(span)
            else:
                below[parent_id] = [span]

    def _check_run(self, span: Told) -> None:
        """Raises where the run may be part of another one, or tells of a message."""
        meaning, above = span.meaning, self.nodes.get(span.parent_id or "")
        if meaning.step.is_call or (meaning.trigger is not None and span.parent_id is not None):
            raise _UnusualError
        if above is not None and above.meaning.lead is None and not above.meaning.step.is_call:
            raise _UnusualError


class ColumnMaker:
    """Spans of one trace to columns."""

    def __init__(self, limits: LimitSettings, observing: Observing) -> None:
        self._observing = observing
        self._max_depth = min(limits.max_depth, _MOST_RECURSION)
        self._max_events = limits.max_events_per_flow
        self._forget()

    def _forget(self) -> None:
        self._top = _Known(ToldStep("", "", None, None, 0))
        """Stands above the steps without a parent."""
        self._shapes: dict[tuple[_Known, ...], tuple[Shape, bool]] = {}
        """Shapes by what is told of their steps, and whether they are of cold starts."""
        self._number = self._chars = self._steps = 0

    def whole(self, spans: Sequence[Told], document: Document) -> WholeTrace | None:
        """The trace of these spans of a document; None where records have to be made of it."""
        if not spans:
            return None
        if self._number > _MOST_TOLD or self._chars > _MOST_CHARS or self._steps > _MOST_STEPS:
            self._forget()
        try:
            return self._whole(_Sorted(spans), spans[0].trace_id, document)
        except _UnusualError:
            return None

    def _whole(self, told: _Sorted, trace_id: str, document: Document) -> WholeTrace:
        links = [self._observing.link(span) for span in told.leads]
        # `links` grows while it is walked.
        for link in links:
            for span in told.below.pop(link.link_id, ()):
                if not span.meaning.is_subsegment:
                    raise _UnusualError
                links.append(self._observing.link(span))
        runs = tuple([self._run(span, told.below) for span in told.runs])
        if told.below or not (runs or links):
            raise _UnusualError
        if any(run.head.cold_start for run in runs):
            _check_starts(runs, {link.link_id: link for link in links})
        requests = requests_of(told.nodes.values())
        place = document.place
        return WholeTrace(
            trace_id, runs, tuple(links), origin=document.origin, place=place, requests=requests
        )

    def _run(self, span: Told, below: dict[str, list[Told]]) -> RunColumns:
        siblings = {span.span_id: below.pop(span.span_id, [])}
        for parent in siblings[span.span_id]:
            self._gather(parent, below, siblings, 1)
        walked = self._ordered(span.span_id, siblings)
        shape, cold = self._shape(tuple(walked.known))
        starts, ends = array("d", walked.starts), array("d", walked.ends)
        head = self._observing.run(span, (), is_cold=cold)
        return RunColumns(head, Columns(shape, starts, ends, APART.join(walked.ids)))

    def _gather(
        self, span: Told, below: dict[str, list[Told]], siblings: dict[str, list[Told]], depth: int
    ) -> None:
        """Take what lies below a step."""
        some = below.pop(span.span_id, None)
        if some is None:
            return
        if depth >= self._max_depth:
            raise _UnusualError
        siblings[span.span_id] = some
        for one in some:
            self._gather(one, below, siblings, depth + 1)

    def _ordered(self, run_id: str, siblings: Mapping[str, list[Told]]) -> _Walked:
        """The steps in order; those that start together, as is usual with coarse clocks, by their ends."""
        walked = _Walked()
        self._walk(run_id, siblings, self._top, walked, _START)
        if len(walked.ids) > self._max_events:
            raise _UnusualError
        if are_in_order(walked.starts, walked.ends):
            return walked
        walked = _Walked()
        self._walk(run_id, siblings, self._top, walked, _BY_START)
        if not are_in_order(walked.starts, walked.ends, ties=True):
            raise _UnusualError
        return walked

    def _walk(
        self, above_id: str, siblings: Mapping[str, list[Told]], above: _Known, walked: _Walked, order: _Order
    ) -> None:
        """Adds the steps below one of which so much is told, and all that is below them."""
        some = siblings[above_id]
        for span in sorted(some, key=order) if len(some) > 1 else some:
            step = span.meaning.step
            one = (above.below_failed if span.failed else above.below).get(step)
            if one is None:
                one = self._learn(span, step, above)
            walked.known.append(one)
            walked.ids.append(span.span_id)
            walked.starts.append(span.start)
            walked.ends.append(span.end or span.start)
            if span.span_id in siblings:
                self._walk(span.span_id, siblings, one, walked, order)

    def _learn(self, span: Told, step: Step, above: _Known) -> _Known:
        """What is told of a step that is met for the first time."""
        parent = above.step
        parent_name = parent.name if parent.depth else None
        told = ToldStep(step.name, step.kind, parent_name, step.target, parent.depth + 1, span.failed)
        one = _Known(told, is_cold=span.meaning.is_cold)
        (above.below_failed if span.failed else above.below)[step] = one
        self._number += 1
        self._chars += len(step.name) + len(step.kind) + len(step.target or "")
        return one

    def _shape(self, known: tuple[_Known, ...]) -> tuple[Shape, bool]:
        found = self._shapes.get(known)
        if found is None:
            shape = Shape(tuple([one.step for one in known]))
            found = self._shapes[known] = shape, any(one.is_cold for one in known)
            self._steps += len(known) + 1
        return found


def _check_starts(runs: Sequence[RunColumns], links: Mapping[str, Link]) -> None:
    """Raises where a cold start had ended before the request came."""
    for head, columns in runs:
        if not head.cold_start:
            continue
        asked = _asked(head.parent_id, links)
        times = zip(columns.starts, columns.ends, strict=True)
        for step, span in zip(columns.shape.steps, times, strict=True):
            if is_early(step.name, step.kind, span, head.start_time, asked):
                raise _UnusualError


def _asked(parent_id: str | None, links: Mapping[str, Link]) -> float | None:
    """When the request came, as the platform's own record tells it."""
    for _ in range(_MOST_HOPS):
        link = None if parent_id is None else links.get(parent_id)
        if link is None or link.role not in ("hop", "invocation"):
            return None
        if link.role == "invocation":
            return link.start_time
        parent_id = link.parent_id
    return None
