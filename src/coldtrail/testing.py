"""Factories for tests, of Coldtrail's own and of those who extend it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from coldtrail.assembly.span_tree import arrange
from coldtrail.records.flow import Event, Flow
from coldtrail.records.identity import FunctionKey

START = 1_795_000_000.0
Call = tuple[str, str, str | None, float]
"""Event name, event type, target resource, seconds."""


def make_key(
    function: str = "Order", application: str = "shop", account: str = "", region: str = ""
) -> FunctionKey:
    """The key of a function, as `make_flow` has it."""
    return FunctionKey(account, region, application, function)


def make_event(**fields: Any) -> Event:
    """An event with the given fields, and plausible others."""
    plain: dict[str, Any] = {
        "event_id": "00000000000000e0",
        "start_time": START,
        "end_time": START + 0.01,
        "event_name": "GetItem",
        "event_type": "DynamoDB",
    }
    return Event(**plain | fields)


def make_flow(
    calls: Sequence[Call],
    *,
    flow_id: str = "00000000000000f0",
    function: str = "Order",
    application: str = "shop",
    start: float = START,
    cold: bool = False,
    **fields: Any,
) -> Flow:
    """A run that makes calls one after another inside an Invocation, followed by Overhead."""
    same: dict[str, Any] = {
        "application_name": application,
        "application_flow_id": f"trace-{flow_id}",
        "function_name": function,
        "function_flow_id": flow_id,
    }
    invocation = f"{flow_id}-i"
    now = start + 0.001
    events = []
    for number, (name, kind, target, seconds) in enumerate(calls):
        events.append(
            make_event(
                event_id=f"{flow_id}-{number}",
                start_time=now,
                end_time=now + seconds,
                event_name=name,
                event_type=kind,
                event_target_resource=target,
                event_parent_id=invocation,
                event_parent_name="Invocation",
            )
        )
        now += seconds + 0.0005
    events += _lifecycle(flow_id, start, now, cold)
    line = arrange(events, start, now + 0.001)
    whole = {"cold_start": cold, "trigger": "AWS::ApiGateway::Stage shop/prod", **fields}
    return Flow(
        **same,
        start_time=line.start_time,
        end_time=line.end_time,
        events=line.events,
        depths=line.depths,
        self_times=line.self_times,
        own_time=line.own_time,
        **whole,
    )


def _lifecycle(flow_id: str, start: float, end: float, cold: bool) -> list[Event]:
    spans = [("Invocation", start, end, "i"), ("Overhead", end, end + 0.0005, "o")]
    if cold:
        spans.append(("Initialization", start - 0.4, start - 0.001, "c"))
    return [
        make_event(
            event_id=f"{flow_id}-{mark}",
            start_time=begin,
            end_time=stop,
            event_name=name,
            event_type="lifecycle",
        )
        for name, begin, stop, mark in spans
    ]


def make_history(flows: int, seed: int = 0, *, function: str = "Order", prefix: str = "h") -> list[Flow]:
    """Benign runs of a function: usual calls, some repeats, a rare branch, cold starts, uneven durations."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    history = []
    for number in range(flows):
        seconds = [0.01 * random.lognormvariate(0.0, 0.4) for _ in range(5)]
        calls: list[Call] = [
            ("GetItem", "DynamoDB", "Stock", seconds[0]),
            ("PutItem", "DynamoDB", "Orders", seconds[1]),
        ]
        if random.random() < 0.1:
            calls.append(("PutItem", "DynamoDB", "Orders", seconds[2]))
        if random.random() < 0.03:
            calls.append(("SendMessage", "SQS", "late-orders", seconds[3]))
        calls.append(("Publish", "SNS", "order-events", 2 * seconds[4]))
        history.append(
            make_flow(
                calls,
                flow_id=f"{prefix}{number:08d}",
                function=function,
                start=START + 20.0 * number,
                cold=random.random() < 0.03,
            )
        )
    return history
