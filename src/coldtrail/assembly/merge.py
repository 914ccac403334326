"""What several documents say of the same event, run or link, as one.

The rules are commutative, associative and idempotent, so that neither the order of documents matters, nor
whether one comes twice.
"""

from __future__ import annotations

from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Fragment, Link

Events = tuple[Event, ...] | list[Event]
Rank = tuple[float, float, bool, str, str, str, str, str]


def each_once(events: Events) -> Events:
    """Each event id once; of differing copies the one that ends last (the completed one)."""
    if len({event.event_id for event in events}) == len(events):
        return events
    best: dict[str, Event] = {}
    for event in events:
        known = best.get(event.event_id)
        if known is None or (known is not event and event_rank(event) > event_rank(known)):
            best[event.event_id] = event
    return list(best.values())


def event_rank(event: Event) -> Rank:
    """What decides between differing copies of an event: the greater one stays."""
    return (
        event.end_time,
        -event.start_time,
        event.error,
        event.event_name,
        event.event_type,
        event.event_parent_id or "",
        event.event_parent_name or "",
        event.event_target_resource or "",
    )


def merged_heads(a: Fragment, b: Fragment) -> Fragment:
    """What two fragments say of the same run; the same whichever comes first."""
    return Fragment(
        min(a.application_name, b.application_name),
        a.application_flow_id,
        min(a.function_name, b.function_name),
        a.function_flow_id,
        (),
        _least(a.start_time, b.start_time),
        _greatest(a.end_time, b.end_time),
        _first(a.parent_id, b.parent_id),
        a.error or b.error,
        a.cold_start or b.cold_start,
        a.in_progress and b.in_progress,
        _first(a.trigger, b.trigger),
        _first(a.caller, b.caller),
        _first(a.version, b.version),
        _first(a.account, b.account),
        _first(a.region, b.region),
    )


def merged_links(a: Link, b: Link) -> Link:
    """What two documents say of the same link."""
    parent = _first(a.parent_id, b.parent_id)
    return Link(
        a.application_flow_id,
        a.link_id,
        parent,
        min(a.kind, b.kind),
        min(a.name, b.name),
        a.failed or b.failed,
    )


def _least(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else min(a, b)


def _greatest(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)


def _first(a: str | None, b: str | None) -> str | None:
    return b if a is None else a if b is None else min(a, b)
