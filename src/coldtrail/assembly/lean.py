"""Traces that one document held whole: kept as columns, closed as lean flows, records where more comes."""

from __future__ import annotations

from math import inf

from msgspec.structs import replace

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.masking import Home, Masking
from coldtrail.assembly.trace import Draft, Trace
from coldtrail.assembly.upstream import above_run
from coldtrail.assembly.watermark import STRAY_S
from coldtrail.features.lean import events_of
from coldtrail.records.columns import APART, Columns, LeanFlow, RunColumns, Shape, ToldStep, WholeTrace
from coldtrail.records.flow import Event
from coldtrail.records.identity import FunctionKey
from coldtrail.records.telemetry import Link, Observations, Span

_MOST_STEPS = 500_000
"""Of shapes that are remembered."""


class LeanTrace:
    """An open trace of which one document has told all so far."""

    __slots__ = ("events", "times", "whole")

    def __init__(self, whole: WholeTrace) -> None:
        self.whole = whole
        self.events = sum([len(run.columns.shape.steps) + 1 for run in whole.runs])
        """How much it holds, as `Trace` counts it."""
        self.times: tuple[float, float] | None = None

    @property
    def number_of_links(self) -> int:
        """How many links it holds."""
        return len(self.whole.links) + len(self.whole.leaves)

    def looked(self) -> Looked:
        """The trace, to be looked at."""
        return Looked(self.whole)

    def earliest_and_latest(self) -> tuple[float, float]:
        """The first and the last time that anything held speaks of; infinite where nothing has a time."""
        if self.times is None:
            told: list[float | None] = []
            for head, columns in self.whole.runs:
                told += head.start_time, head.end_time, *columns.starts[:1], max(columns.ends, default=None)
            for link in self.whole.links:
                told += link.start_time, link.end_time
            known = [time for time in told if time is not None]
            self.times = min(known, default=inf), max(known, default=inf)
            if self.times[1] - self.times[0] > STRAY_S:
                self.times = self.records().earliest_and_latest()
        return self.times

    def records(self) -> Trace:
        """The same as records, to which more can be added."""
        trace = Trace(self.whole.trace_id)
        source = self.whole.origin, self.whole.place
        trace.drafts = {run.head.span_id or "": Draft(span_of(run), source) for run in self.whole.runs}
        trace.marks = [(0, source)]
        trace.links = {link.link_id: link for link in links_of(self.whole)}
        trace.events = self.events
        return trace


class Looked:
    """A trace to be looked at, whose steps are made records of where they are asked for."""

    __slots__ = ("_runs", "_steps", "has_pieces", "has_twins", "links", "ways")

    def __init__(self, whole: WholeTrace) -> None:
        self.links = {one.link_id: one for one in whole.links}
        self.ways: dict[str, list[Link]] = {}
        self.has_pieces = self.has_twins = False
        self._runs = whole.runs
        self._steps: dict[str, tuple[Event, Span]] | None = None

    def run_at(self, run_id: str) -> Span | None:
        """The run with an id, where there is one."""
        return next((run.head for run in self._runs if run.head.span_id == run_id), None)

    def steps(self, step_id: str) -> list[tuple[Event, Span]]:
        """The step with an id, and whose it is."""
        if self._steps is None:
            self._steps = {
                event.event_id: (event, run.head) for run in self._runs for event in events_of(run.columns)
            }
        one = self._steps.get(step_id)
        return [] if one is None else [one]


def observations_of(whole: WholeTrace) -> Observations:
    """What the trace's document says, as records."""
    spans = [span_of(run) for run in whole.runs]
    requests = list(whole.requests)
    return Observations(spans, links_of(whole), requests=requests, origin=whole.origin, place=whole.place)


def span_of(run: RunColumns) -> Span:
    """The run with its steps as records."""
    return replace(run.head, steps=tuple(events_of(run.columns)))


def links_of(whole: WholeTrace) -> list[Link]:
    """All links of the trace."""
    leaves = whole.leaves
    columns = zip(leaves.ids.split(APART), leaves.parents.split(APART), leaves.leads, strict=False)
    return [
        *whole.links,
        *(Link(whole.trace_id, one, parent or None, *lead) for one, parent, lead in columns),
    ]


class LeanFlows:
    """Traces held as columns to lean flows."""

    def __init__(self, applications: Applications, masking: Masking) -> None:
        self._applications, self._masking = applications, masking
        self._shown: dict[tuple[Shape, Home], Shape] = {}
        self._shapes: dict[tuple[ToldStep, ...], Shape] = {}
        """Those that are shown, each once."""
        self._steps = 0
        self._keys: dict[tuple[str, ...], FunctionKey] = {}

    def of(self, whole: WholeTrace) -> list[LeanFlow]:
        """The flows of a trace that is closed."""
        trace = Looked(whole)
        return [self._flow(run, trace) for run in whole.runs]

    def _flow(self, run: RunColumns, trace: Looked) -> LeanFlow:
        head, columns = run
        above = above_run(head, trace, self._masking)
        told = above.invocation or head
        account = head.account or told.account or ""
        shape = self._shape(columns.shape, account)
        assert head.start_time is not None
        assert head.end_time is not None
        return LeanFlow(
            self._key(account, head.region or told.region or "", head),
            head.trace_id,
            head.span_id or "",
            head.start_time,
            head.end_time,
            columns if shape is columns.shape else Columns(shape, columns.starts, columns.ends, columns.ids),
            head.cold_start,
            head.error,
            not head.in_progress,
            above.trigger,
            above.caller,
            head.version or told.version,
            head.request_id or told.request_id,
            above.lost,
            head.witnesses,
            None,
            told.invocation_type or head.invocation_type,
        )

    def _key(self, account: str, region: str, head: Span) -> FunctionKey:
        name = head.function_name
        parts = account, region, head.application_name or self._applications[name], name
        known = self._keys.get(parts)
        if known is None:
            if len(self._keys) > 50_000:
                self._keys.clear()
            known = self._keys[parts] = FunctionKey(*parts)
        return known

    def _shape(self, raw: Shape, home: Home) -> Shape:
        """The steps as functions of the account show them."""
        shown = self._shown.get((raw, home))
        if shown is None:
            if self._steps > _MOST_STEPS:
                self._shown.clear()
                self._shapes.clear()
                self._steps = 0
            steps = self._masking.told(raw.steps, home)
            shown = self._shown[raw, home] = self._shapes.setdefault(steps, Shape(steps))
            self._steps += len(steps) + 1
        return shown
