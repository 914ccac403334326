"""Events that came apart from their flow, put back below the flow or the event that they name as parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

import msgspec

from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Fragment


class OpenFlow(Protocol):
    """A flow that still takes events."""

    head: Fragment

    @property
    def events(self) -> list[Event] | tuple[Event, ...]:
        """The events so far."""
        ...

    def add(self, fragment: Fragment) -> None:
        """Take the events of one more fragment."""
        ...


def attach(pieces: list[Fragment], flows: Mapping[str, OpenFlow]) -> list[Fragment]:
    """The pieces that belong to none of the flows (by id); the others are added to theirs.

    A piece may hang below another one; the order in which they came does not matter.
    """
    owner: dict[str, tuple[OpenFlow, str | None]] = {}
    for flow_id, flow in flows.items():
        owner[flow_id] = flow, None
        owner |= {event.event_id: (flow, event.event_name) for event in flow.events}
    waiting: dict[str | None, list[Fragment]] = defaultdict(list)
    for piece in pieces:
        waiting[piece.parent_id].append(piece)
    found = [parent_id for parent_id in waiting if parent_id in owner]
    for parent_id in found:
        flow, parent_name = owner[parent_id]
        for piece in waiting.pop(parent_id):
            events = tuple(_below(event, parent_id, parent_name) for event in piece.events)
            cold = flow.head.cold_start or piece.cold_start
            flow.add(msgspec.structs.replace(flow.head, events=events, cold_start=cold))
            for event in events:
                if event.event_id not in owner and event.event_id in waiting:
                    found.append(event.event_id)
                owner[event.event_id] = flow, event.event_name
    return [piece for piece in pieces if piece.parent_id in waiting]


def _below(event: Event, parent_id: str, parent_name: str | None) -> Event:
    """The event, which hangs below the piece's parent where it has none of its own."""
    if event.event_parent_id is not None or parent_name is None:
        return event
    return msgspec.structs.replace(event, event_parent_id=parent_id, event_parent_name=parent_name)
