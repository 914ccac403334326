"""Alerts as JSON lines: the form that `score --alerts` writes and `score --json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from coldtrail.alerts.attack import MATRIX_VERSION
from coldtrail.alerts.showing.json import in_json
from coldtrail.alerts.showing.shell import arguments, step_text
from coldtrail.alerts.wording.lines import ReasonLine, reason_line
from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.finding import Finding, Subject
from coldtrail.store.whole_file import write_whole


class TechniqueLine(Struct, frozen=True):
    """A technique with the version of the matrix that it belongs to."""

    matrix: str
    tactic_id: str
    tactic: str
    technique_id: str
    technique: str


class AlertLine(Struct, frozen=True):
    """An alert without its flow, which the telemetry holds."""

    id: str
    kind: str
    subject: Subject
    severity: Severity
    title: str
    first_seen: float
    last_seen: float
    told_at: float
    count: int
    finding: Finding
    reasons: tuple[ReasonLine, ...]
    evidence: tuple[Evidence, ...]
    look_at: Evidence
    technique: TechniqueLine | None
    next_steps: tuple[str, ...]
    commands: tuple[tuple[str, ...] | None, ...]
    """Of each next step, the arguments of its command, for programs; None where it has none."""
    details: tuple[str, ...]
    score: float | None
    threshold: float | None
    p_value: float
    detectors: tuple[str, ...]


class Withdrawn(Struct, frozen=True):
    """An alert that an earlier call told, and that stands no more: it turned out to be part of another."""

    id: str
    withdrawn: bool = True


def line_of(alert: Alert) -> AlertLine:
    """The alert as a line."""
    return AlertLine(
        alert.id,
        alert.kind,
        alert.subject,
        alert.severity,
        alert.title,
        alert.first_seen,
        alert.last_seen,
        alert.told_at,
        alert.count,
        alert.finding,
        tuple(map(reason_line, alert.reasons)),
        alert.evidence,
        alert.look_at,
        _technique(alert),
        tuple(map(step_text, alert.next_steps)),
        tuple(None if one.command is None else tuple(arguments(one.command)) for one in alert.next_steps),
        alert.details,
        alert.score,
        alert.threshold,
        alert.p_value,
        alert.detectors,
    )


def _technique(alert: Alert) -> TechniqueLine | None:
    if alert.technique is None:
        return None
    return TechniqueLine(MATRIX_VERSION, *msgspec.structs.astuple(alert.technique))


def write_alerts(alerts: Iterable[Alert], path: Path, withdrawn: Iterable[str] = ()) -> None:
    """Writes one alert a line, and one for each id that stands no more.

    Raises `ColdtrailError` where the file cannot be written.
    """
    encode = msgspec.json.Encoder().encode
    lines = [line_of(alert) for alert in alerts], [Withdrawn(one) for one in withdrawn]
    write_whole(path, (in_json(encode(line)) + b"\n" for some in lines for line in some))
