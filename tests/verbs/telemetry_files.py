"""Telemetry on disk for the tests of verbs and of the command line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from coldtrail.records.flow import Event, Flow
from coldtrail.testing import Call, make_flow
from tests.fixtures.telemetry import payload_of, traces

Moved = TypeVar("Moved", Event, Flow)

GET: Call = ("GetItem", "DynamoDB", "Stock", 0.01)
PUT: Call = ("PutItem", "DynamoDB", "Orders", 0.01)
PUBLISH: Call = ("Publish", "SNS", "order-events", 0.02)
STEAL: Call = ("PutObject", "S3", "loot", 0.01)
USUAL: Sequence[Call] = (GET, PUT, PUBLISH)
_OPTIONAL = ("trigger", "cold_start", "version", "account", "region")


def native_lines(flows: Iterable[Flow]) -> list[bytes]:
    """Each event of the flows as one line of native telemetry."""
    return [json.dumps(line).encode() for flow in flows for line in native_events(flow)]


def native_events(flow: Flow) -> list[dict[str, Any]]:
    """The events of a flow as native telemetry tells them."""
    told = ("application_name", "application_flow_id", "function_name", "function_flow_id", *_OPTIONAL)
    whole = {key: getattr(flow, key) for key in told}
    keys = flow.events[0].__struct_fields__
    return [{key: getattr(event, key) for key in keys} | whole for event in flow.events]


def write_native(path: Path, flows: Iterable[Flow]) -> Path:
    """The file that holds the flows as native telemetry."""
    path.write_bytes(b"\n".join(native_lines(flows)) + b"\n")
    return path


def write_xray(path: Path, number: int, seed: int = 0) -> Path:
    """The gzip file that holds so many X-Ray traces, one a line."""
    path.write_bytes(gzip.compress(b"\n".join(map(payload_of, traces(number, seed))), mtime=0))
    return path


def stolen(flow_id: str = "stolen", start: float = 1_795_100_000.0) -> Flow:
    """A run that writes to a bucket which its function never touched."""
    return make_flow([GET, PUT, STEAL, PUBLISH], flow_id=flow_id, start=start)


def a_day_later(flow: Flow) -> Flow:
    """The same run on the next day."""
    day = 86_400.0
    events = tuple(_moved(event, day) for event in flow.events)
    return msgspec.structs.replace(_moved(flow, day), events=events)


def _moved(thing: Moved, seconds: float) -> Moved:
    start, end = thing.start_time + seconds, thing.end_time + seconds
    return msgspec.structs.replace(thing, start_time=start, end_time=end)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a JSON lines file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]
