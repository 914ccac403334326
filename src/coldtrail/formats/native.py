"""Native events: one event of a function a line, with the paper's eleven properties."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.services import invocation_type_in
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Document, Observations, Span

_MAX_ID_CHARS = 256
_MAX_TIME = 4_102_444_800.0
"""2100-01-01; a later time is a mistake (often milliseconds)."""

_TRACE_KEY = b'"application_flow_id"'
_TRACE = re.compile(_TRACE_KEY + rb'\s*:\s*"([^"\\]{1,%d})"' % _MAX_ID_CHARS)

_IDS = ("application_flow_id", "function_flow_id", "event_id", "request_id")

Id = Annotated[str, Meta(min_length=1, max_length=_MAX_ID_CHARS)]
Name = Annotated[str, Meta(min_length=1)]
Time = Annotated[float, Meta(gt=0, lt=_MAX_TIME)]
WITNESSES = ("native",)
LIFECYCLE = frozenset(("Initialization", "Invocation", "Overhead"))
"""Events that are of the platform's own, whatever type a line gives them."""


class NativeEvent(Struct, gc=False):
    """A line; other keys are dropped."""

    application_name: Name
    application_flow_id: Id
    function_name: Name
    function_flow_id: Id
    event_id: Id
    start_time: Time
    end_time: Time
    event_name: Name
    event_type: Name
    event_parent_id: Id | None = None
    event_parent_name: str | None = None
    event_target_resource: str | None = None
    error: bool | None = None
    caller: str | None = None
    trigger: str | None = None
    version: str | None = None
    account: str | None = None
    region: str | None = None
    cold_start: bool | None = None
    request_id: Id | None = None
    invocation_type: str | None = None


class NativeParser:
    """Native lines to spans of one event; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms | None = None) -> None:
        self._decode = msgspec.json.Decoder(NativeEvent).decode
        self._names = RawNames()
        self._stable = RawNames(settings.limits.max_name_chars)
        """Names in which nothing will be masked."""

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a native event."""
        return b'"function_flow_id"' in payload

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """The id of the trace, where it stands in the payload once and without escapes."""
        if payload.count(_TRACE_KEY) != 1:
            return None
        found = _TRACE.search(payload)
        return None if found is None else found[1]

    def __call__(self, document: Document) -> Observations:
        """The one event of the line."""
        try:
            line = self._decode(document.payload)
        except msgspec.ValidationError as error:
            raise DocumentError(f"This is no native event: {error}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DocumentError(f"The JSON of this native event is broken: {_sentence(error)}") from None
        except RecursionError:
            raise DocumentError("This native event is nested too deep.") from None
        for key in _IDS:
            if not (getattr(line, key) or "").isprintable():
                raise DocumentError(f"This is no native event: {key} cannot be printed.")
        if line.end_time < line.start_time:
            raise DocumentError("This native event ends before it starts: end_time is less than start_time.")
        return Observations([self._span(line)], origin=document.origin, place=document.place)

    straight = __call__
    """A line holds no whole trace: there are no columns to fill."""

    def _span(self, line: NativeEvent) -> Span:
        names, stable = self._names, self._stable
        parent_name, target = line.event_parent_name, line.event_target_resource
        kind = "lifecycle" if line.event_name in LIFECYCLE else stable[line.event_type]
        event = Event(
            line.event_id,
            line.start_time,
            line.end_time,
            names[line.event_name],
            kind,
            line.event_parent_id,
            names[parent_name] if parent_name else None,
            names[target] if target else None,
            bool(line.error),
        )
        return Span(
            line.application_flow_id,
            line.function_flow_id,
            function_name=stable[line.function_name],
            application_name=stable[line.application_name],
            steps=(event,),
            request_id=line.request_id,
            account=stable[line.account] if line.account else None,
            region=stable[line.region] if line.region else None,
            version=stable[line.version] if line.version else None,
            trigger=names[line.trigger] if line.trigger else None,
            caller=names[line.caller] if line.caller else None,
            error=event.error and event.event_name == "Invocation",
            cold_start=bool(line.cold_start) or event.event_name == "Initialization",
            witnesses=WITNESSES,
            invocation_type=invocation_type_in(line.invocation_type),
        )


def _sentence(error: Exception) -> str:
    return "it is not UTF-8." if isinstance(error, UnicodeDecodeError) else f"{error}."
