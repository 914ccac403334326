"""Steps that came apart from their run, put back below the run or the step that they name as parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from coldtrail.assembly.trace import Draft
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Span


def attach(pieces: list[Span], drafts: Mapping[str, Draft]) -> list[Span]:
    """The pieces that belong to none of the runs (by id); the others are added to theirs.

    A piece may hang below another one; the order in which they came does not matter.
    """
    owner: dict[str, tuple[Draft, str | None]] = {}
    for run_id, draft in drafts.items():
        owner[run_id] = draft, None
        owner |= {event.event_id: (draft, event.event_name) for event in draft.events}
    waiting: dict[str | None, list[Span]] = defaultdict(list)
    for piece in pieces:
        waiting[piece.parent_id].append(piece)
    found = [parent_id for parent_id in waiting if parent_id in owner]
    for parent_id in found:
        draft, parent_name = owner[parent_id]
        for piece in waiting.pop(parent_id):
            for event in _add(piece, draft, parent_id, parent_name):
                if event.event_id not in owner and event.event_id in waiting:
                    found.append(event.event_id)
                owner[event.event_id] = draft, event.event_name
    return [piece for piece in pieces if piece.parent_id in waiting]


def _add(piece: Span, draft: Draft, parent_id: str, parent_name: str | None) -> list[Event]:
    """The steps of a piece, which are now the run's."""
    events = [_below(event, parent_id, parent_name) for event in piece.steps]
    draft.extend(events, piece.witnesses)
    if piece.cold_start:
        draft.head = msgspec.structs.replace(draft.head, cold_start=True)
    return events


def _below(event: Event, parent_id: str, parent_name: str | None) -> Event:
    """The event, which hangs below the piece's parent where it has none of its own."""
    if event.event_parent_id is not None or parent_name is None:
        return event
    return msgspec.structs.replace(event, event_parent_id=parent_id, event_parent_name=parent_name)
