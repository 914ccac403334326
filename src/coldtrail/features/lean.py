"""Lean flows and what they stand for: a flow with its steps as records, and back."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from operator import le, lt

from msgspec.structs import replace

from coldtrail.features.times import own_times_of
from coldtrail.records.columns import APART, AnyFlow, Columns, Shape, ToldStep, parents_of
from coldtrail.records.flow import Event, Flow


def whole(flow: AnyFlow) -> Flow:
    """The flow with its steps as records."""
    if isinstance(flow, Flow):
        return flow
    key, columns, shape = flow.key, flow.columns, flow.columns.shape
    starts, ends = columns.starts.tolist(), columns.ends.tolist()
    parents = parents_of(shape)
    self_times, own_time = own_times_of(parents, starts, ends, flow.start_time, flow.end_time)
    return Flow(
        key.application,
        flow.application_flow_id,
        key.function,
        flow.function_flow_id,
        flow.start_time,
        flow.end_time,
        tuple(events_of(columns)),
        tuple([step.depth for step in shape.steps]),
        tuple(self_times),
        own_time,
        flow.cold_start,
        flow.error,
        flow.complete,
        flow.trigger,
        flow.caller,
        flow.version,
        key.account or None,
        key.region or None,
        flow.request_id,
        flow.upstream_lost,
        flow.witnesses,
        facts=flow.facts,
        invocation_type=flow.invocation_type,
    )


def events_of(columns: Columns) -> list[Event]:
    """The steps as records."""
    steps = columns.shape.steps
    ids = columns.ids.split(APART) if steps else []
    parents = [*ids, None]
    return [
        Event(
            event_id, start, end, step.name, step.kind, parents[above], step.parent_name, step.target,
            step.error,
        )
        for event_id, start, end, step, above in zip(
            ids, columns.starts, columns.ends, steps, parents_of(columns.shape), strict=True
        )
    ]  # fmt: skip


def columns_of(events: Sequence[Event], depths: Sequence[int]) -> Columns | None:
    """The columns of steps that stand depth first by start, as those of a flow do.

    None where columns cannot hold them: where several start together or have one id, a step ends before it
    starts, a step's parent is not the one that its depth tells, or who told of it is on record.
    """
    starts = array("d", [event.start_time for event in events])
    ends = array("d", [event.end_time for event in events])
    if not are_in_order(starts, ends):
        return None
    steps = [
        ToldStep(
            event.event_name, event.event_type, event.event_parent_name, event.event_target_resource, depth,
            event.error,
        )
        for event, depth in zip(events, depths, strict=True)
    ]  # fmt: skip
    ids = [event.event_id for event in events]
    columns = Columns(Shape(tuple(steps)), starts, ends, APART.join(ids))
    return columns if len(set(ids)) == len(ids) and events_of(columns) == list(events) else None


def amended(columns: Columns, changes: Mapping[int, ToldStep]) -> Columns:
    """The columns with something else told of some steps, by their places; the depths stay."""
    steps = list(columns.shape.steps)
    for place, told in changes.items():
        steps[place] = told._replace(depth=steps[place].depth)
    return replace(columns, shape=Shape(tuple(steps)))


def are_in_order(starts: Sequence[float], ends: Sequence[float], *, ties: bool = False) -> bool:
    """Whether all start one after another, with `ties` also together, and none ends before it starts."""
    return all(map(le if ties else lt, starts, starts[1:])) and all(map(le, starts, ends))
