"""Lean flows as plain values, for the store and for other processes: each shape is held once, elsewhere."""

from __future__ import annotations

from array import array

from msgspec import Struct

from coldtrail.records.columns import Columns, LeanFlow, Shape
from coldtrail.records.facts import Facts
from coldtrail.records.flow import InvocationType
from coldtrail.records.identity import FunctionKey


class HeldRun(Struct, frozen=True, gc=False, array_like=True):
    """A flow whose steps are columns, its shape by a number."""

    shape: int
    starts: bytes
    ends: bytes
    ids: str
    key: FunctionKey
    told: tuple[str, str, float, float]
    """Trace, id, start and end."""
    outcome: tuple[bool, bool, bool]
    """As the `LeanFlow` has them."""
    upstream: tuple[str | None, str | None, str | None, str | None, bool, tuple[str, ...]]
    facts: Facts | None
    invocation_type: InvocationType | None = None


def held_run(flow: LeanFlow, shape: int) -> HeldRun:
    """The flow, whose shape has this number."""
    columns = flow.columns
    return HeldRun(
        shape,
        columns.starts.tobytes(),
        columns.ends.tobytes(),
        columns.ids,
        flow.key,
        (flow.application_flow_id, flow.function_flow_id, flow.start_time, flow.end_time),
        (flow.cold_start, flow.error, flow.complete),
        (flow.trigger, flow.caller, flow.version, flow.request_id, flow.upstream_lost, flow.witnesses),
        flow.facts,
        flow.invocation_type,
    )


def released_run(run: HeldRun, shape: Shape) -> LeanFlow:
    """The flow that was held."""
    columns = Columns(shape, array("d", run.starts), array("d", run.ends), run.ids)
    trigger, caller, version, request_id, lost, witnesses = run.upstream
    above = trigger, caller, version, request_id
    how = run.invocation_type
    return LeanFlow(run.key, *run.told, columns, *run.outcome, *above, lost, witnesses, run.facts, how)
