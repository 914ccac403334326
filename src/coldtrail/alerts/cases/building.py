"""What was joined made a case: its id, its title, its severity and its timeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from msgspec import structs

from coldtrail.alerts.cases.items import Item, items_of
from coldtrail.alerts.cases.joining import Joined, joined
from coldtrail.alerts.cases.linking import QUIET_S
from coldtrail.alerts.severity import level_of
from coldtrail.alerts.wording.amounts import counted
from coldtrail.records.alert import Alert, Severity
from coldtrail.records.case import Case, CaseMember, TimelineEntry
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Signal

MOST_MEMBERS = 200
MOST_ENTRIES = 100
MOST_INDICATORS = 50
MOST_OTHERS = 10
MANY_DETECTORS = 3
"""So many witnesses that agree raise a case by one step, where one of them suffices alone: trifles that agree
are none, and no more than medium."""
_COUNTING = frozenset(("rates", "resources", "drift"))
"""Detectors that count over minutes, hours or days: no better is known when it began."""
_LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")


def cases_of(
    alerts: Iterable[Alert],
    signals: Iterable[Signal],
    functions: int,
    now: float | None = None,
    waiting: Iterable[Alert] = (),
) -> list[Case]:
    """All cases, severest first; `functions` is how many are known, `now` the event time by which a case that
    is quiet is told from one that is open, and `waiting` what is no alert before something joins it."""
    items = items_of(alerts, signals, waiting)
    latest = max([one.last for one in items], default=0.0) if now is None else now
    found = _beside([_built(one, latest) for one in joined(items, functions)])
    return sorted(found, key=lambda one: (-level_of(one.severity), -one.score, one.first_seen))


def _built(told: Joined, now: float) -> Case:
    items = told.items
    lead = max(items, key=_weight)
    subject = Subject("fleet", lead.subject.account) if told.is_fleet else lead.subject
    last = max(one.last for one in items)
    return Case(
        id=_id(items, told.opened_at, subject),
        title=_title(told, lead),
        subject=subject,
        state="open" if now - last <= QUIET_S else "quiet",
        severity=_severity(told, lead),
        score=round(told.score, 3),
        members=tuple(map(_member, items[:MOST_MEMBERS])),
        functions=tuple(dict.fromkeys(chain.from_iterable(one.functions for one in items))),
        principals=tuple(dict.fromkeys(chain.from_iterable(one.principals for one in items))),
        credentials=tuple(sorted({key[1] for one in items for key in one.keys if key[0] == "credential"})),
        indicators=tuple(dict.fromkeys(chain.from_iterable(one.indicators for one in items)))[
            :MOST_INDICATORS
        ],
        opened_at=told.opened_at,
        first_seen=min(_begun(one, items) for one in items),
        last_seen=last,
        timeline=tuple(_timeline(items)[:MOST_ENTRIES]),
    )


def _beside(cases: Sequence[Case]) -> list[Case]:
    """The cases, each with those that have a function, a principal or credentials in common with it."""
    holding: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        for key in _common(case):
            holding.setdefault(key, []).append(case)
    return [structs.replace(case, see_also=_others(case, holding)) for case in cases]


def _others(case: Case, holding: Mapping[tuple[str, str], Sequence[Case]]) -> tuple[str, ...]:
    """The nearest in time."""
    others = {one.id: one for key in _common(case) for one in holding[key] if one.id != case.id}
    nearest = sorted(others.values(), key=lambda one: abs(one.first_seen - case.first_seen))
    return tuple(one.id for one in nearest[:MOST_OTHERS])


def _common(case: Case) -> list[tuple[str, str]]:
    if case.subject.kind == "fleet":
        return []
    of = case.subject.account
    return [
        *((f"function of {of}", one) for one in case.functions),
        *(("principal", one) for one in case.principals),
        *(("credentials", one) for one in case.credentials),
    ]


def _weight(one: Item) -> tuple[int, bool, bool, float, float]:
    """What leads a case: the severest, and of equals what says who it was."""
    return level_of(one.severity), one.alone, bool(one.actors), one.strength, -one.at


def _id(items: Sequence[Item], opened_at: float, subject: Subject) -> str:
    """The same as long as what opened the case is the same, whatever joins it."""
    begun = [one for one in items if one.at <= opened_at] or list(items)
    first = min(begun, key=lambda one: (not one.alone, one.at, one.place))
    of = subject.kind, first.id, int(first.since // QUIET_S)
    return f"case-{hashlib.sha256(json.dumps(of).encode()).hexdigest()[:20]}"


def _title(told: Joined, lead: Item) -> str:
    if told.is_fleet:
        names = {one.subject for one in told.items}
        return f"{counted(len(names), 'function')} at once: {lead.title}"
    kinds = {(one.detector, one.kind) for one in told.items} - {(lead.detector, lead.kind)}
    return f"{lead.title}, and {counted(len(kinds), 'more sign')} of it" if kinds else lead.title


def _severity(told: Joined, lead: Item) -> Severity:
    if told.is_fleet:
        return min(lead.severity, "medium", key=level_of)
    level = level_of(lead.severity)
    if not any(one.alone for one in told.items):
        return max(lead.severity, "medium", key=level_of)
    if len({one.detector for one in told.items}) >= MANY_DETECTORS:
        level += 1
    return _LEVELS[min(level, len(_LEVELS) - 1)]


def _member(item: Item) -> CaseMember:
    return CaseMember(
        item.alert.id if item.alert is not None else None,
        item.detector,
        item.kind,
        item.subject,
        item.title,
        10.0 ** -min(item.strength, 300.0),
        item.at,
        item.since,
        item.count,
        item.refs,
    )


def _timeline(items: Sequence[Item]) -> list[TimelineEntry]:
    """What happened, in the order in which it began; what lasted is told again when it was seen last."""
    entries = []
    for one in items:
        ref = one.refs[0] if one.refs else None
        often = f" ({one.count:,} times)" if one.count > 1 else ""
        is_counted = one.detector in _COUNTING
        told = TimelineEntry(_begun(one, items), one.title + often, one.detector, ref)
        entries.append((told.at, is_counted, told))
        if one.last - one.since > QUIET_S:
            last = TimelineEntry(one.last, f"seen last: {one.title}", one.detector, ref)
            entries.append((last.at, is_counted, last))
    ordered = sorted(entries, key=lambda entry: (entry[0], entry[1], entry[2].what))
    return [told for _, _, told in ordered]


def _begun(one: Item, items: Sequence[Item]) -> float:
    """When an item began. What counts knows this to within a window: where somebody did something within it,
    that is when, as what is done does not come before it."""
    if one.detector not in _COUNTING:
        return one.since
    done = [other.since for other in items if other.detector not in _COUNTING]
    return min((moment for moment in done if one.since <= moment <= one.at), default=one.since)
