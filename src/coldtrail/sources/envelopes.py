"""The documents inside what services wrap around them: answers of their APIs, and what they deliver.

Opened are files of `Records` (CloudTrail) and `records` (Azure), answers of `LookupEvents` and of CloudWatch
Logs (`filter-log-events`, `get-log-events`, queries), log events delivered by a subscription (as they are, or
in `awslogs`), and records of Kinesis and Firehose. What is compressed inside is expanded within a bound.
"""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from coldtrail.records.telemetry import LogPlace
from coldtrail.sources.log_places import name_of, seconds_of, time_of
from coldtrail.sources.splitting import Lose, Splitter
from coldtrail.sources.text_lines import Place, whole_records

_FIRST_KEYS = (
    *("awslogs", "messageType", "owner", "logGroup", "logStream", "logEvents", "subscriptionFilters"),
    *("events", "searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"),
    *("results", "statistics", "status", "queryLanguage", "QueryStatus", "ResponseMetadata"),
    *("logStreamName", "eventId", "ingestionTime", "message", "timestamp"),
    *("Records", "records", "requestId", "invocationId", "deliveryStreamArn", "kinesis", "recordId", "data"),
    *("Events", "NextToken", "EventId", "CloudTrailEvent"),
)
"""With which of its keys an envelope may begin."""
_FIRST_KEY = re.compile(rf'\s*\{{\s*"(?:{"|".join(_FIRST_KEYS)})"'.encode())
_BEGINNINGS = frozenset(key[:2].encode() for key in _FIRST_KEYS)
_GZIP = b"\x1f\x8b"
_DEEPEST = 4
_FREE_BYTES = 64 * 2**20
_CONTROL = "CONTROL_MESSAGE"
_COMPLETE = "Complete"
_LOG_FIELD = "@log"
_MORE_PAGES = "this page of an answer is empty, and more pages follow (NextToken); fetch those as well."
_UNFINISHED = "this query had not come to its end, and gave nothing; ask for its results once it is Complete."


class _LogEvent(Struct):
    message: str
    timestamp: int | float | None = None
    logStreamName: str | None = None
    ingestionTime: int | None = None
    id: str | None = None


class _Data(Struct):
    data: str


class _Delivered(Struct):
    kinesis: _Data | None = None
    data: str | None = None


class _Field(Struct):
    field: str
    value: str | None = None


class _Envelope(Struct):
    awslogs: _Data | None = None
    kinesis: _Data | None = None
    data: str | None = None
    messageType: str | None = None
    owner: str | None = None
    logGroup: str | None = None
    logStream: str | None = None
    logEvents: list[Raw] | None = None
    events: list[Raw] | None = None
    results: list[Raw] | None = None
    Records: list[Raw] | None = None
    records: list[Raw] | None = None
    Events: list[Raw] | None = None
    eventID: str | None = None
    ingestionTime: int | None = None
    logStreamName: str | None = None
    message: str | None = None
    CloudTrailEvent: str | None = None
    status: str | None = None
    nextToken: str | None = None
    NextToken: str | None = None


_decode = msgspec.json.Decoder(_Envelope).decode
_decode_event = msgspec.json.Decoder(_LogEvent).decode
_decode_fields = msgspec.json.Decoder(list[_Field]).decode
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Opened = tuple[str, bytes, LogPlace | None]
"""A place, the document that stands there, and where it stood in a log service."""


