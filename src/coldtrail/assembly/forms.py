"""What may be said of one thing by several documents, without any contradiction.

A record that is open is sent again when it is complete: it has got an end, an outcome, a resource. The same
step is sent by itself and inside its segment. Witnesses round their clocks, and leave out what they do not
know. All else that is said in different ways cannot be true.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from coldtrail.records.flow import Event

ROUNDING_S = 0.001001
"""Clocks are read in milliseconds at best; and a little more, for what adding binary fractions loses."""
_NO_CALL = "call"
"""What a remote call is named as long as its method is not told."""
MOST_COPIES = 64
"""Copies of one thing that are compared with one another."""
Rank = tuple[float, float, bool, str, str, str, str, str, str]


def event_rank(event: Event) -> Rank:
    """Puts copies of an event in order: the one that ends last, the completed one, is the greatest."""
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


def is_at_one_time(one: float | None, other: float | None) -> bool:
    """Whether two clocks may have meant the same moment; what tells none agrees with any."""
    return one is None or other is None or abs(one - other) <= ROUNDING_S


def is_form_of(event: Event, whole: Event) -> bool:
    """Whether an event says nothing but what a copy of at least its rank says as well: an earlier form of it,
    or another witness of it."""
    if not is_at_one_time(event.start_time, whole.start_time) or not _has_same_parent(event, whole):
        return False
    if event.end_time == event.start_time:
        return (not event.error or whole.error) and _may_become(event, whole)
    apart = event.witness != whole.witness
    return (
        is_at_one_time(event.end_time, whole.end_time)
        and (apart or event.error == whole.error)
        and (event.event_name, event.event_type) == (whole.event_name, whole.event_type)
        and _is_same(event.event_target_resource, whole.event_target_resource, unless_told=apart)
    )


def _has_same_parent(event: Event, whole: Event) -> bool:
    apart = event.witness != whole.witness
    return _is_same(event.event_parent_id, whole.event_parent_id, unless_told=apart) and _is_same(
        event.event_parent_name, whole.event_parent_name, unless_told=apart
    )


def _is_same(one: str | None, other: str | None, *, unless_told: bool) -> bool:
    return one == other or (unless_told and None in (one, other))


def _may_become(early: Event, whole: Event) -> bool:
    """Whether what is told of a step that has not ended is true of one that has: its name may still be that
    of the service, and its resource unknown."""
    target, apart = whole.event_target_resource, early.witness != whole.witness
    if early.event_target_resource is not None and not _is_same(
        early.event_target_resource, target, unless_told=apart
    ):
        return False
    names = whole.event_name, whole.event_type, target
    if early.event_name not in names and not (early.event_name == _NO_CALL and whole.event_type == "remote"):
        return False
    return early.event_type in (whole.event_type, "function")


def with_what_is_known(whole: Event, event: Event) -> Event:
    """The event, with what a form of it knows and it does not."""
    parent = event if whole.event_parent_id is None else whole
    target = whole.event_target_resource or event.event_target_resource
    failed = whole.error or event.error
    if parent is whole and target == whole.event_target_resource and failed == whole.error:
        return whole
    return replace(
        whole,
        event_parent_id=parent.event_parent_id,
        event_parent_name=parent.event_parent_name,
        event_target_resource=target,
        error=failed,
    )


def _by_what_is_told(event: Event) -> tuple[bool, bool, bool, bool, Rank]:
    """Puts what has ended after what has not, and of that what tells more after what tells less."""
    name, kind = event.event_name, event.event_type
    return (
        event.end_time > event.start_time,
        event.event_target_resource is not None,
        kind != "function",
        name not in (kind, _NO_CALL),
        event_rank(event),
    )


def apart(copies: Sequence[Event]) -> list[Event]:
    """Of copies of one event those that cannot be one, completed; a single event where they agree.

    The same in whatever order they come, what has ended and tells most first. Of a flood each is kept.
    """
    ordered = sorted(copies, key=_by_what_is_told, reverse=True)
    if len(ordered) > MOST_COPIES:
        return ordered
    kept: list[Event] = []
    for event in ordered:
        for place, whole in enumerate(kept):
            if is_form_of(event, whole):
                kept[place] = with_what_is_known(whole, event)
                break
        else:
            kept.append(event)
    return kept
