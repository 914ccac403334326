"""What a subsegment is: its name, its type and, where it calls something, the resource that it is about."""

from __future__ import annotations

import msgspec

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.services import Operations, Resources, Services, host_of
from coldtrail.formats.xray.documents import NO_RAW, Call, Http, Segment, Subsegment
from coldtrail.records.telemetry import SEVERAL

LIFECYCLE = frozenset(("Initialization", "Invocation", "Overhead", "Restore"))
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512
_MOST_TABLES = 25

_decode_http = msgspec.json.Decoder(Http).decode
_decode_any = msgspec.json.Decoder().decode

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


class RemoteCalls(dict[tuple[str, str], Told]):
    """Calls of other hosts, by name and method."""

    def __init__(self) -> None:
        super().__init__()
        self._hosts = RawNames()

    def __missing__(self, call: tuple[str, str]) -> Told:
        name, method = call
        told = method, "remote", self._hosts[host_of(name)]
        if len(name) <= _MAX_CACHED_CHARS:
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
        or _first_of(aws.resource_names)
    )


def _first_of(names: msgspec.Raw) -> str | None:
    """The first name in a list; None where there is none."""
    if names is NO_RAW:
        return None
    try:
        told = _decode_any(names)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return next((name for name in told if isinstance(name, str)), None) if isinstance(told, list) else None


def method_of(sub: Subsegment) -> str:
    """The HTTP method of a remote call, or `call` where the record does not say."""
    request = http_of(sub).request
    method = request.method if request is not None else None
    if method and len(method) <= 16 and method.isascii() and method.isalpha():
        return method.upper()
    return "call"


def http_of(part: Subsegment | Segment) -> Http:
    """Method and status of a part, as far as they can be read."""
    try:
        return _decode_http(part.http)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Http()
