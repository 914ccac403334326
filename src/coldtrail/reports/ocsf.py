"""Alerts as OCSF 1.6.0 Detection Findings (class 2004), one JSON object a line.

Source of names, numbers and requirements: https://schema.ocsf.io/1.6.0/classes/detection_finding?extensions=
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coldtrail.alerts.attack import MATRIX_VERSION
from coldtrail.alerts.showing.plain import plain
from coldtrail.alerts.showing.shell import step_text
from coldtrail.alerts.wording.sentences import kind_name, sentence
from coldtrail.features.fitness import is_traced
from coldtrail.records.alert import Alert, Technique
from coldtrail.reports.ocsf_objects import cloud, evidences, finite, function, looked_for, millis, observables
from coldtrail.store.whole_file import write_whole
from coldtrail.version import __version__

_SEVERITIES = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_RISKS = {"low": 1, "medium": 2, "high": 3, "critical": 4}
_BEHAVIORAL = 2
_HIGH_CONFIDENCE_P, _MEDIUM_CONFIDENCE_P = 1e-4, 1e-2


def finding(alert: Alert) -> dict[str, Any]:
    """The alert as an OCSF Detection Finding, ready for JSON; times are epoch milliseconds."""
    confidence_id, confidence = _confidence(alert.p_value)
    found: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "time": millis(alert.last_seen),
        "start_time": millis(alert.first_seen),
        "end_time": millis(alert.last_seen),
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
        "evidences": evidences(alert),
        "resources": [function(alert)],
        "observables": observables(alert),
        "remediation": {"desc": "\n".join(map(step_text, alert.next_steps)) or "Look at the trace."},
        "unmapped": _unmapped(alert),
    }
    if where := cloud(alert):
        found["cloud"] = where
    return found


def write_findings(alerts: Iterable[Alert], path: Path) -> None:
    """Writes one finding a line, in ASCII; raises `ColdtrailError` where the file cannot be written."""
    write_whole(path, (f"{json.dumps(finding(alert), allow_nan=False)}\n".encode() for alert in alerts))


def _metadata(alert: Alert) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "version": "1.6.0",
        "product": {"name": "Coldtrail", "vendor_name": "Coldtrail", "version": __version__},
        "uid": alert.id,
        "correlation_uid": looked_for(alert),
        "log_name": "alerts",
        "log_provider": "Coldtrail",
    }
    if cloud(alert):
        metadata["profiles"] = ["cloud"]
    return metadata


def _source(alert: Alert) -> str:
    traced = alert.flow is None or is_traced(alert.flow)
    return "Distributed traces" if traced else "Audit log and reports of the platform"


def _finding_info(alert: Alert) -> dict[str, Any]:
    reasons = alert.reasons
    kind = alert.kind
    detectors = ", ".join(alert.detectors) or "behaviour"
    info: dict[str, Any] = {
        "uid": alert.id,
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
        "first_seen_time": millis(alert.first_seen),
        "last_seen_time": millis(alert.last_seen),
        "data_sources": [_source(alert)],
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


def _unmapped(alert: Alert) -> dict[str, Any]:
    flow = alert.flow
    known = {
        "score": finite(alert.score),
        "threshold": finite(alert.threshold),
        "p_value": finite(alert.p_value),
        "function_flow_id": alert.look_at.function_flow_id,
        "function_flow_ids": [run.function_flow_id for run in alert.evidence],
        "trigger": flow and flow.trigger,
        "caller": flow and flow.caller,
        "told_together": [plain(line) for line in alert.details] or None,
        "cold_start": flow and flow.cold_start,
    }
    return {name: value for name, value in known.items() if value is not None}


def _confidence(p_value: float) -> tuple[int, str]:
    """How sure it is that the run is unusual, from how rare its score would be among usual runs."""
    if p_value <= _HIGH_CONFIDENCE_P:
        return 3, "High"
    return (2, "Medium") if p_value <= _MEDIUM_CONFIDENCE_P else (1, "Low")
