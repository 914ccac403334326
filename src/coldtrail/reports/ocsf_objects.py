"""What an OCSF 1.6.0 finding is made of: its evidences, resources, cloud and observables.

Source of names and numbers: https://schema.ocsf.io/1.6.0/objects
"""

from __future__ import annotations

import math
from typing import Any

from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.alerts.wording.sentences import evidence_name, odds
from coldtrail.features.names.near import resemblance
from coldtrail.records.alert import Alert
from coldtrail.records.flow import Event
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Reason

_AWS_ACCOUNT = 10
_RESOURCE_UID, _OTHER = 10, 99
_SUSPICIOUS = 4


def evidences(alert: Alert) -> list[dict[str, Any]]:
    """An evidence for each reason."""
    events = {event.event_id: event for event in (alert.flow.events if alert.flow else ())}
    return [_evidence(reason, events.get(reason.event_id or "")) for reason in alert.reasons]


def _evidence(reason: Reason, event: Event | None) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "name": evidence_name(reason),
        "verdict_id": _SUSPICIOUS,
        "verdict": "Suspicious",
        "data": {
            "kind": reason.kind,
            "expected": expected(reason.finding),
            "seen": seen(reason.finding),
            "contribution": finite(reason.contribution),
        }
        | _history(reason),
    }
    if reason.event_id:
        evidence["uid"] = reason.event_id
    if reason.event_name:
        evidence["api"] = {"operation": reason.event_name}
    if reason.target:
        evidence["resources"] = [{"uid": reason.target, "name": reason.target} | _type(event)]
    if event:
        evidence["data"] |= {"start_time": millis(event.start_time), "end_time": millis(event.end_time)}
    return evidence


def _history(reason: Reason) -> dict[str, Any]:
    """What the function's history says of the evidence, where it says anything."""
    known: dict[str, Any] = {"elsewhere": True} if reason.elsewhere else {}
    if reason.odds is not None:
        known |= {"one_in": finite(reason.odds), "runs_learned": reason.runs, "odds": odds(reason)}
    if reason.near and reason.target:
        known |= {"near": reason.near, "resemblance": resemblance(reason.target, reason.near)}
    return known


def _type(event: Event | None) -> dict[str, Any]:
    return {"type": event.event_type} if event and event.event_type else {}


def function(alert: Alert) -> dict[str, Any]:
    """The function as a resource, by its ARN where the account is one of AWS; the application where it is not
    known which of its functions is shown."""
    key = alert.key
    found: dict[str, Any] = {
        "uid": _uid(key),
        "name": key.function or key.application or key.account,
        "type": _type_of(key),
        "namespace": key.application,
    }
    if alert.flow is not None and alert.flow.version:
        found["version"] = alert.flow.version
    if key.region:
        found["region"] = key.region
    return found


def _type_of(key: FunctionKey) -> str:
    if not key.function:
        return "Application"
    return "AWS::Lambda::Function" if _on_aws(key.account) else "Serverless function"


def _uid(key: FunctionKey) -> str:
    if not (_on_aws(key.account) and key.region and key.function):
        return "/".join(part for part in key if part)
    return f"arn:{_partition(key.region)}:lambda:{key.region}:{key.account}:function:{key.function}"


def _partition(region: str) -> str:
    starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((partition for start, partition in starts.items() if region.startswith(start)), "aws")


def _on_aws(account: str) -> bool:
    """Whether an account is an AWS account: twelve digits."""
    return len(account) == 12 and account.isascii() and account.isdigit()


def cloud(alert: Alert) -> dict[str, Any]:
    """The account and region; empty where neither is known."""
    account, region = alert.subject.account, alert.subject.region
    if not (account or region):
        return {}
    found: dict[str, Any] = {"provider": "AWS" if _on_aws(account) or not account else "Unknown"}
    if region:
        found["region"] = region
    if account:
        kind = {"type_id": _AWS_ACCOUNT, "type": "AWS Account"} if _on_aws(account) else {"type_id": 0}
        found["account"] = {"uid": account, "name": account} | kind
    return found


def observables(alert: Alert) -> list[dict[str, Any]]:
    """What to search for in other tools: the function, what it touched, and the trace."""
    found = [_observable("resources[].uid", _RESOURCE_UID, "Resource UID", _uid(alert.key))]
    targets = dict.fromkeys(reason.target for reason in alert.reasons if reason.target)
    found += [
        _observable("evidences[].resources[].uid", _RESOURCE_UID, "Resource UID", target)
        for target in targets
    ]
    trace, flow = alert.look_at.application_flow_id, alert.look_at.function_flow_id
    name = "Record ID" if alert.is_signal else "Trace ID" if trace != flow else "Run ID"
    return [*found, _observable("metadata.correlation_uid", _OTHER, name, looked_for(alert))]


def looked_for(alert: Alert) -> str:
    """What to search for in other tools: a trace, a run or a record, or the alert where it names none."""
    look_at = alert.look_at
    return look_at.application_flow_id or look_at.record_id or look_at.function_flow_id or alert.id


def _observable(name: str, type_id: int, type_name: str, value: str) -> dict[str, Any]:
    return {"name": name, "type_id": type_id, "type": type_name, "value": value}


def finite(value: float | None) -> float | None:
    """The value, None where JSON has no word for it."""
    return value if value is not None and math.isfinite(value) else None


def millis(seconds: float) -> int:
    """Epoch milliseconds; 0 where it is no time."""
    return round(seconds * 1000) if math.isfinite(seconds) else 0
