"""What cases are made of: alerts, and signals that are none, each with what it can be joined by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10

from msgspec import Struct

from coldtrail.alerts.severity import level_of
from coldtrail.alerts.signalled import id_of, kind_told, title_of
from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Ref, Signal

MOST_REFS = 20
ALONE_FROM: Severity = "medium"
"""Alerts of this severity open a case by themselves; lesser ones are weak signals."""
_LEAST_P = 1e-300
Key = tuple[str, ...]


class Item(Struct, frozen=True, kw_only=True):
    """One alert or weak signal."""

    id: str
    alert: Alert | None
    detector: str
    kind: str
    subject: Subject
    title: str
    severity: Severity
    strength: float
    alone: bool
    since: float
    last: float
    """When it was seen last."""
    at: float
    """When it was certain."""
    count: int
    keys: frozenset[Key]
    """Functions, principals and credentials by which it joins others."""
    traces: frozenset[str] = frozenset()
    functions: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    indicators: tuple[tuple[str, str], ...] = ()
    refs: tuple[Ref, ...] = ()


def items_of(alerts: Iterable[Alert], signals: Iterable[Signal]) -> list[Item]:
    """All of them, by when they began."""
    by_id: dict[str, list[Signal]] = {}
    for signal in signals:
        by_id.setdefault(id_of(signal), []).append(signal)
    told = [_of_alert(alert, by_id.pop(alert.id, [])) for alert in alerts]
    weak = [_of_signal(of, one) for of, some in by_id.items() for one in some]
    return sorted([*told, *weak], key=lambda one: (one.since, one.at, one.id))


def _of_alert(alert: Alert, signals: Sequence[Signal]) -> Item:
    key = alert.key
    named = [("function", *key)] if key.function and alert.subject.kind == "function" else []
    flow, reasons = alert.flow, alert.reasons
    credentials = [flow.facts.access_key] if flow and flow.facts and flow.facts.access_key else []
    is_drift = alert.is_drift and not signals
    told = [("target", one.target) for one in reasons if one.target and not is_drift]
    return Item(
        id=alert.id,
        alert=alert,
        detector=signals[0].detector if signals else "drift" if is_drift else "sequence",
        kind=alert.kind,
        subject=alert.subject,
        title=alert.title,
        severity=alert.severity,
        strength=-log10(max(alert.p_value, _LEAST_P)),
        alone=level_of(alert.severity) >= level_of(ALONE_FROM),
        since=alert.first_seen,
        last=alert.last_seen,
        at=alert.told_at,
        count=alert.count,
        keys=frozenset((*named, *_keys(signals, alert.subject, credentials))),
        traces=frozenset(one.application_flow_id for one in alert.evidence if one.application_flow_id),
        functions=_functions(signals, key.function if named else ""),
        principals=_principals(signals, alert.subject),
        indicators=tuple(dict.fromkeys([*told, *(pair for one in signals for pair in one.indicators)])),
        refs=_refs(alert, signals),
    )


def _of_signal(of: str, signal: Signal) -> Item:
    subject = signal.finding.subject
    named = (
        [("function", subject.account, subject.region, subject.application_name, subject.function_name)]
        if subject.kind == "function"
        else []
    )
    return Item(
        id=of,
        alert=None,
        detector=signal.detector,
        kind=signal.finding.kind,
        subject=subject,
        title=title_of(signal),
        severity=kind_told(signal.finding.kind).weak,
        strength=signal.strength,
        alone=False,
        since=signal.since,
        last=signal.at,
        at=signal.at,
        count=signal.count,
        keys=frozenset((*named, *_keys([signal], subject, []))),
        traces=frozenset(ref.id for ref in signal.refs if ref.kind == "trace"),
        functions=_functions([signal], subject.function_name),
        principals=_principals([signal], subject),
        indicators=signal.indicators,
        refs=signal.refs,
    )


def _keys(signals: Sequence[Signal], subject: Subject, credentials: Sequence[str]) -> list[Key]:
    keys: list[Key] = [("principal", subject.account, one) for one in _principals(signals, subject)]
    keys += [("credential", one) for one in credentials]
    return keys + [("credential", one) for signal in signals for one in signal.credentials]


def _principals(signals: Sequence[Signal], subject: Subject) -> tuple[str, ...]:
    own = [subject.principal] if subject.principal else []
    return tuple(dict.fromkeys([*own, *(one for signal in signals for one in signal.principals)]))


def _functions(signals: Sequence[Signal], own: str) -> tuple[str, ...]:
    names = [own] if own else []
    return tuple(dict.fromkeys([*names, *(key[3] for signal in signals for key in signal.functions)]))


def _refs(alert: Alert, signals: Sequence[Signal]) -> tuple[Ref, ...]:
    if signals:
        told = dict.fromkeys(ref for one in signals for ref in one.refs)
    else:
        told = dict.fromkeys(map(_ref, (alert.look_at, *alert.evidence)))
    return tuple(one for one in told if one.id)[:MOST_REFS]


def _ref(evidence: Evidence) -> Ref:
    if evidence.record_id:
        return Ref("event", evidence.record_id)
    return Ref("flow", evidence.function_flow_id)
