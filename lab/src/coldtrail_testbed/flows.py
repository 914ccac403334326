"""The function flows of a finished trace, as the attacks look for their own events in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coldtrail_testbed.cloud.traces import Document, subsegments


@dataclass(frozen=True)
class Call:
    """One AWS call of a function: `service` in lower case, `operation` as the API names it."""

    event_id: str
    service: str
    operation: str
    resource: str | None


@dataclass(frozen=True)
class Flow:
    """One invocation of a function: its calls in the order of their start; `start` in UTC epoch seconds.

    `caller` is the id of the event that called the Lambda service, None when nothing in the trace did.
    """

    id: str
    function: str
    invocation_id: str
    calls: tuple[Call, ...]
    events: int
    start: float = 0.0
    caller: str | None = None
    failed: bool = False


def flows_of(trace: Mapping[str, Any]) -> Iterator[Flow]:
    """The function flows of one assembled trace."""
    callers = _callers(trace)
    for segment in trace["segments"]:
        if segment.get("origin") == "AWS::Lambda::Function":
            yield _flow(segment, callers.get(segment.get("parent_id")))


def _callers(trace: Mapping[str, Any]) -> dict[str | None, str | None]:
    """What called the Lambda service, by each id below which it puts its functions' segments."""
    services = [segment for segment in trace["segments"] if segment.get("origin") == "AWS::Lambda"]
    return {
        part["id"]: service.get("parent_id")
        for service in services
        for part in (service, *service.get("subsegments", ()))
    }


def _flow(segment: Document, caller: str | None) -> Flow:
    parts = list(subsegments(segment))
    calls = sorted((part for part in parts if part.get("namespace") == "aws"), key=_start_time)
    invocation = next(part for part in segment["subsegments"] if part["name"] == "Invocation")
    return Flow(
        id=segment["id"],
        function=segment["name"],
        invocation_id=invocation["id"],
        calls=tuple(map(_call, calls)),
        events=len(parts),
        start=_start_time(segment),
        caller=caller,
        failed=bool(segment.get("error") or segment.get("fault")),
    )


def _start_time(part: Document) -> float:
    return float(part["start_time"])


def _call(part: Document) -> Call:
    aws = part["aws"]
    names = aws.get("resource_names") or [aws.get("function_name")]
    return Call(part["id"], part["name"].lower(), aws["operation"], names[0])
