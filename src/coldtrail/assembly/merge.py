"""What several documents say of the same step, run or link, as one.

The rules are commutative, associative and idempotent, so that neither the order of documents matters, nor
whether one comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span

Rank = tuple[float, float, bool, str, str, str, str, str, str]


def each_once(events: Sequence[Event]) -> Sequence[Event]:
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
        event.witness,
    )


def merged_heads(a: Span, b: Span) -> Span:
    """What two spans say of the same run, without its steps; the same whichever comes first."""
    return Span(
        a.trace_id,
        a.span_id,
        _first(a.parent_id, b.parent_id),
        min(a.function_name, b.function_name),
        _first(a.application_name, b.application_name),
        (),
        _least(a.start_time, b.start_time),
        _greatest(a.end_time, b.end_time),
        _first(a.request_id, b.request_id),
        _first(a.account, b.account),
        _first(a.region, b.region),
        _first(a.version, b.version),
        _first(a.trigger, b.trigger),
        _first(a.caller, b.caller),
        a.error or b.error,
        a.cold_start or b.cold_start,
        a.in_progress and b.in_progress,
        a.witnesses if a.witnesses == b.witnesses else tuple(sorted({*a.witnesses, *b.witnesses})),
    )


def merged_links(a: Link, b: Link) -> Link:
    """What two documents say of the same link."""
    kind, role = min((a.kind, a.role), (b.kind, b.role))
    return Link(
        a.trace_id,
        a.link_id,
        _first(a.parent_id, b.parent_id),
        role,
        kind,
        min(a.name, b.name),
        _least(a.start_time, b.start_time),
        _greatest(a.end_time, b.end_time),
        a.failed or b.failed,
        _first(a.request_id, b.request_id),
        _first(a.account, b.account),
        _first(a.region, b.region),
        _first(a.version, b.version),
    )


def _least(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else min(a, b)


def _greatest(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)


def _first(a: str | None, b: str | None) -> str | None:
    return b if a is None else a if b is None else min(a, b)
