"""All of an encounter that tells of who calls: two with the same token tell the same, but for when it was and
what to open."""

from __future__ import annotations

from collections.abc import Hashable

from coldtrail.detectors.callers import sightings
from coldtrail.detectors.callers.features import HOUR
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.witnesses import Access, ApiCall

Token = tuple[Hashable, ...]


def token_of(encounter: Encounter) -> Token | None:
    """The token; None for what tells of nobody."""
    match encounter.what:
        case ApiCall() as call if encounter.actor is None:
            return _of_call(encounter, call)
        case ApiCall() as call:
            return _of_function(encounter, call)
        case Access() as access if encounter.target is not None:
            place = access.source_network or None, access.source_network or access.source_ip
            return encounter.target, access.principal, *place, access.source_country, access.user_agent
        case Run() as run:
            name = sightings.starter(run)
            return None if name is None else (run.flow.key, name)
        case _:
            return None


def _of_call(encounter: Encounter, call: ApiCall) -> Token | None:
    """Of what a principal does."""
    target = encounter.target if sightings.is_done_to_function(call) else None
    if target is None and call.principal is None:
        return None
    network = call.source_network
    return (
        target,
        call.account,
        call.principal,
        call.role,
        call.service,
        call.operation,
        network,
        None if network else call.source_ip,
        call.source_country,
        call.user_agent,
        call.console,
        call.source_service,
        call.invoked_by,
        call.invocation_type,
    )


def _of_function(encounter: Encounter, call: ApiCall) -> Token | None:
    """Of what a function does: only that it starts another."""
    if encounter.target is None or not sightings.is_invocation(call):
        return None
    told = sightings.of_invocation(encounter.at, call, True).told
    return encounter.target, *told[:HOUR]
