"""The events of a function segment: one per subsegment, at any depth."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from coldtrail.config import LimitSettings
from coldtrail.features.names.masking import Names, clean
from coldtrail.formats.applications import Applications
from coldtrail.formats.services import Accounts, Hosts, Operations, Services, Targets
from coldtrail.formats.xray.documents import Aws, Http, Segment, Subsegment
from coldtrail.records.flow import Event

LIFECYCLE = frozenset(("Initialization", "Invocation", "Overhead", "Restore"))
_COLD = ("Initialization", "Restore")
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512
_ROUNDING_S = 0.001
"""Clocks are read in milliseconds at best: an end this little before its start is a rounding."""

_MOST_DIGITS = 18

_decode_http = msgspec.json.Decoder(Http).decode


class Function(Struct, frozen=True):
    """What a function's ARN says, and the names of its targets as seen from its account."""

    name: str
    application: str
    account: str | None
    region: str | None
    version: str | None
    targets: Accounts


def version_of(arn_parts: list[str]) -> str | None:
    """The version that a function's ARN ends with, parted at colons; None for an alias or `$LATEST`, behind
    which any version may run: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html."""
    qualifier = arn_parts[7] if len(arn_parts) == 8 and arn_parts[5] == "function" else ""
    is_number = qualifier.isascii() and qualifier.isdigit() and len(qualifier) <= _MOST_DIGITS
    return qualifier if is_number else None


class Functions:
    """Functions by their ARN, or by name where there is none; each is worked out once."""

    def __init__(self, applications: Applications, limits: LimitSettings) -> None:
        self._known: dict[tuple[str | None, str | None, str], Function] = {}
        self._applications = applications
        self._targets = Targets(Names(limits.max_name_chars))
        self._max_chars = limits.max_name_chars

    def of(self, segment: Segment) -> Function:
        """The function of an `AWS::Lambda::Function` segment."""
        aws = segment.aws
        key = (None, None, segment.name) if aws is None else (aws.function_arn, aws.account_id, segment.name)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            known = self._new(*key)
            if len(segment.name) + len(key[0] or "") + len(key[1] or "") <= _MAX_CACHED_CHARS:
                self._known[key] = known
        return known

    def _new(self, arn: str | None, account: str | None, name: str) -> Function:
        parts = (arn or "").split(":")
        region = version = None
        if len(parts) >= 7 and parts[5] == "function" and parts[6]:
            region, account, name = parts[3] or None, parts[4] or account, parts[6]
            version = version_of(parts)
        name = clean(name, self._max_chars)
        account = self._clean(account)
        return Function(
            name, self._applications[name], account, self._clean(region), version, self.targets(account)
        )

    def _clean(self, text: str | None) -> str | None:
        return clean(text, self._max_chars) if text else None

    def targets(self, account: str | None) -> Accounts:
        """The names of resources as seen from the account."""
        return self._targets.seen_from(account)


class EventMaker:
    """Subsegments to events."""

    def __init__(self, limits: LimitSettings) -> None:
        self._names = Names(limits.max_name_chars)
        self._hosts = Hosts(limits.max_name_chars)
        self._services = Services(limits.max_name_chars)
        self._operations = Operations(limits.max_name_chars)
        self._max_depth = limits.max_depth
        self._max_events = limits.max_events_per_flow

    def make(
        self, targets: Accounts, segment: Segment, problems: list[str]
    ) -> tuple[tuple[Event, ...], bool, bool]:
        """The events below a segment; whether it was a cold start; whether any event is still open."""
        names, hosts, services, operations = self._names, self._hosts, self._services, self._operations
        events: list[Event] = []
        append = events.append
        cold = still_open = False
        # One loop without calls, for this is the hottest code of all; `levels` grows while it is walked.
        levels: list[tuple[list[Subsegment], str | None, str | None, int]] = []
        if segment.subsegments:
            levels.append((segment.subsegments, None, None, 1))
        for siblings, parent_id, parent_name, depth in levels:
            for sub in siblings:
                event_id = sub.id
                name = sub.name
                start = sub.start_time
                end = sub.end_time
                namespace = sub.namespace
                target = None
                if namespace == "aws":
                    aws = sub.aws
                    event_type = services[name]
                    if aws is None:
                        name = operations[name]
                    else:
                        name = operations[aws.operation or name]
                        raw = aws.table_name or aws.bucket_name or aws.topic_arn or aws.queue_url
                        target = targets[raw] if raw else target_of(aws, targets)
                elif namespace == "remote":
                    event_type = "remote"
                    target = hosts[name]
                    name = method_of(sub)
                elif depth == 1 and name in LIFECYCLE:
                    event_type = "lifecycle"
                    if name in _COLD:
                        cold = True
                else:
                    event_type = "function"
                    name = names[name]
                if end is None or sub.in_progress:
                    still_open = True
                    if end is None:
                        end = start
                children = sub.subsegments
                if end < start or not event_id.isprintable():
                    why = _why_unusable(event_id, start, end)
                    if why is not None:
                        problems.append(f"Subsegment {event_id!a} was left out: {why}.")
                        if children:
                            levels.append((children, parent_id, parent_name, depth))
                        continue
                    end = start
                append(
                    Event(
                        event_id,
                        start,
                        end,
                        name,
                        event_type,
                        parent_id,
                        parent_name,
                        target,
                        sub.error or sub.fault or sub.throttle or False,
                    )
                )
                if children:
                    if depth < self._max_depth:
                        levels.append((children, event_id, name, depth + 1))
                    else:
                        problems.append(f"What lies below subsegment {event_id!a} was left out: too deep.")
            if len(events) > self._max_events:
                del events[self._max_events :]
                problems.append(f"Segment {segment.id!a} has more than {self._max_events:,} subsegments.")
                break
        return tuple(events), cold, still_open


def _why_unusable(event_id: str, start: float, end: float) -> str | None:
    if not event_id.isprintable():
        return "its id cannot be printed"
    return "it ends before it starts" if start - end > _ROUNDING_S else None


def target_of(aws: Aws, targets: Accounts) -> str | None:
    """The resource that an AWS call is about, where the record says."""
    if aws.table_names:
        return ",".join(sorted(targets[name] for name in aws.table_names[:25]))
    resources = aws.resource_names
    raw = (
        aws.table_name
        or aws.bucket_name
        or aws.topic_arn
        or aws.queue_url
        or aws.function_name
        or aws.stream_name
        or aws.state_machine_arn
        or aws.secret_id
        or aws.event_bus_name
        or aws.key_id
        or (resources[0] if resources else None)
    )
    return targets[raw] if raw else None


def method_of(sub: Subsegment) -> str:
    """The HTTP method of a remote call, or `call` where the record does not say."""
    request = http_of(sub).request
    method = request.method if request is not None else None
    if method and len(method) <= 16 and method.isascii() and method.isalpha():
        return method.upper()
    return "call"


def http_of(part: Subsegment | Segment) -> Http:
    """Method and status of a part, as far as they can be read."""
    raw = bytes(part.http)
    if not raw or raw == b"null":
        return Http()
    try:
        return _decode_http(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Http()
