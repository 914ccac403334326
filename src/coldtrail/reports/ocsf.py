"""Alerts as OCSF 1.6.0 Detection Findings (class 2004), one JSON object a line.

Source of names, numbers and requirements: https://schema.ocsf.io/1.6.0/classes/detection_finding?extensions=
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coldtrail.attack import MATRIX_VERSION
from coldtrail.near_names import resemblance
from coldtrail.phrases import plain
from coldtrail.records import Alert, Event, Reason, Technique
from coldtrail.reports.words import kind_name, odds, sentence
from coldtrail.version import __version__
from coldtrail.whole_file import write_whole

_SEVERITIES = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_RISKS = {"low": 1, "medium": 2, "high": 3, "critical": 4}
_BEHAVIORAL = 2
_AWS_ACCOUNT = 10
_RESOURCE_UID, _OTHER = 10, 99
_SUSPICIOUS = 4
_HIGH_CONFIDENCE_P, _MEDIUM_CONFIDENCE_P = 1e-4, 1e-2


def finding(alert: Alert) -> dict[str, Any]:
    """The alert as an OCSF Detection Finding, ready for JSON; times are epoch milliseconds."""
    confidence_id, confidence = _confidence(alert.verdict.p_value)
    found: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "time": _millis(alert.last_seen),
        "start_time": _millis(alert.first_seen),
        "end_time": _millis(alert.last_seen),
        "count": alert.count,
        "severity_id": _SEVERITIES[alert.severity],
        "severity": alert.severity.capitalize(),
        "risk_level_id": _RISKS[alert.severity],
        "risk_level": alert.severity.capitalize(),
        "confidence_id": confidence_id,
        "confidence": confidence,
        "status_id": 1,
        "status": "New",
        "is_alert": True,
        "message": plain(alert.title),
        "metadata": _metadata(alert),
        "finding_info": _finding_info(alert),
        "evidences": _evidences(alert),
        "resources": [_function(alert)],
        "observables": _observables(alert),
        "remediation": {"desc": "\n".join(plain(step) for step in alert.next_steps) or "Look at the trace."},
        "unmapped": _unmapped(alert),
    }
    if cloud := _cloud(alert):
        found["cloud"] = cloud
    return found


def write_findings(alerts: Iterable[Alert], path: Path) -> None:
    """Nothing; the file holds one finding a line, in ASCII. Raises `ColdtrailError` if it cannot be."""
    write_whole(path, (f"{json.dumps(finding(alert), allow_nan=False)}\n".encode() for alert in alerts))


def _metadata(alert: Alert) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "version": "1.6.0",
        "product": {"name": "Coldtrail", "vendor_name": "Coldtrail", "version": __version__},
        "uid": alert.alert_id,
        "correlation_uid": alert.verdict.application_flow_id,
        "log_name": "alerts",
        "log_provider": "Coldtrail",
    }
    if _cloud(alert):
        metadata["profiles"] = ["cloud"]
    return metadata


def _finding_info(alert: Alert) -> dict[str, Any]:
    reasons = alert.verdict.reasons
    kind = alert.cause.kind if alert.cause else "other"
    detectors = ", ".join(alert.verdict.detectors) or "behaviour"
    info: dict[str, Any] = {
        "uid": alert.alert_id,
        "title": plain(alert.title),
        "desc": "\n".join(sentence(reason) for reason in reasons) or plain(alert.title),
        "analytic": {
            "uid": f"coldtrail.{kind}",
            "name": kind_name(kind),
            "type_id": _BEHAVIORAL,
            "type": "Behavioral",
            "desc": f"Learned behaviour of the function; detectors: {plain(detectors)}.",
        },
        "types": sorted({reason.kind for reason in reasons}),
        "first_seen_time": _millis(alert.first_seen),
        "last_seen_time": _millis(alert.last_seen),
        "data_sources": ["Distributed traces"],
    }
    if alert.technique:
        info["attacks"] = [_attack(alert.technique)]
    return info


def _attack(technique: Technique) -> dict[str, Any]:
    parent, _, sub = technique.technique_id.partition(".")
    attack: dict[str, Any] = {
        "version": MATRIX_VERSION,
        "tactic": {"uid": technique.tactic_id, "name": technique.tactic},
    }
    if not sub:
        return attack | {"technique": {"uid": parent, "name": technique.technique}}
    parent_name, _, name = technique.technique.partition(": ")
    return attack | {
        "technique": {"uid": parent, "name": parent_name},
        "sub_technique": {"uid": technique.technique_id, "name": name or parent_name},
    }


def _evidences(alert: Alert) -> list[dict[str, Any]]:
    events = {event.event_id: event for event in alert.flow.events}
    return [_evidence(reason, events.get(reason.event_id or "")) for reason in alert.verdict.reasons]


def _evidence(reason: Reason, event: Event | None) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "name": kind_name(reason.kind),
        "verdict_id": _SUSPICIOUS,
        "verdict": "Suspicious",
        "data": {
            "kind": reason.kind,
            "expected": reason.expected,
            "seen": reason.seen,
            "contribution": _finite(reason.contribution),
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
        evidence["data"] |= {"start_time": _millis(event.start_time), "end_time": _millis(event.end_time)}
    return evidence


def _history(reason: Reason) -> dict[str, Any]:
    """What the function's history says of the evidence, where it says anything."""
    known: dict[str, Any] = {"elsewhere": True} if reason.elsewhere else {}
    if reason.odds is not None:
        known |= {"one_in": _finite(reason.odds), "runs_learned": reason.runs, "odds": odds(reason)}
    if reason.near and reason.target:
        known |= {"near": reason.near, "resemblance": resemblance(reason.target, reason.near)}
    return known


