"""Lambda's own reports of each run: lines of text, and the platform's events as JSON.

Read are exported files, lines with whatever tools put before them, log events out of their envelopes, and
text inside the `message` of JSON. What functions print, and their logs as JSON, is payload: read past and
dropped.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw, Struct, field

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.function_logs import FunctionLog, FunctionLogs
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.lambda_report.events import Detail, Events, Served
from coldtrail.formats.lambda_report.lines import LINE, Lines, usual_report
from coldtrail.formats.moments import moment_of, moment_of_millis
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Report

_NO_RAW = Raw()
_PLATFORM = "platform."
_INIT_REPORT = "platform.initReport"
_SERVED = frozenset(("platform.invokeSummary", "platform.invokeReport", "platform.requestComplete"))
"""Events of Web Functions."""
_EVENT = re.compile(rb'"type"\s*:\s*"(?:platform\.|(?:function|extension)"(?=[^{]*"record"\s*:))')
_WRAPPED = re.compile(
    rb'"@?message"\s*:\s*"[^"]{0,300}?(?:(?:START|END|REPORT)\s{0,9}RequestI[dD]:'
    rb"|(?:INIT|RESTORE)_(?:REPORT|START) |EXTENSION(?:\s|\\t){1,9}Name:)"
)
_LINE_IN_JSON = re.compile(rb'"message"\s?:\s?"(?:START|END|REPORT) RequestId: ')
"""What nearly all lines inside JSON look like."""
_WRAPPED_EVENT = re.compile(rb'"@?message"\s*:\s*"\s*\{[^{}]{0,300}?\\"type\\"\s*:\s*\\"platform\.')
"""An event whole as the text of a log event, as consoles and shippers export them one a line."""
_REPORTED = (_EVENT, _WRAPPED, _WRAPPED_EVENT)
_OWN_LOG = (b'"timestamp"', b'"level"', b'"message"')
"""Of the JSON that a function's logger writes, beside a `requestId`."""
_REQUEST = (b'"requestId"', b'"AWSRequestId"')
_HEAD_BYTES = 2_048
_MOST_TEXT_CHARS = 1 << 17


class _Event(Struct, gc=False):
    """An event of the platform, or a line inside JSON."""

    time: str | None = None
    timestamp: str | int | float | None = None
    type: str | None = None
    record: Raw = _NO_RAW
    message: Raw = _NO_RAW
    other_message: Raw = field(default=_NO_RAW, name="@message")
    other_time: str | None = field(default=None, name="@timestamp")
    logGroup: str | None = None
    log_group: str | None = None
    log: str | None = field(default=None, name="@log")
    logStream: str | None = None
    log_stream: str | None = None
    logStreamName: str | None = None
    other_stream: str | None = field(default=None, name="@logStream")
    owner: str | None = None


class _Platform(Struct, gc=False):
    """The same, as nearly all of them are."""

    time: str
    type: str
    record: Detail


