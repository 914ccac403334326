"""What cases are made of: alerts, and what is none by itself (signals, and runs that
wait for a second one), each with what it can be joined by.

An alert is one item, but where several actors did the same: each is an item of its own, so that what two
strangers did to one function can be two stories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10
from typing import Any

from msgspec import Struct, structs
from msgspec.structs import astuple

from coldtrail.alerts.cases.actors import (
    Key,
    actors_of,
    by_actor,
    functions_of,
    keys_of,
    networks_of,
    principals_of,
    times_of,
)
from coldtrail.alerts.parts import starter_of
from coldtrail.alerts.severity import level_of
from coldtrail.alerts.signalled import id_of, kind_told, title_of
from coldtrail.records.alert import Alert, Evidence, Severity, Starter
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Ref, Signal

MOST_REFS = 20
ALONE_FROM: Severity = "medium"
"""Alerts of this severity open a case by themselves; lesser ones are weak signals."""
_LEAST_P = 1e-300
_OF_THE_ACCOUNT = frozenset(("habit", "takeover", "new_administrator"))
"""Kinds of findings of principals that are judged by what they did before, or may change who may do what."""


class Item(Struct, frozen=True, kw_only=True):
    """One alert, weak signal or cause that waits."""

    id: str
    alert: Alert | None
    detector: str
    kind: str
    subject: Subject
    title: str
    severity: Severity
    strength: float
    alone: bool
    is_strong: bool = False
    """Whether it would stand alone, even where an alert of many runs tells it already."""
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
    actors: frozenset[str] = frozenset()
    """Principals that did it from outside; none where nobody knows."""
    at_home: bool = False
    """Whether all of them are known to be of the account, as what else is told of them shows."""
    networks: frozenset[str] = frozenset()
    """From which it was done."""
    indicators: tuple[tuple[str, str], ...] = ()
    refs: tuple[Ref, ...] = ()
    parts: tuple[tuple[float, float], ...] = ()
    """Begin and end of each time that it was seen, where that is known: it says nothing of those between."""

    @property
    def times(self) -> tuple[tuple[float, float], ...]:
        """When it was seen."""
        return self.parts or ((self.since, self.last),)

    @property
    def place(self) -> tuple[Any, ...]:
        """Where it stands among others: by when it began; of equals neither the order of arrival nor, as long
        as they differ in anything else, a pseudonym has a say."""
        what = self.detector, self.kind, -self.strength, self.count, tuple(map(astuple, self.refs))
        return self.since, self.at, *what, self.id, tuple(sorted(self.keys))

    @property
    def shareable(self) -> frozenset[Key]:
        """All that others may share with it."""
        return self.keys | {("trace", one) for one in self.traces}


def items_of(alerts: Iterable[Alert], signals: Iterable[Signal], waiting: Iterable[Alert] = ()) -> list[Item]:
    """All of them, by when they began; what is `waiting` is told as an alert would be, and is none."""
    by_id: dict[str, list[Signal]] = {}
    for signal in signals:
        by_id.setdefault(id_of(signal), []).append(signal)
    told = [item for alert in alerts for item in _of_alert(alert, by_id.pop(alert.id, []))]
    weak = [_of_signal(of, one) for of, some in by_id.items() for one in some]
    waits = (item for alert in waiting for item in _of_alert(alert, []))
    held = [structs.replace(item, alert=None, alone=False) for item in waits]
    return sorted(_at_home([*told, *weak, *held]), key=lambda one: one.place)


def _at_home(items: Sequence[Item]) -> list[Item]:
    """The items, which now know whether all who act in them are known to be of the account."""
    telling = [one for one in items if one.kind in _OF_THE_ACCOUNT and one.subject.kind == "principal"]
    known = {who for one in telling for who in _acting(one)}
    return [structs.replace(one, at_home=bool(one.actors) and _acting(one) <= known) for one in items]


def _acting(one: Item) -> set[tuple[str, str]]:
    return {(one.subject.account, who) for who in one.actors}


def _of_alert(alert: Alert, signals: Sequence[Signal]) -> list[Item]:
    """The alert's items: one, or one for each actor."""
    whole = _whole(alert, signals)
    parts = by_actor(signals)
    if len(parts) > 1:
        return [_part(whole, part, number) for number, part in enumerate(parts)]
    if len(alert.starters) > 1 and not signals:
        return [_started(whole, alert, one, number) for number, one in enumerate(alert.starters)]
    return [whole]


