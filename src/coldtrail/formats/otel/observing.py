"""Spans to observations: runs with their steps, pieces of runs told elsewhere, and what leads up to them.

What of a run lies in one document is put together here; all else is left to assembly, so that any cut of a
stream of spans gives the same flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from coldtrail.formats.ids import as_told
from coldtrail.formats.otel.calls import COLD
from coldtrail.formats.otel.outside import placed
from coldtrail.formats.otel.owners import Owner
from coldtrail.formats.otel.places import Places, begins_run, is_outside
from coldtrail.formats.otel.spans import NO_TRACE_ID, Told
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.records.trace_link import TraceLink
from coldtrail.records.witnesses import Report

_NO_TRACE = "{:,} spans were left out: their trace id is all zeros."
_NOBODYS = Owner("")
_MOST_COPIES = 64
"""Of what one document tells of one span in different ways."""


class Observing:
    """Puts the spans of one document together."""

    def __init__(self, witness: str) -> None:
        self._witnesses = (witness,)

    def add(self, spans: Sequence[Told], found: Observations) -> Observations:
        """`found` with all that the spans say."""
        reports: list[Report] = []
        taken: list[TraceLink] = []
        found.requests.extend(requests_of(spans))
        if len(spans) == 1 and not (spans[0].links or spans[0].meaning.trigger):
            self._add_alone(spans[0], found, reports)
            return replace(found, reports=tuple(reports)) if reports else found
        traces: dict[str, list[Told]] = {}
        for span in spans:
            if span.meaning.is_start and span.parent_id is None:
                reports.append(_report(span))
                continue
            alike = traces.get(span.trace_id)
            if alike is None:
                alike = traces[span.trace_id] = []
            alike.append(span)
            if span.meaning.enters and (span.links or (span.meaning.trigger and span.parent_id)):
                taken += _trace_links(span)
        for trace_id, alike in traces.items():
            if trace_id == NO_TRACE_ID:
                found.problems.append(_NO_TRACE.format(len(alike)))
            else:
                self._add_trace(trace_id, alike, found)
        if any(span.is_outside for span in found.spans):
            found.spans[:] = placed(found.spans)
        if not reports and not taken:
            return found
        return replace(found, reports=tuple(reports), trace_links=tuple(dict.fromkeys(taken)))

    def _add_alone(self, span: Told, found: Observations, reports: list[Report]) -> None:
        """The same of a single span."""
        meaning, trace_id, parent_id = span.meaning, span.trace_id, span.parent_id
        if meaning.is_start and parent_id is None:
            reports.append(_report(span))
            return
        if trace_id == NO_TRACE_ID:
            found.problems.append(_NO_TRACE.format(1))
            return
        if meaning.lead is not None:
            found.links.append(self.link(span))
        if meaning.is_part or begins_run(span):
            steps = (_event(span, None, None),) if meaning.step.is_call else ()
            found.spans.append(self.run(span, steps))
        elif parent_id is not None and (meaning.lead is None or meaning.is_subsegment):
            step = (_event(span, None, None),)
            found.spans.append(self._below(trace_id, parent_id, step, [span]))

    def _add_trace(self, trace_id: str, spans: Sequence[Told], found: Observations) -> None:
        nodes, others = _each_once(spans)
        self._add_nodes(trace_id, nodes, found)
        for _ in range(_MOST_COPIES):
            if not others:
                return
            nodes, others = _each_once(others)
            self._add_nodes(trace_id, nodes, found)
        if others:
            found.problems.append(f"{len(others):,} spans were left out: others have their ids.")

    def _add_nodes(self, trace_id: str, nodes: dict[str, Told], found: Observations) -> None:
        places = Places(nodes)
        steps: dict[str, list[Event]] = {}
        pieces: dict[str, list[Told]] = {}
        for span_id, span in nodes.items():
            meaning = span.meaning
            lead = meaning.lead
            if span_id in places.runs:
                if lead is not None:
                    found.links.append(self.link(span))
                elif meaning.step.is_call:
                    steps.setdefault(span_id, []).append(_event(span, None, None))
                continue
            place = places.above(span)
            if lead is not None and (place.run_id is None or not meaning.is_subsegment):
                found.links.append(self.link(span))
                if place.leads or not meaning.is_subsegment:
                    continue
            run_id, step_id = place.run_id, place.step_id
            if run_id is not None:
                name = None if step_id is None else nodes[step_id].meaning.step.name
                steps.setdefault(run_id, []).append(_event(span, step_id, name))
                continue
            root_id = place.root_id or span.parent_id
            if root_id is not None:
                pieces.setdefault(root_id, []).append(span)
        for span_id in nodes:
            if span_id in places.runs:
                found.spans.append(self.run(nodes[span_id], steps.get(span_id, ())))
        for root_id, some in pieces.items():
            found.spans.append(self._piece(trace_id, root_id, some, nodes))

    def run(self, span: Told, steps: Sequence[Event], *, is_cold: bool = False) -> Span:
        """The run that begins with a span, or the part of a trace that may be some run's own work."""
        meaning = span.meaning
        owner, is_part = meaning.owner, meaning.is_part
        is_cold = is_cold or meaning.is_cold
        return Span(
            span.trace_id,
            span.span_id,
            span.parent_id,
            "" if is_part else owner.name,
            owner.application,
            tuple(steps),
            span.start,
            span.end,
            span.request_id and as_told(span.request_id),
            owner.account,
            owner.region,
            None if is_part else owner.version,
            meaning.root_trigger if span.parent_id is None else meaning.trigger,
            None,
            span.failed,
            is_cold or any(_is_cold(step) for step in steps if step.event_type == "lifecycle"),
            meaning.partial or span.end is None or meaning.in_progress,
            self._witnesses,
            None,
            not owner.is_function and not is_part,
            is_outside(span),
            invocation_type=None if is_part else meaning.invocation_type,
        )

    @staticmethod
    def link(span: Told) -> Link:
        """What a span is on the way up from a function."""
        lead = span.meaning.lead
        assert lead is not None
        return Link(
            span.trace_id,
            span.span_id,
            span.parent_id,
            lead.role,
            lead.kind,
            lead.name,
            span.start,
            span.end,
            span.failed,
            as_told(span.request_id) if span.request_id and lead.role == "invocation" else None,
            *lead[3:],
        )

    def _piece(self, trace_id: str, root_id: str, spans: Sequence[Told], nodes: dict[str, Told]) -> Span:
        """Steps below something that other documents tell of."""
        inside = {span.span_id for span in spans}
        steps = []
        for span in spans:
            parent_id = span.parent_id
            step_id = parent_id if parent_id in inside and parent_id != span.span_id else None
            steps.append(_event(span, step_id, nodes[step_id].meaning.step.name if step_id else None))
        return self._below(trace_id, root_id, tuple(steps), spans)

    def _below(self, trace_id: str, root_id: str, steps: tuple[Event, ...], spans: Sequence[Told]) -> Span:
        first = spans[0].meaning.owner
        is_one = len(spans) == 1 or all(span.meaning.owner == first for span in spans)
        owner = first if is_one else _NOBODYS
        # By their places: so many names would take longer than all the rest.
        return Span(
            trace_id,
            None,
            root_id,
            "",
            None,
            steps,
            None,
            None,
            None,
            owner.account,
            owner.region,
            None,
            None,
            None,
            False,
            any(span.meaning.is_cold for span in spans),
            any(span.meaning.partial for span in spans),
            self._witnesses,
            owner.name or None,
            not owner.is_function,
            False,
            _is_named(owner, spans[0]),
        )