class LambdaReportParser:
    """Lines and events to reports; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._logs = FunctionLogs()
        self._lines = Lines(self._logs)
        self._events = Events()
        self._read = JsonReader(_Event, "event of Lambda's")
        self._read_detail = JsonReader(Detail, "event of Lambda's")
        self._read_served = JsonReader(Served, "event of Lambda's")
        self._decode = msgspec.json.Decoder(_Platform).decode
        self._read_text = JsonReader(_Text, "line of a log")

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a line or an event of Lambda's, or like a function's own log."""
        if payload[:1] != b"{":
            return LINE.match(payload, 0, _HEAD_BYTES) is not None
        head = payload[:_HEAD_BYTES]
        if any(found.search(head) is not None for found in _REPORTED):
            return True
        return all(key in head for key in _OWN_LOG) and any(key in head for key in _REQUEST)

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """Reports tell of no spans."""
        return None

    def owns(self, document: Document) -> bool:
        """Whether the document stands in the log of a function, so that it is that function's own output."""
        return bool(self._logs.of(document).function)

    def __call__(self, document: Document) -> Observations:
        """The reports of the document; its losses are named in `problems`."""
        problems = Problems()
        log = self._logs.of(document)
        time = document.log.time if document.log is not None else None
        payload = document.payload
        try:
            if payload[:1] == b"{":
                reports = self._of_json(document, log, time, problems)
            else:
                reports = self._of_line(payload, log, time, problems)
        except RecursionError:
            raise DocumentError("This event of Lambda's is nested too deep.") from None
        if problems and not reports and b"logsDropped" not in payload:
            raise DocumentError(problems[0])
        return Observations(
            reports=tuple(reports),
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Reports are no traces: there are no columns to fill."""

    def _of_line(
        self, payload: bytes, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        text = _text_of(payload)
        usual = usual_report(text, log, time)
        if usual is not None:
            return [usual]
        if self.matches(payload) or log.function:
            return list(self._lines.reports(text, log, time, problems))
        raise DocumentError("This is no line of Lambda's: it is no START, REPORT or the like.")

    def _of_json(
        self, document: Document, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        payload = document.payload
        if _LINE_IN_JSON.search(payload, 0, _HEAD_BYTES) is not None and b'"record"' not in payload:
            return self._of_told(payload, log, time, problems)
        try:
            event = self._decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._of_odd_json(document, log, time, problems)
        kind = event.type
        if not kind.startswith(_PLATFORM):
            return self._of_odd_json(document, log, time, problems)
        time = moment_of(event.time) or time
        return self._reports(kind, event.record, payload, log, time, problems)

    def _reports(
        self,
        kind: str,
        detail: Detail,
        payload: bytes,
        log: FunctionLog,
        time: float | None,
        problems: list[str],
    ) -> list[Report]:
        report = self._events.report(kind.removeprefix(_PLATFORM), detail, log, time, problems)
        if report is None:
            return []
        if kind in _SERVED or (kind == _INIT_REPORT and report.init_s is None):
            record = bytes(self._read(payload, problems).record)
            report = self._events.with_metrics(report, self._read_served(record, problems))
        return [report]

    def _of_odd_json(
        self, document: Document, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        """Reports of what is no usual event: text inside JSON, broken parts, a function's own log."""
        payload = document.payload
        if not self.matches(payload) and not log.function:
            raise DocumentError("This is no event of Lambda's: it has no type and record.")
        if not any(found.search(payload, 0, _HEAD_BYTES) for found in _REPORTED):
            return []
        return self._of_told(payload, log, time, problems)

    def _of_told(
        self, payload: bytes, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        event = self._read(payload, problems)
        time = _time_of(event) or time
        kind = event.type or ""
        if not kind.startswith(_PLATFORM):
            return self._of_message(event, log, time, problems)
        return self._of_event(event, payload, log, time, problems)

    def _of_event(
        self, event: _Event, payload: bytes, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        kind, record = event.type or "", bytes(event.record)
        if record[:1] == b'"':
            return self._of_text(record, log, time, problems)
        detail = self._read_detail(record, problems) if record else Detail()
        return self._reports(kind, detail, payload, log, time, problems)

    def _of_message(
        self, event: _Event, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        group = event.logGroup or event.log_group or event.log or ""
        stream = event.logStream or event.log_stream or event.logStreamName or event.other_stream or ""
        account = event.owner or group.partition(":")[0]
        said = self._logs[group[:512], stream[:512], account[:64]]
        log = said.or_else(log)
        message = bytes(event.message) or bytes(event.other_message)
        if message[:1] != b'"':
            return []
        text = self._read_text(b'{"text":' + message + b"}", problems).text
        if not text.lstrip().startswith("{"):
            return list(self._lines.reports(text[:_MOST_TEXT_CHARS], log, time, problems))
        inner = text.encode("utf-8", "surrogatepass")
        event = self._read(inner, problems)
        if not (event.type or "").startswith(_PLATFORM):
            return []
        return self._of_event(event, inner, log, _time_of(event) or time, problems)

    def _of_text(
        self, text: bytes, log: FunctionLog, time: float | None, problems: list[str]
    ) -> list[Report]:
        line = self._read_text(b'{"text":' + text + b"}", problems).text
        return list(self._lines.reports(line[:_MOST_TEXT_CHARS], log, time, problems))


class _Text(Struct, gc=False):
    text: str = ""


def _text_of(payload: bytes) -> str:
    return payload[:_MOST_TEXT_CHARS].decode("utf-8", "replace")


def _time_of(event: _Event) -> float | None:
    stamp = event.timestamp
    if isinstance(stamp, int | float):
        return moment_of_millis(stamp)
    return moment_of(event.time or stamp or event.other_time or "")
