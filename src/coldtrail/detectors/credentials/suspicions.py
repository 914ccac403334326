"""What was strange about one access key within an hour, gathered."""

from __future__ import annotations

from coldtrail.detectors.credentials.evidence import Evidence, Signs, summed
from coldtrail.detectors.credentials.operations import is_telling
from coldtrail.detectors.credentials.states import AccessKey, Suspicion
from coldtrail.records.witnesses import ApiCall

LASTS_S = 3_600.0
_MOST_OPERATIONS, _MOST_RECORDS = 16, 10


def gathered(key: AccessKey, evidence: Evidence, call: ApiCall, signs: Signs, at: float) -> Suspicion:
    """What is suspected of a key, with this call."""
    found = key.suspicion
    if found is None or abs(at - found.last) > LASTS_S:
        found = key.suspicion = Suspicion(at, at)
    found.since, found.last = min(found.since, at), max(found.last, at)
    is_stranger = evidence.place >= found.place
    found.place, found.agent = max(found.place, evidence.place), max(found.agent, evidence.agent)
    found.other = max(found.other, evidence.other)
    if evidence.operation and len(found.operations) < _MOST_OPERATIONS:
        found.operations[signs.operation] = evidence.operation
    if len(found.records) < _MOST_RECORDS:
        found.records.append(call.event_id)
    found.count += 1
    found.looks += bool(evidence.operation) and is_telling(call.service, call.operation)
    _note(found, evidence, call, is_stranger=is_stranger)
    return found


def _note(found: Suspicion, evidence: Evidence, call: ApiCall, *, is_stranger: bool) -> None:
    told = found.traits
    if evidence.place and is_stranger and not call.vpc_endpoint and call.source_ip:
        told["address"] = call.source_ip
        told["network"] = call.source_network or call.source_ip
    if (evidence.place or evidence.other) and call.vpc_endpoint:
        told.setdefault("endpoint", call.vpc_endpoint)
    if evidence.agent or evidence.other:
        told.setdefault("user_agent", call.user_agent or "none")
    if evidence.operation or (evidence.is_outside and "operation" not in told):
        told["operation"] = f"{call.service} {call.operation}"


def total(found: Suspicion) -> float:
    """All points."""
    return found.place + found.agent + found.other + summed(found.operations)
