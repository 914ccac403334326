"""AWS X-Ray: traces as `BatchGetTraces` gives them, and segment documents as SDKs send them.

A function flow is one `AWS::Lambda::Function` segment, and its events are the subsegments. All other segments
become links, which lead from a function to whoever triggered it; those of no service may be a function's own
work as well.
"""

from __future__ import annotations

import re

import msgspec

from coldtrail.config import Settings
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.xray.calls import http_of
from coldtrail.formats.xray.columns import FUNCTION, WITNESSES, ColumnMaker
from coldtrail.formats.xray.documents import MAX_ID_CHARS, NO_TRACE, Holder, Segment, Told, Trace
from coldtrail.formats.xray.events import EventMaker
from coldtrail.formats.xray.functions import Functions
from coldtrail.formats.xray.links import LAMBDA, LinkMaker
from coldtrail.formats.xray.parts import ids_above, is_cut, is_made_up, is_part
from coldtrail.formats.xray.pieces import SUBSEGMENT, as_subsegment, attach
from coldtrail.formats.xray.salvage import Salvage
from coldtrail.formats.xray.shapes import looks_saved
from coldtrail.formats.xray.trace_links import MARK, TraceLinkMaker
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations, Span
from coldtrail.records.trace_link import TraceLink

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_HEAD_BYTES = 2_048
_ID = rb'"([^"\\]{1,%d})"' % MAX_ID_CHARS
_TRACE = re.compile(rb'\s*\{\s*(?:"(?:Duration|LimitExceeded)"\s*:\s*[\w.+-]{1,40}\s*,\s*)*"Id"\s*:\s*' + _ID)
_TRACE_KEY = b'"trace_id"'
_TRACE_OF_SEGMENT = re.compile(_TRACE_KEY + rb"\s*:\s*" + _ID)
_CUT = "Parts of this trace are missing: {why}; nothing that its flows do not show is taken for left out."
_TOO_LARGE = "X-Ray left out what is over its size limit (LimitExceeded)"
_UNSAMPLED = "it was recorded for an anomaly only (sampled 0)"


