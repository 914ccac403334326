"""Google Cloud Trace: traces as its API gives them (version 1), and spans as they are written (version 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.gcp_trace.documents import AttributeValue, Number, OldSpan, Span
from coldtrail.formats.gcp_trace.names import parted
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.moments import moment_of
from coldtrail.formats.otel.observing import Observing
from coldtrail.formats.otel.rows import Part, Rows
from coldtrail.formats.otel.spans import Told
from coldtrail.formats.otel.values import kind_of, whole
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations

_PLACE = re.compile(r"projects/([^/]{1,128})/traces/([0-9a-fA-F]{32})/spans/([0-9a-fA-F]{16})")
_NAMED = re.compile(rb'"name"\s*:\s*"projects/[^/"]{1,128}/traces/([0-9a-fA-F]{32})/spans/')
_TRACE = re.compile(rb'"traceId"\s*:\s*"([0-9a-fA-F]{32})"')
_OLD_KINDS = {"RPC_SERVER": "SERVER", "RPC_CLIENT": "CLIENT"}
_ERRORS = frozenset(("/error/message", "/error/name", "error"))
"""Labels of a span that failed; what they say stays outside."""
_MOST_SPANS = 100_000
_MAX_SPAN_ID = 2**64


class _Holder(Struct, gc=False):
    """A document: a trace, a span, or a list of either."""

    projectId: str | None = None
    traceId: str | None = None
    traces: list[Raw] | None = None
    spans: list[Raw] | None = None
    name: str | None = None


class _Usual(Struct):
    """A trace of version 1 whose parts are all sound."""

    traceId: str
    projectId: str | None = None
    traces: None = None
    spans: list[OldSpan] | None = None
    name: str | None = None


class GcpTraceParser:
    """Traces and spans to runs and steps; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._read = JsonReader(_Holder, "trace of Google Cloud")
        self._decode = msgspec.json.Decoder(_Usual).decode
        self._read_old = JsonReader(OldSpan, "span of Google Cloud")
        self._read_span = JsonReader(Span, "span of Google Cloud")
        self._rows = Rows(settings.limits)
        self._observing = Observing("gcp-trace")

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a trace or a span of Google Cloud."""
        if b'"projectId"' in payload:
            return b'"traceId"' in payload and b'"spans"' in payload and b'"resourceSpans"' not in payload
        return _NAMED.search(payload) is not None

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """The id of the trace, where the payload speaks of one alone."""
        found = {one.lower() for one in (_TRACE.findall(payload) or _NAMED.findall(payload))}
        return found.pop() if len(found) == 1 else None

    def __call__(self, document: Document) -> Observations:
        """What the document says; its losses are named in `problems`."""
        problems = Problems()
        found = Observations(problems=problems, origin=document.origin, place=document.place)
        try:
            spans = list(self._spans(document.payload, problems))
        except RecursionError:
            raise DocumentError("This trace of Google Cloud is nested too deep.") from None
        if not spans and problems:
            raise DocumentError(problems[0])
        found = self._observing.add(spans, found) if spans else found
        return replace(found, more_problems=problems.left_out) if problems.left_out else found

    straight = __call__
    """Steps of traces are records: there are no columns to fill."""

    def _spans(self, payload: bytes, problems: list[str]) -> Iterator[Told]:
        try:
            usual = self._decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield from self._odd_spans(payload, problems)
            return
        for span in (usual.spans or ())[:_MOST_SPANS]:
            told = self._old_span(span, usual.traceId, usual.projectId, problems)
            if told is not None:
                yield told

    def _odd_spans(self, payload: bytes, problems: list[str]) -> Iterator[Told]:
        """Spans of version 2, of several traces, and of a trace of which a part is wrong."""
        holder = self._read(payload, problems)
        if holder.traces is not None:
            for trace in holder.traces:
                yield from self._old_trace(self._read(bytes(trace), problems), problems)
        elif holder.traceId is not None:
            yield from self._old_trace(holder, problems)
        elif holder.spans is not None:
            for span in holder.spans[:_MOST_SPANS]:
                yield from self._span(bytes(span), problems)
        elif holder.name is not None:
            yield from self._span(payload, problems)
        else:
            raise DocumentError("This is no trace of Google Cloud: it names neither a trace nor spans.")

    def _old_trace(self, trace: _Holder, problems: list[str]) -> Iterator[Told]:
        for raw in (trace.spans or ())[:_MOST_SPANS]:
            try:
                span = self._read_old(bytes(raw), problems)
            except DocumentError as error:
                problems.append(f"A span was left out: {error}")
                continue
            told = self._old_span(span, trace.traceId or "", trace.projectId, problems)
            if told is not None:
                yield told

    def _old_span(
        self, span: OldSpan, trace_id: str, project: str | None, problems: list[str]
    ) -> Told | None:
        ids = trace_id, _hex(span.spanId) or "", _hex(span.parentSpanId)
        kind = _OLD_KINDS.get(span.kind or "", "")
        times, labels = (span.startTime, span.endTime), span.labels or {}
        failed = not _ERRORS.isdisjoint(labels) and any(labels.get(label) for label in _ERRORS)
        return self._told(ids, span.name, kind, times, project, labels, problems, failed)

    def _span(self, raw: bytes, problems: list[str]) -> Iterator[Told]:
        try:
            span = self._read_span(raw, problems)
        except DocumentError as error:
            problems.append(f"A span was left out: {error}")
            return
        place = _PLACE.fullmatch(span.name or "")
        if place is None:
            problems.append("A span was left out: its name does not tell its trace.")
            return
        project, trace_id, span_id = place.groups()
        attributes = span.attributes.attributeMap if span.attributes is not None else None
        labels = {name: _value(value) for name, value in (attributes or {}).items()}
        title = span.displayName.value if span.displayName is not None else None
        told = self._told(
            (trace_id, span_id, span.parentSpanId or None),
            title,
            span.spanKind or "",
            (span.startTime, span.endTime),
            project,
            labels,
            problems,
            failed=span.status is not None and whole(span.status.code) != 0,
        )
        if told is not None:
            yield told

    def _told(
        self,
        ids: tuple[str, str, str | None],
        name: str | None,
        kind: str,
        times: tuple[str | None, str | None],
        project: str | None,
        labels: dict[str, object],
        problems: list[str],
        failed: bool = False,
    ) -> Told | None:
        begun = moment_of(times[0] or "")
        if begun is None:
            problems.append("A span was left out: its startTime is unusable.")
            return None
        key = name, kind, project, *labels, *labels.values()
        row = self._rows.remembered(key, lambda: _part(name, kind, project, labels))
        return self._rows.told(ids, row, begun, moment_of(times[1] or ""), failed, problems)


def _part(name: str | None, kind: str, project: str | None, labels: dict[str, object]) -> Part:
    """The span in OpenTelemetry's words."""
    attributes, resource = parted(labels)
    resource.setdefault("cloud.provider", "gcp")
    if project:
        resource.setdefault("cloud.account.id", project)
    return name or "unnamed", kind_of(kind or None), attributes, resource


def _hex(number: Number) -> str | None:
    """The id of a span as others spell it; None for 0, which is none."""
    if number is None:
        return None
    found = whole(number)
    return f"{found:016x}" if 0 < found < _MAX_SPAN_ID else None


def _value(value: AttributeValue) -> object:
    if value.stringValue is not None:
        return value.stringValue.value
    return value.boolValue if value.intValue is None else value.intValue
