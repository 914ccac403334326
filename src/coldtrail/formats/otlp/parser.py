"""OTLP documents to runs, steps and links: one request each, in JSON or in protobuf's wire format."""

from __future__ import annotations

import re

from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.otel.columns import ColumnMaker
from coldtrail.formats.otel.memory import Memory
from coldtrail.formats.otel.observing import Observing
from coldtrail.formats.otel.spans import Told
from coldtrail.formats.otlp.recognising import is_wire, trace_ids
from coldtrail.formats.otlp.requests import JsonReader
from coldtrail.formats.otlp.wire import WireReader
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations

_KEYS = (b'"resourceSpans"', b'"scopeSpans"', b'"instrumentationLibrarySpans"')
_OTHER_SIGNALS = {
    b'"resourceMetrics"': "metrics",
    b'"resourceLogs"': "logs",
    b'"resourceProfiles"': "profiles",
}
_HEAD_BYTES = 4_096
_TRACE = re.compile(rb'"traceId"\s*:\s*"([0-9A-Fa-f]{32}|1-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{24})"')
_TRACE_KEY = b'"traceId"'


class OtlpParser:
    """OTLP requests to spans and links; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms | None = None) -> None:
        memory = Memory(settings.limits)
        self._wire, self._json = WireReader(memory), JsonReader(memory)
        self._observing = Observing("otlp")
        self._columns = ColumnMaker(settings.limits, self._observing)

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like an OTLP request."""
        return is_wire(payload) or _holds(payload, _KEYS) or _holds(payload[:_HEAD_BYTES], _OTHER_SIGNALS)

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """The id of the trace, where the request speaks of one alone."""
        if payload[:1] == b"\n":
            ids = {one.hex().encode() for one in trace_ids(payload)}
        else:
            found = _TRACE.findall(payload)
            ids = {one.lower() for one in found} if len(found) == payload.count(_TRACE_KEY) else set()
        return ids.pop() if len(ids) == 1 else None

    def __call__(self, document: Document) -> Observations:
        """What the request says; its losses are named in `problems`."""
        problems = Problems()
        return self._observed(self._read(document.payload, problems), problems, document)

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same as columns, where the document holds a whole trace with nothing unusual in it."""
        problems = Problems()
        spans = self._read(document.payload, problems)
        whole = None if problems else self._columns.whole(spans, document)
        return self._observed(spans, problems, document) if whole is None else whole

    def _read(self, payload: bytes, problems: list[str]) -> list[Told]:
        if payload[:1] == b"\n" and is_wire(payload):
            return self._wire.spans(payload, problems)
        _refuse_other_signals(payload)
        return self._json.spans(payload, problems)

    def _observed(self, spans: list[Told], problems: Problems, document: Document) -> Observations:
        found = Observations(problems=problems, origin=document.origin, place=document.place)
        found = self._observing.add(spans, found)
        if not spans and problems:
            raise DocumentError(problems[0])
        return replace(found, more_problems=problems.left_out) if problems.left_out else found


def _holds(payload: bytes, keys: tuple[bytes, ...] | dict[bytes, str]) -> bool:
    return any(key in payload for key in keys)


def _refuse_other_signals(payload: bytes) -> None:
    if _holds(payload, _KEYS):
        return
    for key, signal in _OTHER_SIGNALS.items():
        if key in payload:
            raise DocumentError(
                f"These are OTLP {signal}, which tell of no invocations; export the traces beside them."
            )
