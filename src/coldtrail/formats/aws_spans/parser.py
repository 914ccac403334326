"""Records of `aws/spans` to runs, steps and links.

Records that segments of X-Ray were converted to mean what those mean, others what spans of OpenTelemetry do.
A record that is still open is told again when it is complete; one that never is, is a run that never ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.aws_spans.records import Record, decode_resource, records
from coldtrail.formats.otel.attributes import LISTED
from coldtrail.formats.otel.calls import Converted
from coldtrail.formats.otel.meanings import Meaning
from coldtrail.formats.otel.memory import MARKS, Alone, Memory, Resource, Token, request_of, token_of
from coldtrail.formats.otel.observing import Observing
from coldtrail.formats.otel.spans import NO_SPAN_ID, Told, told_of
from coldtrail.formats.otel.values import IS_REMOTE, identifier, is_error, kind_of, whole
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations

_START = b"startTimeUnixNano"
_OTLP = (b'"resourceSpans"', b'"scopeSpans"', b'"instrumentationLibrarySpans"')
_TRACE = re.compile(rb'"traceId\\?"\s*:\s*\\?"([0-9A-Fa-f]{32}|1-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{24})')
_TRACE_KEY = re.compile(rb'"traceId\\?"\s*:')
_MOST_REMEMBERED = 50_000
_MOST_REMEMBERED_BYTES = 512
_MOST_LAYOUTS = 4_096
_MOST_KEY_BYTES = 4_096
"""Of what is written in a record, to be remembered."""
_MOST_LINKS = 32
_MAX_NAME_CHARS = 2_048

_decode_value = msgspec.json.Decoder(str | bool | int | float | list[str]).decode
Pair = tuple[str, bytes]


class _Tokens(dict[Pair, Token | None]):
    """Attributes by name and value as it is written, each read once: None for those that may not enter."""

    def __missing__(self, pair: Pair) -> Token | None:
        name, written = pair
        try:
            token = token_of(name, _decode_value(written))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            token = None
        if len(name) + len(written) <= _MOST_REMEMBERED_BYTES and not isinstance(token, Alone):
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[pair] = token
        return token


class _Layout(NamedTuple):
    """The attributes that may enter, in alphabetical order."""

    listed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    """Without those whose value no two spans share."""


class _Layouts(dict[tuple[str, ...], _Layout]):
    """Layouts by the names of all attributes of a record."""

    def __missing__(self, names: tuple[str, ...]) -> _Layout:
        listed = sorted(LISTED.intersection(names))
        layout = _Layout(tuple(listed), tuple([name for name in listed if name not in MARKS]))
        if sum(map(len, names)) <= _MOST_KEY_BYTES:
            if len(self) >= _MOST_LAYOUTS:
                self.clear()
            self[names] = layout
        return layout


class AwsSpansParser:
    """Records to spans and links; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms | None = None) -> None:
        self._memory = Memory(settings.limits)
        self._tokens, self._layouts = _Tokens(), _Layouts()
        self._observing = Observing("aws-spans")

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like records of `aws/spans`."""
        return _START in payload and b"traceId" in payload and not any(key in payload for key in _OTLP)

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """The id of the trace, where the records speak of one alone."""
        found = _TRACE.findall(payload)
        ids = {one.lower() for one in found}
        return ids.pop() if len(ids) == 1 and len(found) == len(_TRACE_KEY.findall(payload)) else None

    def __call__(self, document: Document) -> Observations:
        """What the records say; their losses are named in `problems`."""
        problems = Problems()
        found = Observations(problems=problems, origin=document.origin, place=document.place)
        payload = document.payload
        spans = [told for record in records(payload, problems) if (told := self._told(record, problems))]
        found = self._observing.add(spans, found)
        if not spans:
            raise DocumentError(problems[0] if problems else "This document holds no span.")
        return replace(found, more_problems=problems.left_out) if problems.left_out else found

    straight = __call__
    """A record tells of one span: there are no columns to fill."""

    def _told(self, record: Record, problems: list[str]) -> Told | None:
        trace_id, span_id = identifier(record.trace_id, 32), identifier(record.span_id, 16)
        if trace_id is None or span_id is None:
            problems.append("A span was left out: its trace id or its span id is none.")
            return None
        meaning = self._meaning(record)
        parent_id = identifier(record.parent_span_id, 16) if record.parent_span_id else None
        return told_of(
            trace_id,
            span_id,
            None if parent_id == NO_SPAN_ID else parent_id,
            whole(record.start_time_unix_nano),
            whole(record.end_time_unix_nano),
            record.status is not None and is_error(record.status.code),
            meaning,
            problems,
            whole(record.flags) & IS_REMOTE != 0,
            self._request(record) if meaning.asks_request or parent_id is None else None,
            tuple(_links(record)) if record.links else (),
        )

    def _meaning(self, record: Record) -> Meaning:
        """What the record means, looked up by what is written in it where another was written alike."""
        resource = self._resource(record)
        attributes = record.attributes or {}
        layout = self._layouts[tuple(attributes)]
        written = [bytes(attributes[name]) for name in layout.shared]
        name, kind, converted = record.name or "", kind_of(record.kind), _converted(record)
        key: tuple[object, ...] = (layout.listed, *written, name, kind, converted)
        meaning = resource.meanings.get(key)
        if meaning is None:
            tokens = self._listed(attributes)
            if sum(map(len, written)) > _MOST_KEY_BYTES:
                key = (*tokens, name, kind, converted)
            meaning = self._memory.learn(resource, key, tokens, name[:_MAX_NAME_CHARS], kind, converted)
        return meaning

    def _listed(self, attributes: Mapping[str, Raw] | None) -> list[Token]:
        """The attributes that may enter; of those that no other span shares, that they are told."""
        if not attributes:
            return []
        known = self._tokens
        tokens: list[Token] = []
        for name in LISTED.intersection(attributes):
            token = MARKS.get(name) or known[name, bytes(attributes[name])]
            if token is not None:
                tokens.append(token)
        return tokens

    def _request(self, record: Record) -> str | None:
        """The request id of the record."""
        attributes = record.attributes or {}
        told = [self._tokens[name, bytes(attributes[name])] for name in MARKS if name in attributes]
        return request_of([token for token in told if token is not None])

    def _resource(self, record: Record) -> Resource:
        data = bytes(record.resource)
        known = self._memory.resource(data)
        if known is not None:
            return known
        try:
            attributes = decode_resource(data).attributes if data and data != b"null" else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            attributes = None
        tokens = self._listed(attributes)
        return self._memory.learn_resource(data, tokens, len(data))


def _converted(record: Record) -> Converted | None:
    """What the record was in X-Ray, if it was anything there."""
    xray = None if record.aws is None else record.aws.xray
    if xray is None or xray.type not in ("segment", "subsegment"):
        return None
    return Converted(
        (xray.name or record.name or "")[:_MAX_NAME_CHARS], xray.type == "segment", xray.namespace
    )


def _links(record: Record) -> Iterator[tuple[str, str]]:
    for link in (record.links or ())[:_MOST_LINKS]:
        trace_id, span_id = identifier(link.trace_id, 32), identifier(link.span_id, 16)
        if trace_id is not None and span_id is not None:
            yield trace_id, span_id
