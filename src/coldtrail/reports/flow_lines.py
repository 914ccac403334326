"""Flows as JSON lines: the form that the verb `flows` writes, and that the service keeps."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.features.fitness import BESIDE
from coldtrail.records.facts import Facts
from coldtrail.records.flow import Event, Flow, InvocationType

NOTHING = Facts()


class StepLine(Struct, frozen=True, gc=False):
    """One step of a flow's line."""

    event_id: str
    event_name: str
    event_type: str
    event_target_resource: str | None
    start_time: float
    end_time: float
    depth: int
    """1 for a step without a parent."""
    error: bool
    witness: str
    """The format that told of it."""


class FlowLine(Struct, frozen=True, gc=False):
    """One function flow, as a line tells it."""

    account: str | None
    region: str | None
    application_name: str
    function_name: str
    version: str | None
    function_flow_id: str
    application_flow_id: str
    request_id: str | None
    start_time: float
    end_time: float
    cold_start: bool
    error: bool
    complete: bool
    trigger: str | None
    caller: str | None
    steps: tuple[StepLine, ...]
    facts: Facts
    """What other witnesses than traces add; empty where there are none."""
    witnesses: tuple[str, ...]
    """The formats that told of it."""
    invocation_type: InvocationType | None
    """Null where no record tells."""


def flow_line(flow: Flow) -> FlowLine:
    """The line of a flow."""
    traces = [name for name in flow.witnesses if name not in BESIDE]
    only = traces[0] if len(traces) == 1 else ""
    pairs = zip(flow.events, flow.depths, strict=True)
    return FlowLine(
        flow.account,
        flow.region,
        flow.application_name,
        flow.function_name,
        flow.version,
        flow.function_flow_id,
        flow.application_flow_id,
        flow.request_id,
        flow.start_time,
        flow.end_time,
        flow.cold_start,
        flow.error,
        flow.complete,
        flow.trigger,
        flow.caller,
        tuple([_step_line(event, depth, only) for event, depth in pairs]),
        flow.facts or NOTHING,
        flow.witnesses,
        flow.invocation_type,
    )


def _step_line(event: Event, depth: int, only: str) -> StepLine:
    return StepLine(
        event.event_id,
        event.event_name,
        event.event_type,
        event.event_target_resource,
        event.start_time,
        event.end_time,
        depth,
        event.error,
        event.witness or only,
    )
