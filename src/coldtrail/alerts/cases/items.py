"""What cases are made of: alerts, and what is none by itself (signals, and runs that
wait for a second one), each with what it can be joined by.

An alert is one item, but where several actors did the same: each is an item of its own, so that what two
strangers did to one function can be two stories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10

from msgspec import Struct, structs

from coldtrail.alerts.severity import level_of
from coldtrail.alerts.signalled import id_of, kind_told, title_of
from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Ref, Signal

MOST_REFS = 20
MOST_PARTS = 8
"""Of one alert: further actors count to the last."""
MOST_TIMES = 50
"""That are told apart at which an alert was seen."""
ALONE_FROM: Severity = "medium"
"""Alerts of this severity open a case by themselves; lesser ones are weak signals."""
MOST_FUNCTIONS = 5
"""That a principal's signal is joined by: whoever goes through more is not of the story of each."""
_LEAST_P = 1e-300
_OF_ACTORS = frozenset(("callers", "changes"))
"""Detectors whose principals are who did it; of others they are whose credentials were used."""
_STARTED = frozenset(("trigger", "caller_drift"))
"""Kinds of findings of runs that are about who started them."""
Key = tuple[str, ...]


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
    def place(self) -> tuple[float, float, str, tuple[Key, ...], float, int]:
        """Where it stands among others: by when it began; equals have no order of arrival."""
        return self.since, self.at, self.id, tuple(sorted(self.keys)), self.strength, self.count

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
    held = [structs.replace(_whole(one, []), alert=None, alone=False) for one in waiting]
    return sorted([*told, *weak, *held], key=lambda one: one.place)


def _of_alert(alert: Alert, signals: Sequence[Signal]) -> list[Item]:
    """The alert's items: one, or one for each actor."""
    whole = _whole(alert, signals)
    parts = _by_actor(signals)
    return [whole] if len(parts) < 2 else [_part(whole, part, number) for number, part in enumerate(parts)]


def _whole(alert: Alert, signals: Sequence[Signal]) -> Item:
    key = alert.key
    named = [("function", *key)] if key.function and alert.subject.kind == "function" else []
    flow, reasons = alert.flow, alert.reasons
    credentials = [flow.facts.access_key] if flow and flow.facts and flow.facts.access_key else []
    is_drift = alert.is_drift and not signals
    told = [("target", one.target) for one in reasons if one.target and not is_drift]
    started = _started_by(alert)
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
        keys=frozenset((*named, *_keys(signals, alert.subject, credentials, started))),
        traces=frozenset(one.application_flow_id for one in alert.evidence if one.application_flow_id),
        functions=_functions(signals, key.function if named else ""),
        principals=_principals(signals, alert.subject, started),
        actors=_actors(signals, alert.subject, started),
        networks=_networks(signals),
        indicators=tuple(dict.fromkeys([*told, *(pair for one in signals for pair in one.indicators)])),
        refs=_refs(alert, signals),
        parts=_times(signals),
    )


def _part(whole: Item, signals: Sequence[Signal], number: int) -> Item:
    """What one actor did of it; the first keeps the name of the whole."""
    strongest = max(signals, key=lambda one: (one.alone, one.strength, -one.at))
    alone = [one.at for one in signals if one.alone]
    subject = whole.subject
    functions = [key for key in whole.keys if key[0] == "function"]
    return structs.replace(
        whole,
        id=f"{whole.id}/{min(_actors(signals, subject))}" if number else whole.id,
        title=title_of(strongest),
        severity=whole.severity if alone else kind_told(whole.kind).weak,
        strength=strongest.strength,
        alone=whole.alone and bool(alone),
        since=min(one.since for one in signals),
        last=max(one.at for one in signals),
        at=min(alone or (one.at for one in signals)),
        count=sum(one.count for one in signals),
        keys=frozenset((*functions, *_keys(signals, subject, []))),
        functions=_functions(signals, subject.function_name),
        principals=_principals(signals, subject),
        actors=_actors(signals, subject),
        networks=_networks(signals),
        indicators=tuple(dict.fromkeys(pair for one in signals for pair in one.indicators)),
        refs=tuple(dict.fromkeys(ref for one in signals for ref in one.refs))[:MOST_REFS],
        parts=_times(signals),
    )


def _by_actor(signals: Sequence[Signal]) -> list[list[Signal]]:
    """The signals of each actor; those that name nobody count to the one before them."""
    parts: list[list[Signal]] = []
    for signal in sorted(signals, key=lambda one: (one.since, one.at, one.principals, one.count)):
        own = _actors([signal], signal.finding.subject)
        near = [part for part in parts if not own.isdisjoint(_actors(part, signal.finding.subject))]
        if near:
            near[0].append(signal)
        elif parts and (not own or len(parts) == MOST_PARTS):
            parts[-1].append(signal)
        else:
            parts.append([signal])
    if len(parts) > 1 and not _actors(parts[0], parts[0][0].finding.subject):
        parts[:2] = [[*parts[0], *parts[1]]]
    return parts


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
        actors=_actors([signal], subject),
        networks=_networks([signal]),
        indicators=signal.indicators,
        refs=signal.refs,
    )


def _keys(
    signals: Sequence[Signal], subject: Subject, credentials: Sequence[str], started: Sequence[str] = ()
) -> list[Key]:
    principals = _principals(signals, subject, started)
    keys: list[Key] = [("principal", subject.account, one) for one in principals]
    keys += [("credential", one) for one in credentials]
    if subject.kind == "principal":
        # What somebody did something to; of a function's signal they are those of its role.
        keys += [("function", *key) for signal in signals for key in signal.functions[:MOST_FUNCTIONS]]
    return keys + [("credential", one) for signal in signals for one in signal.credentials]


def _principals(signals: Sequence[Signal], subject: Subject, started: Sequence[str] = ()) -> tuple[str, ...]:
    own = [subject.principal] if subject.principal else []
    named = (one for signal in signals for one in signal.principals)
    return tuple(dict.fromkeys([*own, *named, *started]))


def _actors(signals: Sequence[Signal], subject: Subject, started: Sequence[str] = ()) -> frozenset[str]:
    acting = [one for one in signals if one.detector in _OF_ACTORS]
    return frozenset(_principals(acting, subject, started))


def _started_by(alert: Alert) -> list[str]:
    """Who started the runs, where that is what is strange of them and no service of the cloud did."""
    facts = alert.flow.facts if alert.flow else None
    if alert.kind not in _STARTED or facts is None or facts.invoked_by or not facts.principal:
        return []
    return [facts.principal]


def _networks(signals: Sequence[Signal]) -> frozenset[str]:
    return frozenset(value for one in signals for what, value in one.indicators if what == "network")


def _functions(signals: Sequence[Signal], own: str) -> tuple[str, ...]:
    names = [own] if own else []
    return tuple(dict.fromkeys([*names, *(key[3] for signal in signals for key in signal.functions)]))


def _times(signals: Iterable[Signal]) -> tuple[tuple[float, float], ...]:
    """When they were seen, the last as long as what is left."""
    seen = sorted({(one.since, one.at) for one in signals})
    rest = seen[MOST_TIMES - 1 :]
    return (*seen[: MOST_TIMES - 1], *([(rest[0][0], max(end for _, end in rest))] if rest else []))


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