def _is_named(owner: Owner, span: Told) -> bool:
    """Whether the name is that of whoever did the work: what runs in Lambda may call itself anything, and
    what nothing names is called like its span."""
    return bool(owner.name) and not owner.is_lambda and owner.name != span.meaning.step.name


def requests_of(spans: Iterable[Told]) -> list[str]:
    """Ids of calls, each with the id of its request behind it, of those that tell it."""
    told: list[str] = []
    for span in spans:
        if span.request_id is not None and span.meaning.step.is_call:
            told += span.span_id, span.request_id
    return told


def _each_once(spans: Sequence[Told]) -> tuple[dict[str, Told], list[Told]]:
    """The spans by id, of twins the one that has ended; and what is told otherwise of the same ids."""
    nodes: dict[str, Told] = {}
    others: list[Told] = []
    for span in spans:
        known = nodes.setdefault(span.span_id, span)
        if known is span or known == span:
            continue
        if _is_open(known) and not _is_open(span):
            nodes[span.span_id] = span
        elif not _is_open(span):
            others.append(span)
    return nodes, others


def _is_open(span: Told) -> bool:
    return span.end is None or span.meaning.in_progress


def _is_cold(step: Event) -> bool:
    return step.event_name in COLD


def _event(span: Told, step_id: str | None, name: str | None) -> Event:
    step = span.meaning.step
    end = span.end
    return Event(
        span.span_id,
        span.start,
        span.start if end is None else end,
        step.name,
        step.kind,
        step_id,
        name,
        step.target,
        span.failed,
    )


def _report(span: Told) -> Report:
    """What a span says of the start of an instance, which belongs to no run."""
    owner = span.meaning.owner
    return Report(
        span.start,
        None,
        owner.name,
        "init",
        account=owner.account,
        region=owner.region,
        version=owner.version,
        trace_id=None if span.trace_id == NO_TRACE_ID else span.trace_id,
        span_id=span.span_id,
        init_s=None if span.end is None else span.end - span.start,
    )


def _trace_links(span: Told) -> Iterator[TraceLink]:
    """Other traces that a run took up, as its own span tells or the one that it works on them in."""
    kind, _, name = (span.meaning.trigger or "").partition(" ")
    ids = [span.span_id] if span.parent_id is None else [span.span_id, span.parent_id]
    others = {trace_id for trace_id, _ in span.links if trace_id not in (span.trace_id, "")}
    for from_trace_id in sorted(others) or [""]:
        for link_id in ids:
            yield TraceLink(
                span.trace_id, link_id, from_trace_id, kind or None, name or None, time=span.start
            )