class XRayParser:
    """Documents of X-Ray to spans and links; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms | None = None) -> None:
        self._decode_trace = msgspec.json.Decoder(Trace).decode
        self._decode_segment = msgspec.json.Decoder(Segment).decode
        self._decode_segments = msgspec.json.Decoder(list[Segment]).decode
        self._functions = Functions(settings.limits.max_name_chars)
        self._events = EventMaker(settings.limits)
        self._links = LinkMaker(settings.limits, self._functions)
        self._trace_links = TraceLinkMaker(self._functions)
        self._columns = ColumnMaker(settings.limits, self._functions, self._events, self._links)
        self._limits = settings.limits

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a document of X-Ray."""
        return (
            payload.find(b'"Segments"', 0, _HEAD_BYTES) >= 0
            or (b'"trace_id"' in payload and b'"id"' in payload and b'"function_flow_id"' not in payload)
            or b'"Segments"' in payload
            or looks_saved(payload)
        )

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """The id of the trace, where the document begins with it, or is one segment that names it once, and
        says nothing of other traces."""
        if MARK in payload:
            return None
        found = _TRACE.match(payload)
        if (
            found is None
            and payload[:1] == b"{"
            and payload.count(_TRACE_KEY) == 1
            and b'"Segments"' not in payload
        ):
            found = _TRACE_OF_SEGMENT.search(payload)
        return None if found is None else found[1]

    def __call__(self, document: Document) -> Observations:
        """What the document says; its losses are named in `problems`."""
        problems = Problems()
        return self._observed(self._read(document.payload, problems), problems, document)

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same as columns, where the document holds a whole trace with nothing unusual in it."""
        problems = Problems()
        traces = self._read(document.payload, problems)
        if len(traces) == 1 and not traces[0].is_cut and not problems:
            trace_id, segments, _ = traces[0]
            whole = self._columns.whole(trace_id, segments, document.origin, document.place)
            if whole is not None:
                return whole
        return self._observed(traces, problems, document)

    def _observed(self, traces: list[Told], problems: Problems, document: Document) -> Observations:
        found = Observations(problems=problems, origin=document.origin, place=document.place)
        between: list[TraceLink] | None = [] if MARK in document.payload else None
        cut: list[str | None] = []
        for told in traces:
            self._add(told.trace_id, told.segments, found, between)
            if told.is_cut or any(map(is_cut, told.segments)):
                why = _TOO_LARGE if told.is_cut else _UNSAMPLED
                problems.append(_CUT.format(why=why))
                cut += [told.trace_id] if told.trace_id else [one.trace_id for one in told.segments]
        if not (between or problems.left_out or cut):
            return found
        return msgspec.structs.replace(
            found,
            trace_links=tuple(between or ()),
            cut=tuple(dict.fromkeys(one for one in cut if one and one.isprintable())),
            more_problems=problems.left_out,
        )

    def _read(self, payload: bytes, problems: list[str]) -> list[Told]:
        if payload.find(b'"Segments"', 0, _HEAD_BYTES) >= 0:
            try:
                trace = self._decode_trace(payload)
            except _BROKEN:
                return Salvage(self._limits, problems).document(payload)
            return [Told(trace.Id or NO_TRACE, self._segments(trace, problems), bool(trace.LimitExceeded))]
        try:
            if payload[:1] == b"[":
                return [Told(NO_TRACE, self._decode_segments(payload))]
            return [Told(NO_TRACE, [self._decode_segment(payload)])]
        except _BROKEN:
            return Salvage(self._limits, problems).document(payload)

    def _segments(self, trace: Trace, problems: list[str]) -> list[Segment]:
        decode = self._decode_segment
        try:
            return [decode(holder.Document) for holder in trace.Segments]  # type: ignore[arg-type]
        except (*_BROKEN, TypeError):
            return [segment for holder in trace.Segments for segment in self._held(holder, problems)]

    def _held(self, holder: Holder, problems: list[str]) -> list[Segment]:
        """The segment that a holder has, as text or as it is, if it can be used."""
        content = holder.Document
        if isinstance(content, Segment):
            return [content]
        try:
            return [self._decode_segment(content)]
        except _BROKEN:
            return Salvage(self._limits, problems).text(content)

    def _add(
        self, trace_id: str, segments: list[Segment], found: Observations, between: list[TraceLink] | None
    ) -> None:
        for segment in segments:
            if segment.type == SUBSEGMENT:
                segments, orphans = attach(segments, found.problems)
                self._add_orphans(trace_id, orphans, found)
                break
        is_known = bool(trace_id) and trace_id.isprintable()
        add_link, links, problems = self._links.add, found.links, found.problems
        roots: list[tuple[str, Segment]] = []
        for segment in segments:
            trace = trace_id or segment.trace_id or ""
            if not segment.id.isprintable() or not (is_known or (trace and trace.isprintable())):
                found.problems.append(
                    f"Segment {segment.id!a} was left out: it has no usable id or trace id."
                )
                continue
            if between is not None and segment.origin in (FUNCTION, LAMBDA):
                between.extend(self._trace_links.of(trace, segment))
            if segment.origin == FUNCTION and (segment.subsegments or not is_made_up(segment, segments)):
                self._add_span(trace, segment, found)
                continue
            add_link(trace, segment, links, problems)
            if not segment.origin and is_part(segment):
                if segment.parent_id is None:
                    roots.append((trace, segment))
                else:
                    self._add_part(trace, segment, found)
        if roots:
            callers = ids_above([span for span in found.spans if span.function_name], links)
            for trace, segment in roots:
                if segment.id not in callers:
                    self._add_part(trace, segment, found)

    def _add_span(self, trace_id: str, segment: Segment, found: Observations) -> None:
        function = self._functions.of(segment)
        below = self._events.make(segment, found.problems)
        found.requests.extend(below.requests)
        start, end = segment.start_time, segment.end_time
        if start is None and not below.events:
            found.problems.append(f"Segment {segment.id!a} was left out: it says nothing of when it ran.")
            return
        if start is not None and end is not None and end < start:
            found.problems.append(f"Segment {segment.id!a} ends before it starts: its end was left out.")
            end = None
        found.spans.append(
            Span(
                trace_id,
                segment.id,
                segment.parent_id or None,
                function.name,
                steps=tuple(below.events),
                start_time=start,
                end_time=end,
                account=function.account,
                region=function.region,
                version=function.version,
                error=bool(segment.error or segment.fault or segment.throttle),
                cold_start=below.cold,
                in_progress=below.still_open or end is None or bool(segment.in_progress),
                witnesses=WITNESSES,
                other_name=function.other_name,
            )
        )

    def _add_part(self, trace_id: str, segment: Segment, found: Observations) -> None:
        below = self._events.make(segment, [])
        found.requests.extend(below.requests)
        end = segment.end_time
        found.spans.append(
            Span(
                trace_id,
                segment.id,
                segment.parent_id or None,
                steps=tuple(below.events),
                start_time=segment.start_time,
                end_time=end if end is None or end >= (segment.start_time or end) else None,
                error=bool(segment.error or segment.fault or segment.throttle),
                in_progress=below.still_open or end is None or bool(segment.in_progress),
                witnesses=WITNESSES,
                other_name=self._functions.of(segment).name,
                names_owner=http_of(segment).request is not None,
            )
        )

    def _add_orphans(self, trace_id: str, orphans: list[Segment], found: Observations) -> None:
        for orphan in orphans:
            trace = trace_id or orphan.trace_id
            if not trace or not trace.isprintable():
                found.problems.append(f"Subsegment {orphan.id!a} was left out: it has no usable trace id.")
                continue
            self._links.add(trace, orphan, found.links, found.problems)
            alone = Segment(orphan.id, orphan.name, subsegments=[as_subsegment(orphan)])
            below = self._events.make(alone, found.problems)
            found.requests.extend(below.requests)
            found.spans.append(
                Span(
                    trace,
                    None,
                    orphan.parent_id,
                    steps=tuple(below.events),
                    cold_start=below.cold,
                    witnesses=WITNESSES,
                )
            )
