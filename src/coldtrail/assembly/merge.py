"""What several documents say of the same step, run or link, as one.

The rules are commutative, associative and idempotent, so that neither the order of documents matters, nor
whether one comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from coldtrail.assembly.forms import event_rank
from coldtrail.records.flow import Event, InvocationType
from coldtrail.records.telemetry import Link, Span

_EARLIEST = attrgetter("start_time", "event_id")
_THING = attrgetter("event_name", "event_type", "event_target_resource")


def most_telling(events: Sequence[Event], most: int) -> Sequence[Event]:
    """At most so many of the events: the first of each thing that is done, then the earliest.

    However many steps somebody adds to a run, what it does stays in sight. The same whether it is asked of
    all at once, or of some and then of what is left of these and others.
    """
    if len(events) <= most:
        return events
    seen: set[object] = set()
    first: list[Event] = []
    again: list[Event] = []
    for event in sorted(events, key=lambda one: (_EARLIEST(one), event_rank(one))):
        thing = _THING(event)
        (again if thing in seen else first).append(event)
        seen.add(thing)
    return [*first, *again][:most]


def merged_heads(a: Span, b: Span) -> Span:
    """What two spans say of the same run, without its steps; the same whichever comes first."""
    return Span(
        a.trace_id,
        a.span_id,
        _first(a.parent_id, b.parent_id),
        _name(a.function_name, b.function_name),
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
        _first(a.other_name, b.other_name),
        _is_named_by_service(a, b),
        a.is_outside and b.is_outside,
        a.names_owner or b.names_owner,
        _type(a.invocation_type, b.invocation_type),
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
        _type(a.invocation_type, b.invocation_type),
        _first(a.url, b.url),
    )


def _is_named_by_service(a: Span, b: Span) -> bool:
    """Whether no function is named by either; where nothing is named, whether both say so."""
    if not (a.function_name or b.function_name):
        return a.is_named_by_service and b.is_named_by_service
    return (a.is_named_by_service or not a.function_name) and (b.is_named_by_service or not b.function_name)


def _least(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else min(a, b)


def _greatest(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)


def _name(a: str, b: str) -> str:
    """The name, which one of the two may leave open."""
    return min(a, b) if a and b else a or b


def _type(a: InvocationType | None, b: InvocationType | None) -> InvocationType | None:
    return b if a is None else a if b is None else min(a, b)


def _first(a: str | None, b: str | None) -> str | None:
    return b if a is None else a if b is None else min(a, b)
