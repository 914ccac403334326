"""The ids by which witnesses name the invocation that they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coldtrail.assembly.join.functions import named_by
from coldtrail.assembly.join.rows import key_of
from coldtrail.assembly.join.steps import TOLERANCE_S, WHOLE_S
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import trace_key
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness

CLOCKS_S = TOLERANCE_S + WHOLE_S
LATEST_S = 120.0
"""How long after the end of a run what is told of it may be dated; and how long after the first word of it it
may start, where nothing else is known."""
INVOKES = frozenset(("Invoke", "InvokeAsync", "InvokeWithResponseStream"))
"""Operations of Lambda that begin an invocation, whose request id is then that of the invocation."""


def is_invoke(call: ApiCall) -> bool:
    """Whether a call began an invocation."""
    return asks_to_invoke(call) and call.request_id is not None and not is_refused(call)


def asks_to_invoke(call: ApiCall) -> bool:
    """Whether a call asked for an invocation."""
    return call.service == "Lambda" and call.operation in INVOKES


def is_refused(call: ApiCall) -> bool:
    """Whether a call asked for an invocation, and none came of it: it was denied, throttled or found no
    function, or only asked if it might."""
    return asks_to_invoke(call) and (call.error_code is not None or call.dry_run)


def function_told(witness: Witness) -> str:
    """The name of the function that a witness tells of, empty where it does not say."""
    if isinstance(witness, Report):
        return witness.function_name
    if isinstance(witness, ApiCall):
        return named_by(witness.target).name if witness.target else ""
    return ""


def request_told(witness: Witness) -> str | None:
    """The request id of the invocation that a witness tells of."""
    return witness.function_request_id if isinstance(witness, Access) else witness.request_id


class Asked(NamedTuple):
    """A flow whose witnesses are sought."""

    flow: AnyFlow
    request: int
    trace: int
    first: bool
    """Whether it is the first of its trace, the one that a gateway called."""


def asked_of(flows: Iterable[AnyFlow]) -> list[Asked]:
    """The flows, each with what it is sought by; those of one trace have to be there together."""
    some = list(flows)
    first: dict[str, tuple[float, str]] = {}
    for flow in some:
        rank = flow.start_time, flow.function_flow_id
        first[flow.application_flow_id] = min(rank, first.get(flow.application_flow_id, rank))
    return [
        Asked(
            flow,
            key_of(flow.request_id),
            key_of(trace_key(flow.application_flow_id)),
            first[flow.application_flow_id] == (flow.start_time, flow.function_flow_id),
        )
        for flow in some
    ]


def tells_of(witness: Witness, flow: AnyFlow) -> bool:
    """Whether a witness that shares an id with a flow says nothing else that is not so of it."""
    if witness.time is not None and witness.time > flow.end_time + LATEST_S:
        return False
    own, request, function = flow.request_id, request_told(witness), function_told(witness)
    return (
        (request == own or request is None or own is None)
        and (function == flow.key.function or not function)
        and is_of_account(witness, flow)
    )


def is_of_account(witness: Witness, flow: AnyFlow) -> bool:
    """Whether a witness may tell of a function of the flow's account."""
    account = witness.account
    if isinstance(witness, ApiCall):
        account = named_by(witness.target or "").account or witness.target_account
    return not account or not flow.key.account or account == flow.key.account


def is_end(witness: Witness) -> bool:
    """Whether it is the report of an invocation's end, of which each attempt has one."""
    return isinstance(witness, Report) and witness.kind == "report"


def _is_during(witness: Witness, flow: AnyFlow) -> bool:
    time = witness.time
    return time is None or flow.start_time - CLOCKS_S <= time <= flow.end_time + CLOCKS_S


def those_of(some: Sequence[Witness], flow: AnyFlow) -> list[bool]:
    """Of witnesses that share an id with a flow, those that tell of it: where several attempts have one
    request id, each has the report of its own end."""
    fits = [tells_of(one, flow) for one in some]
    if len(some) > 1 and sum(map(is_end, some)) > 1:
        for place, one in enumerate(some):
            fits[place] &= not is_end(one) or _is_during(one, flow)
    return fits
