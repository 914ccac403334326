"""The way up from a run through the links of its trace: what invoked and triggered it, and who called."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.assembly.masking import Masking
from coldtrail.assembly.merge import Rank, event_rank
from coldtrail.assembly.trace import Trace
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span

_MOST_HOPS = 100


class Upstream(Struct, frozen=True, gc=False):
    """What stands above a run."""

    invocation: Link | None
    """The platform's own record of the invocation."""
    trigger: str | None
    caller: str | None
    """The nearest function, state machine or API."""
    lost: bool
    """Whether the trace lacks a part of the way up."""


def above_run(head: Span, trace: Trace, masking: Masking) -> Upstream:
    """What stands above a run in its trace, or what its own record says of that."""
    above = upstream(head.parent_id, trace, masking)
    if head.trigger is None and head.parent_id is not None:
        return above
    trigger, caller = (None if one is None else masking.names[one] for one in (head.trigger, head.caller))
    return Upstream(above.invocation, trigger, caller, False)


def upstream(parent_id: str | None, trace: Trace, masking: Masking) -> Upstream:
    """What stands above a run in its trace."""
    invocation: Link | None = None
    trigger: str | None = None
    current = parent_id
    for _ in range(_MOST_HOPS):
        if current is None:
            break
        link = trace.links.get(current)
        if link is None:
            trigger, caller = _from_step(current, trace, trigger, masking)
            return Upstream(invocation, trigger, caller, caller is None)
        if trigger is None and link.role == "invocation":
            invocation = invocation or link
        elif trigger is None and link.role != "hop":
            name = masking.resources[link.name]
            trigger = f"{masking.names[link.kind]} {name}"
            if link.role == "source":
                return Upstream(invocation, trigger, name, False)
        current = link.parent_id
    return Upstream(invocation, trigger, None, current is not None)


def _from_step(
    step_id: str, trace: Trace, trigger: str | None, masking: Masking
) -> tuple[str | None, str | None]:
    """Trigger and caller where the way up ends at a step of another run."""
    if trace.callers is None:
        trace.callers = _callers(trace)
    found = trace.callers.get(step_id)
    if found is None:
        return trigger, None
    step, run = found
    if trigger is None:
        (shown,) = masking.steps([step], run.account or _invoked_account(run, trace))
        trigger = f"{shown.event_type} {shown.event_target_resource or shown.event_name}"
    return trigger, run.function_name


def _invoked_account(run: Span, trace: Trace) -> str:
    """The account of a run's function as its invocation tells it; else empty."""
    parent_id = run.parent_id
    for _ in range(_MOST_HOPS):
        link = None if parent_id is None else trace.links.get(parent_id)
        if link is None:
            break
        if link.role == "invocation":
            return link.account or ""
        parent_id = link.parent_id if link.role == "hop" else None
    return ""


def _callers(trace: Trace) -> dict[str, tuple[Event, Span]]:
    """Each step of a trace by its id; copies are told apart as within a flow."""
    drafts = trace.drafts.values()
    callers = {event.event_id: (event, draft.head) for draft in drafts for event in draft.events}
    if len(callers) == sum([len(draft.events) for draft in drafts]):
        return callers
    ranks: dict[str, tuple[Rank, str, str]] = {}
    for draft in drafts:
        for event in draft.events:
            rank = event_rank(event), draft.head.function_name, draft.head.account or ""
            known = ranks.get(event.event_id)
            if known is None or rank > known:
                ranks[event.event_id], callers[event.event_id] = rank, (event, draft.head)
    return callers