def _type(event: Event | None) -> dict[str, Any]:
    return {"type": event.event_type} if event and event.event_type else {}


def _function(alert: Alert) -> dict[str, Any]:
    function: dict[str, Any] = {
        "uid": _function_uid(alert),
        "name": alert.function_name,
        "type": "AWS::Lambda::Function" if _on_aws(alert) else "Serverless function",
        "namespace": alert.application_name,
    }
    if alert.flow.version:
        function["version"] = alert.flow.version
    if alert.region:
        function["region"] = alert.region
    return function


def _function_uid(alert: Alert) -> str:
    if not (_on_aws(alert) and alert.region):
        return f"{alert.application_name}/{alert.function_name}"
    return (
        f"arn:{_partition(alert.region)}:lambda:{alert.region}:{alert.account}:function:{alert.function_name}"
    )


def _partition(region: str) -> str:
    starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((partition for start, partition in starts.items() if region.startswith(start)), "aws")


def _on_aws(alert: Alert) -> bool:
    """Whether the account is an AWS account: twelve digits."""
    account = alert.account or ""
    return len(account) == 12 and account.isascii() and account.isdigit()


def _cloud(alert: Alert) -> dict[str, Any]:
    if not (alert.account or alert.region):
        return {}
    cloud: dict[str, Any] = {"provider": "AWS" if _on_aws(alert) or not alert.account else "Unknown"}
    if alert.region:
        cloud["region"] = alert.region
    if alert.account:
        account_type = {"type_id": _AWS_ACCOUNT, "type": "AWS Account"} if _on_aws(alert) else {"type_id": 0}
        cloud["account"] = {"uid": alert.account, "name": alert.account} | account_type
    return cloud


def _observables(alert: Alert) -> list[dict[str, Any]]:
    found = [_observable("resources[].uid", _RESOURCE_UID, "Resource UID", _function_uid(alert))]
    targets = dict.fromkeys(reason.target for reason in alert.verdict.reasons if reason.target)
    found += [
        _observable("evidences[].resources[].uid", _RESOURCE_UID, "Resource UID", target)
        for target in targets
    ]
    trace = alert.verdict.application_flow_id
    return [*found, _observable("metadata.correlation_uid", _OTHER, "Trace ID", trace)]


def _observable(name: str, type_id: int, type_name: str, value: str) -> dict[str, Any]:
    return {"name": name, "type_id": type_id, "type": type_name, "value": value}


def _unmapped(alert: Alert) -> dict[str, Any]:
    verdict, flow = alert.verdict, alert.flow
    known = {
        "score": _finite(verdict.score),
        "threshold": _finite(verdict.threshold),
        "p_value": _finite(verdict.p_value),
        "function_flow_id": verdict.function_flow_id,
        "function_flow_ids": list(alert.flow_ids),
        "trigger": flow.trigger,
        "caller": flow.caller,
        "told_together": [plain(line) for line in alert.details] or None,
        "cold_start": flow.cold_start,
    }
    return {name: value for name, value in known.items() if value is not None}


def _confidence(p_value: float) -> tuple[int, str]:
    """The confidence that a run is not one of the usual ones, by how rare it would be among them."""
    if p_value <= _HIGH_CONFIDENCE_P:
        return 3, "High"
    return (2, "Medium") if p_value <= _MEDIUM_CONFIDENCE_P else (1, "Low")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _millis(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else 0
