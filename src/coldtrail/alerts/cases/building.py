"""What was joined made a case: its id, its title, its severity and its timeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import chain

from coldtrail.alerts.cases.items import Item, items_of
from coldtrail.alerts.cases.joining import QUIET_S, Joined, joined
from coldtrail.alerts.severity import level_of
from coldtrail.alerts.wording.amounts import counted
from coldtrail.records.alert import Alert, Severity
from coldtrail.records.case import Case, CaseMember, TimelineEntry
from coldtrail.records.finding import Subject
from coldtrail.records.signal import Signal

MOST_MEMBERS = 200
MOST_ENTRIES = 100
MOST_INDICATORS = 50
MANY_DETECTORS = 3
"""So many witnesses that agree raise a case by one step."""
_LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")


def cases_of(
    alerts: Iterable[Alert], signals: Iterable[Signal], functions: int, now: float | None = None
) -> list[Case]:
    """All cases, severest first; `functions` is how many are known, and `now` the event time by which a case
    that is quiet is told from one that is open."""
    items = items_of(alerts, signals)
    latest = max([one.last for one in items], default=0.0) if now is None else now
    found = [_built(one, latest) for one in joined(items, functions)]
    return sorted(found, key=lambda one: (-level_of(one.severity), -one.score, one.first_seen, one.id))


def _built(told: Joined, now: float) -> Case:
    items = told.items
    lead = max(items, key=lambda one: (level_of(one.severity), one.alone, one.strength, -one.at))
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
        first_seen=min(one.since for one in items),
        last_seen=last,
        timeline=tuple(_timeline(items)[:MOST_ENTRIES]),
    )


def _id(items: Sequence[Item], opened_at: float, subject: Subject) -> str:
    """The same as long as what opened the case is the same, whatever joins it."""
    begun = [one for one in items if one.at <= opened_at] or list(items)
    first = min(begun, key=lambda one: (not one.alone, one.at, one.id))
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
        level = max(level, level_of("medium"))
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
        entries.append(TimelineEntry(one.since, one.title + often, one.detector, ref))
        if one.last - one.since > QUIET_S:
            entries.append(TimelineEntry(one.last, f"seen last: {one.title}", one.detector, ref))
    return sorted(entries, key=lambda entry: (entry.at, entry.what))