class Envelopes:
    """Opens envelopes; what cannot be opened is reported to `lose`."""

    def __init__(self, max_document_bytes: int, lose: Lose, max_expansion: int = 200) -> None:
        self._max_bytes = max_document_bytes
        self._lose = lose
        self._max_expansion = max_expansion
        self._given = self._expanded = 0
        """Bytes of the envelopes that came, and of all that was expanded in them, however deep."""
        self.empty = 0
        """Answers that held nothing, and lack nothing."""

    def opened(self, places: Iterator[Place]) -> Iterator[Opened]:
        """Each document that is no envelope as it is, and of each that is one what it holds."""
        for place, payload in places:
            # By far the most documents are none: a glance at two letters spares them the search.
            is_other = payload[1:2] == b'"' and payload[2:4] not in _BEGINNINGS
            if is_other or _FIRST_KEY.match(payload, 0, 256) is None:
                yield place, payload, None
            else:
                self._given += len(payload)
                yield from self._open(place, payload, None, 0)

    def _open(self, place: str, payload: bytes, log: LogPlace | None, depth: int) -> Iterator[Opened]:
        envelope = _envelope(payload) if depth < _DEEPEST else None
        if envelope is None:
            yield place, payload, log
        elif envelope.logEvents is not None:
            if envelope.messageType == _CONTROL:
                self.empty += 1
            else:
                log = _log_place(envelope)
                yield from self._log_events(place, envelope.logEvents, log, depth)
        elif (packed := envelope.awslogs or envelope.kinesis or _data(envelope)) is not None:
            yield from self._packed(place, packed.data, log, depth)
        elif envelope.CloudTrailEvent is not None and envelope.eventID is None:
            yield from self._open(place, envelope.CloudTrailEvent.encode("utf-8", "replace"), log, depth + 1)
        elif envelope.message is not None and _is_log_event(envelope):
            yield from self._log_events(place, [Raw(payload)], log, depth)
        elif _is_empty(envelope):
            self._nothing_in(place, envelope)
        elif (parts := envelope.events) is not None and _any_has(parts, b'"message"'):
            yield from self._log_events(place, parts, log or LogPlace(), depth)
        elif (parts := envelope.results) is not None and _any_has(parts, b'"field"'):
            yield from self._rows(place, parts, depth)
        elif (parts := _records(envelope)) is not None:
            for number, part in enumerate(parts, 1):
                yield from self._open(_below(place, f"record {number}"), bytes(part), log, depth + 1)
        else:
            yield place, payload, log

    def _nothing_in(self, place: str, envelope: _Envelope) -> None:
        """Counts an answer of nothing, unless what was asked for is still to come."""
        if envelope.nextToken or envelope.NextToken:
            self._lose("more pages", place, _MORE_PAGES)
        elif envelope.results is not None and envelope.status not in (None, _COMPLETE):
            self._lose("unfinished query", place, _UNFINISHED)
        else:
            self.empty += 1

    def _log_events(
        self, place: str, events: list[Raw], log: LogPlace | None, depth: int
    ) -> Iterator[Opened]:
        """Log events, those of one stream that make up one record joined."""
        places: dict[str, LogPlace] = {}

        def lines() -> Iterator[Place]:
            for number, raw in enumerate(events, 1):
                where = _below(place, f"event {number}")
                try:
                    event = _decode_event(raw)
                except _BROKEN:
                    self._lose("log event", where, "this log event has no message that can be read.")
                    continue
                places[where] = _with_event(log or LogPlace(), event)
                yield where, event.message.encode("utf-8", "replace").strip(b"\r\n")

        for where, payload in whole_records(lines()):
            yield from self._open(where, payload, places[where], depth + 1)

    def _rows(self, place: str, rows: list[Raw], depth: int) -> Iterator[Opened]:
        """Rows of a query of CloudWatch Logs that show `@message`."""
        for number, row in enumerate(rows, 1):
            where = _below(place, f"row {number}")
            try:
                fields = {one.field: one.value or "" for one in _decode_fields(row)}
            except _BROKEN:
                fields = {}
            if "@message" not in fields:
                self._lose("log event", where, "this row of a query does not show @message; add that field.")
                continue
            account, _, group = fields.get(_LOG_FIELD, "").partition(":")
            time = time_of(fields.get("@timestamp", ""))
            came = time_of(fields.get("@ingestionTime", ""))
            log = LogPlace(name_of(group), name_of(fields.get("@logStream")), name_of(account), time, came)
            yield from self._open(where, fields["@message"].encode("utf-8", "replace"), log, depth + 1)

    def _packed(self, place: str, data: str, log: LogPlace | None, depth: int) -> Iterator[Opened]:
        most = self._max_bytes
        try:
            content = b64decode(data, validate=True)
            if content.startswith(_GZIP):
                most = self._most()
                content = self._expand(content, most)
                self._expanded += len(content)
        except (binascii.Error, ValueError, zlib.error):
            self._lose("envelope", place, "what this envelope holds is damaged; export it again.")
            return
        if len(content) > most:
            self._lose("envelope", place, "what this envelope holds expands to more than a document may.")
            return

        def lose(kind: str, where: str, reason: str) -> None:
            self._lose(kind, _below(place, where), reason)

        splitter = Splitter(self._max_bytes, lose, lambda: False)
        for where, payload in splitter.split(iter((content,))):
            yield from self._open(_below(place, where), payload, log, depth + 1)
        self.empty += splitter.empty

    def _most(self) -> int:
        """To so many bytes an envelope may expand: bombs within bombs add up."""
        whole = max(_FREE_BYTES, self._max_expansion * self._given)
        return max(0, min(self._max_bytes, whole - self._expanded))

    def _expand(self, content: bytes, most: int) -> bytes:
        """Gzip members expanded, to one byte more than is allowed at most."""
        parts: list[bytes] = []
        left = most + 1
        while content.startswith(_GZIP) and left > 0:
            inner = zlib.decompressobj(wbits=31)
            part = inner.decompress(content, left)
            if not inner.eof and len(part) < left:
                raise zlib.error
            parts.append(part)
            left -= len(part)
            content = inner.unused_data
        return b"".join(parts)


def _envelope(payload: bytes) -> _Envelope | None:
    if _FIRST_KEY.match(payload, 0, 256) is None:
        return None
    try:
        return _decode(payload)
    except _BROKEN:
        return None


def _data(envelope: _Envelope) -> _Data | None:
    return None if envelope.data is None or envelope.eventID is not None else _Data(envelope.data)


def _is_log_event(envelope: _Envelope) -> bool:
    return envelope.ingestionTime is not None or envelope.logStreamName is not None


def _records(envelope: _Envelope) -> list[Raw] | None:
    """What else is a list of documents, as far as its parts look like some."""
    for parts, mark in (
        (envelope.Records, b'"eventTime"'),
        (envelope.Records, b'"kinesis"'),
        (envelope.Events, b'"CloudTrailEvent"'),
        (envelope.records, b'"data"'),
        (envelope.records, b'"time"'),
    ):
        if parts and _any_has(parts, mark):
            return parts
    return None


def _any_has(parts: list[Raw], mark: bytes) -> bool:
    """Whether any part has the mark: where the first alone decided, an odd one would hide all others."""
    return any(mark in bytes(part) for part in parts)


def _is_empty(envelope: _Envelope) -> bool:
    """Whether this is an answer, or a file, of nothing."""
    lists = (envelope.events, envelope.results, envelope.Records, envelope.records, envelope.Events)
    given = [one for one in lists if one is not None]
    return bool(given) and not any(given)


def _log_place(envelope: _Envelope) -> LogPlace:
    return LogPlace(name_of(envelope.logGroup), name_of(envelope.logStream), name_of(envelope.owner))


def _with_event(log: LogPlace, event: _LogEvent) -> LogPlace:
    stream = name_of(event.logStreamName) or log.stream
    return LogPlace(
        log.group, stream, log.account, seconds_of(event.timestamp), seconds_of(event.ingestionTime)
    )


def _below(place: str, part: str) -> str:
    return f"{place}, {part}" if place and part else place or part
