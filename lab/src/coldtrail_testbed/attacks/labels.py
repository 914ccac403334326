"""Which flows of a trace are attacked, and which of their events are the attack's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coldtrail_testbed.flows import Flow

Find = Callable[[str, Flow], Sequence[str]]
"""The ids of an attack's events in a flow, none when it did not come about."""


@dataclass(frozen=True)
class Label:
    """An attacked flow and the ids of the attack's events in it."""

    flow: Flow
    attack: str
    event_ids: Sequence[str]


def labels_of(flows: Sequence[Flow], attacks: Mapping[str, str], find: Find) -> list[Label]:
    """The labels of one trace's flows; `attacks` is what was carried, by the flow's id.

    A flow that an attack's own call starts is labelled too, by its Invocation. What that one starts in turn
    is the application's own work.
    """
    own = list(_own_labels(flows, attacks, find))
    labelled = {label.flow.id for label in own}
    injected = {event_id: label.attack for label in own for event_id in label.event_ids}
    started = [flow for flow in flows if flow.caller in injected and flow.id not in labelled]
    return own + [Label(flow, injected[flow.caller or ""], [flow.invocation_id]) for flow in started]


def _own_labels(flows: Sequence[Flow], attacks: Mapping[str, str], find: Find) -> Iterator[Label]:
    for flow in flows:
        if attack := attacks.get(flow.id):
            event_ids = find(attack, flow)
            if event_ids:
                yield Label(flow, attack, event_ids)
