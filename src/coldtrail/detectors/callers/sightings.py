"""What encounters tell of who calls: a call of the audit log, a request at a gateway, or a run."""

from __future__ import annotations

from coldtrail.detectors.callers.features import Sighting, Told
from coldtrail.detectors.callers.profile import hour_key
from coldtrail.records.encounter import Run
from coldtrail.records.flow import NOBODY
from coldtrail.records.signal import Ref, RefKind
from coldtrail.records.traits import TraitKind
from coldtrail.records.witnesses import Access, ApiCall

_IN_FUNCTION = "AWS_Lambda"
EVENT, REQUEST, FLOW = "e", "r", "f"
"""Of what kind something to open is, as the first character of its id."""
_KINDS: dict[str, RefKind] = {EVENT: "event", REQUEST: "request", FLOW: "flow"}


def is_invocation(call: ApiCall) -> bool:
    """Whether the call starts a function."""
    return call.service == "Lambda" and call.operation.startswith("Invoke") and not call.dry_run


def is_done_to_function(call: ApiCall) -> bool:
    """Whether the call starts or changes one: what was only looked at is no part of the story."""
    return is_invocation(call) or (call.service == "Lambda" and call.read_only is False)


def of_invocation(at: float, call: ApiCall, is_from_function: bool) -> Sighting:
    """Who starts a function, as the audit log tells it.

    Functions call from addresses that change with each of their environments: of them the place tells
    nothing, as long as the caller's program says that it runs in one.
    """
    has_place = not (is_from_function and (call.environment or "").startswith(_IN_FUNCTION))
    way = call.invocation_type
    return Sighting(
        at,
        (
            _who(call),
            _network(call) if has_place else None,
            _told("country", call.source_country) if has_place else None,
            _told("user_agent", call.user_agent) if call.source_service is None else None,
            _told("operation", way and f"Invoke {way}"),
            _hour(at),
        ),
        EVENT + call.event_id,
        call.principal,
        call.access_key,
    )


def _who(call: ApiCall) -> Told | None:
    service = call.source_service or call.invoked_by
    if service is not None:
        return Told("service", service)
    return _told("role", call.role) or _told("principal", call.principal)


def of_call(at: float, call: ApiCall) -> Sighting:
    """What a principal does, from where and by which program."""
    tool = "console" if call.console else call.user_agent
    return Sighting(
        at,
        (
            _told("principal", call.principal),
            _network(call),
            _told("country", call.source_country),
            _told("user_agent", tool),
            Told("operation", f"{call.service}:{call.operation}"),
            _hour(at),
        ),
        EVENT + call.event_id,
        call.principal,
        call.access_key,
    )


def of_access(at: float, access: Access) -> Sighting:
    """Who asks a gateway for a function."""
    return Sighting(
        at,
        (
            _told("principal", access.principal),
            _told("network", access.source_network) or _told("address", access.source_ip),
            _told("country", access.source_country),
            _told("user_agent", access.user_agent),
            None,
            _hour(at),
        ),
        REQUEST + (access.function_request_id or access.request_id or ""),
        access.principal,
    )


def of_run(at: float, run: Run) -> Sighting | None:
    """What started a run, as its trace tells it; None where nobody is on record."""
    name = starter(run)
    if name is None:
        return None
    who = Told("trigger", name)
    return Sighting(at, (who, None, None, None, None, None), FLOW + run.flow.function_flow_id)


def starter(run: Run) -> str | None:
    """Who started it; None where nobody is on record."""
    flow = run.flow
    name = flow.caller or flow.trigger
    return None if flow.upstream_lost or name == NOBODY else name


def _network(call: ApiCall) -> Told | None:
    return _told("network", call.source_network) or _told("address", call.source_ip)


def _told(what: TraitKind, value: str | None) -> Told | None:
    return Told(what, value) if value else None


def _hour(at: float) -> Told:
    key = hour_key(at)
    return Told("hour", f"{'weekend' if key >= 24 else 'weekday'} {key % 24:02d}:00 UTC")


def refs_of(ids: list[str]) -> tuple[Ref, ...]:
    """What to open."""
    return tuple(Ref(_KINDS[one[0]], one[1:]) for one in ids if one[1:])
