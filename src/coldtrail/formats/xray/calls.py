"""What a subsegment is: its name, its type and, where it calls something, the resource that it is about."""

from __future__ import annotations

import msgspec

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.services import (
    INVOKE,
    INVOKE_ASYNCHRONOUSLY,
    Operations,
    Resources,
    Services,
    host_of,
    invocation_type_in,
    invocation_type_of,
)
from coldtrail.formats.xray.blocks import names_in
from coldtrail.formats.xray.databases import Database, database_of
from coldtrail.formats.xray.documents import Call, Http, Segment, Subsegment
from coldtrail.records.flow import ASYNCHRONOUS
from coldtrail.records.telemetry import SEVERAL

LIFECYCLE = frozenset(("Initialization", "Invocation", "Overhead", "Restore"))
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512
_MOST_TABLES = 25

_NO_METHOD = "call"
_UNKNOWN_HOST = host_of("")
_METHODS = frozenset(("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"))
_NO_NAMES = _METHODS | {"CALL", "FETCH", "HOST", "HTTP", "HTTPS", "REQUEST", "SEND", "UNKNOWN"}
"""Words that name no place: tracers name calls by them where they know no better (`HTTP GET`)."""
_PLACE_CHARS = frozenset(".:/@")

_decode_http = msgspec.json.Decoder(Http).decode

Told = tuple[str, str, str | None]
"""Name, type and raw target of a step."""


class Calls(dict[tuple[str, str | None, str | None], Told]):
    """Calls of cloud services, by service, operation and resource as the document has them."""

    def __init__(self, max_chars: int) -> None:
        super().__init__()
        self._services = Services(max_chars)
        self._operations = Operations(max_chars)
        self._resources = Resources()

    def __missing__(self, call: tuple[str, str | None, str | None]) -> Told:
        service, operation, resource = call
        told = (
            self._operations[operation or service],
            self._services[service],
            self._resources[resource] if resource else None,
        )
        if sum([len(part) for part in call if part is not None]) <= _MAX_CACHED_CHARS:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[call] = told
        return told


class RemoteCalls(dict[tuple[str | None, str], Told]):
    """Calls of other hosts, by place and method."""

    def __init__(self) -> None:
        super().__init__()
        self._hosts = RawNames()

    def __missing__(self, call: tuple[str | None, str]) -> Told:
        place, method = call
        told = method, "remote", None if place is None else self._hosts[host_of(place)]
        if place is None or len(place) <= _MAX_CACHED_CHARS:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[call] = told
        return told


def resource_of(aws: Call) -> str | None:
    """The resource that an AWS call is about, where the record says; several are parted by `SEVERAL`."""
    return aws.table_name or aws.bucket_name or aws.topic_arn or aws.queue_url or _rarer_resource_of(aws)


def _rarer_resource_of(aws: Call) -> str | None:
    if aws.table_names:
        return SEVERAL.join(aws.table_names[:_MOST_TABLES])
    return (
        aws.function_name
        or aws.stream_name
        or aws.state_machine_arn
        or aws.secret_id
        or aws.event_bus_name
        or aws.key_id
        or next(iter(names_in(aws.resource_names)), None)
    )


def operation_of(sub: Subsegment, aws: Call) -> str | None:
    """What an AWS call does: to leave an event for a function is another thing than to ask it."""
    if aws.operation != INVOKE:
        return aws.operation
    told = invocation_type_in(aws.invocation_type)
    if told is None:
        response = http_of(sub).response
        told = invocation_type_of(None if response is None else response.status)
    return INVOKE_ASYNCHRONOUSLY if told == ASYNCHRONOUS else INVOKE


def remote_of(sub: Subsegment) -> tuple[str | None, str]:
    """Where a remote call goes, None where the record does not say, and its HTTP method, else `call`.

    The place is the call's name where that names one, else the host of the address that was called.
    """
    request, name = http_of(sub).request, sub.name
    method = request.method if request is not None else None
    if method and len(method) <= 16 and method.isascii() and method.isalpha():
        method = method.upper()
    else:
        method = next((word for word in name[:64].upper().split() if word in _METHODS), _NO_METHOD)
    if not _PLACE_CHARS.isdisjoint(name) and len(name.split()) == 1 and name[0] != "/":
        return name, method
    host = host_of(request.url) if request is not None and request.url else _UNKNOWN_HOST
    return host if host != _UNKNOWN_HOST else _named_in(name), method


def _named_in(name: str) -> str | None:
    """The place that a call's name speaks of, where it does besides what was done."""
    words = [word for word in name.split()[:8] if word.upper() not in _NO_NAMES]
    places = [word for word in words if not _PLACE_CHARS.isdisjoint(word) and word[0] != "/"]
    return places[-1] if places else name if words and len(words) == len(name.split()) else None


def database_call(sub: Subsegment) -> Database | None:
    """The database that a remote call was about; None where it was about none."""
    return database_of(sub.name, sub.sql) if sub.sql else None


def http_of(part: Subsegment | Segment) -> Http:
    """Method, address and status of a part, as far as they can be read."""
    try:
        return _decode_http(part.http)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Http()
