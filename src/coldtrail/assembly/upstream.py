"""The way up from a run through the links of its trace: what invoked and triggered it, and who called.

Where documents contradict each other there are several ways, and each is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from coldtrail.assembly.masking import Masking
from coldtrail.records.flow import Event
from coldtrail.records.telemetry import Link, Span

_MOST_HOPS = 100
_PASSES_ON = {"EventBridge": "AWS::Events", "SNS": "AWS::SNS", "SQS": "AWS::SQS"}
"""Services that pass on what a step left with them, as they are called where their own record is told."""
_URL = "AWS::Lambda::Url"
_MOST_STEPS_UP = 10 * _MOST_HOPS
"""Of all ways up from one run."""


class Upstream(Struct, frozen=True, gc=False):
    """What stands above a run."""

    invocation: Link | None
    """The platform's own record of the invocation."""
    trigger: str | None
    caller: str | None
    """The nearest function, state machine or API."""
    lost: bool
    """Whether the trace lacks a part of the way up."""


class Above(Protocol):
    """Where the way up leads through."""

    links: dict[str, Link]
    ways: dict[str, list[Link]]
    """By id, links of which documents contradict each other."""
    has_pieces: bool
    """Whether steps may be links as well, since they were sent by themselves."""
    has_twins: bool
    """Whether a step and a link may have the same id."""

    def run_at(self, run_id: str) -> Span | None:
        """The run with an id, where there is one."""
        ...

    def steps(self, step_id: str) -> list[tuple[Event, Span]]:
        """The steps with an id, and whose they are: several where documents contradict each other."""
        ...


class _Way(Struct, frozen=True, gc=False):
    """A way up as far as it was followed."""

    at: str | None
    invocation: Link | None = None
    trigger: str | None = None
    hops: int = 0


def above_run(head: Span, trace: Above, masking: Masking) -> Upstream:
    """What stands above a run of which nothing is told twice, or what its own record says of that."""
    (above,) = upstream((head.parent_id,), trace, masking)
    if head.trigger is None and head.parent_id is not None:
        return above
    trigger, caller = (None if one is None else masking.names[one] for one in (head.trigger, head.caller))
    return Upstream(above.invocation, trigger, caller or above.caller, False)


def upstream(parents: Sequence[str | None], trace: Above, masking: Masking) -> list[Upstream]:
    """What stands above a run in its trace: one for each way that documents tell of, at least one."""
    only = None if trace.ways or len(parents) > 1 else _only_way(parents[0], trace, masking)
    return _all_ways(parents, trace, masking) if only is None else [only]


def _only_way(parent_id: str | None, trace: Above, masking: Masking) -> Upstream | None:
    """What stands above a run where nothing contradicts; None where a step is claimed twice, or by a link."""
    at, invocation, trigger, before = parent_id, None, None, "hop"
    for _ in range(_MOST_HOPS):
        if at is None:
            break
        link = trace.links.get(at)
        if link is None or _may_be_step(link, before, trace):
            steps = trace.steps(at)
            if len(steps) > 1 or (steps and link is not None and link.role != "hop"):
                return None
            if steps:
                return _from_step(*steps[0], invocation, trigger, trace, masking)
            if link is None:
                return _from_run(at, invocation, trigger, trace)
        at, before = link.parent_id, link.role
        if before != "hop":
            invocation, trigger, caller = _through(link, invocation, trigger, masking)
            if caller is not None:
                return Upstream(invocation, trigger, caller, False)
    return Upstream(invocation, trigger, None, at is not None)


def _may_be_step(link: Link, before: str, trace: Above) -> bool:
    """Whether a link can have the id of a step: of one that was sent by itself, or because it is forged."""
    return trace.has_pieces if link.role == "hop" else trace.has_twins and before != "hop"


def _all_ways(parents: Sequence[str | None], trace: Above, masking: Masking) -> list[Upstream]:
    """What stands above a run by each way; what is lost on one way is nothing where another leads on."""
    told: dict[Upstream, None] = {}
    ways = [_Way(parent) for parent in reversed(parents)]
    for _ in range(_MOST_STEPS_UP):
        if not ways:
            break
        for more in _on(ways.pop(), trace, masking):
            if isinstance(more, Upstream):
                told[more] = None
            else:
                ways.append(more)
    found = [one for one in told if not one.lost]
    return found or list(told) or [Upstream(None, None, None, True)]


def _on(way: _Way, trace: Above, masking: Masking) -> Iterator[Upstream | _Way]:
    """Where a way leads on, or what stands at its end."""
    if way.at is None or way.hops == _MOST_HOPS:
        yield Upstream(way.invocation, way.trigger, None, way.at is not None)
        return
    links = trace.ways.get(way.at)
    if links is None:
        links = [trace.links[way.at]] if way.at in trace.links else []
    steps = trace.steps(way.at)
    for link in links:
        if link.role != "hop" or not steps:
            invocation, trigger, caller = _through(link, way.invocation, way.trigger, masking)
            if caller is None:
                yield _Way(link.parent_id, invocation, trigger, way.hops + 1)
            else:
                yield Upstream(invocation, trigger, caller, False)
    for step, run in steps:
        yield _from_step(step, run, way.invocation, way.trigger, trace, masking)
    if not links and not steps:
        yield _from_run(way.at, way.invocation, way.trigger, trace)


def _through(
    link: Link, invocation: Link | None, trigger: str | None, masking: Masking
) -> tuple[Link | None, str | None, str | None]:
    """The invocation and the trigger as known beyond a link, and who calls where that is itself."""
    role = link.role
    if role == "source":
        name = masking.resources[link.name]
        return invocation, trigger or f"{masking.names[link.kind]} {name}", name
    if trigger is not None or role == "hop":
        return invocation, trigger, None
    if role == "invocation":
        url = None if link.url is None else f"{_URL} {masking.names[link.url]}"
        return invocation or link, url, None
    return invocation, f"{masking.names[link.kind]} {masking.resources[link.name]}", None


def _from_run(at: str, invocation: Link | None, trigger: str | None, trace: Above) -> Upstream:
    """What stands at the end of a way that ends at another run itself, or where the trace has nothing."""
    run = trace.run_at(at)
    if run is None:
        return Upstream(invocation, trigger, None, True)
    return Upstream(invocation, trigger or f"function {run.function_name}", run.function_name, False)


def _from_step(
    step: Event, run: Span, invocation: Link | None, trigger: str | None, trace: Above, masking: Masking
) -> Upstream:
    """What stands at the end of a way that ends at a step of another run."""
    if trigger is None:
        (shown,) = masking.steps([step], run.account or _invoked_account(run, trace))
        kind = _PASSES_ON.get(shown.event_type, shown.event_type)
        trigger = f"{kind} {shown.event_target_resource or shown.event_name}"
    return Upstream(invocation, trigger, run.function_name, False)


def _invoked_account(run: Span, trace: Above) -> str:
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