def _whole(alert: Alert, signals: Sequence[Signal]) -> Item:
    key = alert.key
    named = [("function", *key)] if key.function and alert.subject.kind == "function" else []
    credentials = _credentials(alert)
    is_drift = alert.is_drift and not signals
    told = [] if is_drift else _targets(alert)
    started = [one.principal for one in alert.starters if one.principal]
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
        keys=frozenset((*named, *keys_of(signals, alert.subject, credentials, started))),
        traces=_traces(alert.evidence),
        functions=functions_of(signals, key.function if named else ""),
        principals=principals_of(signals, alert.subject, started),
        actors=actors_of(signals, alert.subject, started),
        networks=networks_of(signals),
        indicators=tuple(dict.fromkeys([*told, *(pair for one in signals for pair in one.indicators)])),
        refs=_refs(alert, signals),
        parts=times_of(signals),
    )


def _part(whole: Item, signals: Sequence[Signal], number: int) -> Item:
    """What one actor did of it; the first keeps the name of the whole."""
    strongest = max(signals, key=lambda one: (one.alone, one.strength, -one.at))
    alone = [one.at for one in signals if one.alone]
    subject = whole.subject
    functions = [key for key in whole.keys if key[0] == "function"]
    return structs.replace(
        whole,
        id=_part_id(whole, number),
        title=title_of(strongest),
        severity=whole.severity if alone else kind_told(whole.kind).weak,
        strength=strongest.strength,
        alone=whole.alone and bool(alone),
        since=min(one.since for one in signals),
        last=max(one.at for one in signals),
        at=min(alone or (one.at for one in signals)),
        count=sum(one.count for one in signals),
        keys=frozenset((*functions, *keys_of(signals, subject, []))),
        functions=functions_of(signals, subject.function_name),
        principals=principals_of(signals, subject),
        actors=actors_of(signals, subject),
        networks=networks_of(signals),
        indicators=tuple(dict.fromkeys(pair for one in signals for pair in one.indicators)),
        refs=tuple(dict.fromkeys(ref for one in signals for ref in one.refs))[:MOST_REFS],
        parts=times_of(signals),
    )


def _started(whole: Item, alert: Alert, starter: Starter, number: int) -> Item:
    """Of an alert of runs, those that one principal started; the shown run tells only of who started it."""
    is_shown = alert.flow is not None and starter_of(alert.flow) == starter.principal
    started = [starter.principal] if starter.principal else []
    functions = [key for key in whole.keys if key[0] == "function"]
    keys = keys_of([], whole.subject, _credentials(alert) if is_shown else [], started)
    return structs.replace(
        whole,
        id=_part_id(whole, number),
        severity=starter.severity,
        alone=level_of(starter.severity) >= level_of(ALONE_FROM),
        since=starter.first_seen,
        last=starter.last_seen,
        at=max(starter.certain_at, alert.told_at),
        count=starter.count,
        keys=frozenset((*functions, *keys)),
        traces=_traces(starter.evidence),
        principals=principals_of([], whole.subject, started),
        actors=actors_of([], whole.subject, started),
        indicators=whole.indicators if is_shown else (),
        refs=tuple(map(_ref, starter.evidence))[:MOST_REFS],
    )


def _part_id(whole: Item, number: int) -> str:
    """The first keeps the name of the whole."""
    return f"{whole.id}/{number}" if number else whole.id


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
        is_strong=signal.alone,
        since=signal.since,
        last=signal.at,
        at=signal.at,
        count=signal.count,
        keys=frozenset((*named, *keys_of([signal], subject, []))),
        traces=frozenset(ref.id for ref in signal.refs if ref.kind == "trace"),
        functions=functions_of([signal], subject.function_name),
        principals=principals_of([signal], subject),
        actors=actors_of([signal], subject),
        networks=networks_of([signal]),
        indicators=signal.indicators,
        refs=signal.refs,
    )


def _credentials(alert: Alert) -> list[str]:
    """With which the shown run made its own calls."""
    facts = alert.flow.facts if alert.flow else None
    return [facts.access_key] if facts and facts.access_key else []


def _targets(alert: Alert) -> list[tuple[str, str]]:
    return [("target", one.target) for one in alert.reasons if one.target]


def _traces(evidence: Sequence[Evidence]) -> frozenset[str]:
    return frozenset(one.application_flow_id for one in evidence if one.application_flow_id)


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
