"""Telemetry of both formats in which hostile names stand in every field that holds text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from coldtrail.testing import START, make_flow
from tests.attacks.hostile_names import EVERY_NAME
from tests.fixtures.telemetry import FUNCTIONS, TraceBuilder, payload_of, traces
from tests.verbs.telemetry_files import USUAL, native_events

DAY = 86_400.0
LEARNED = 4
"""Of so many names one is that of a function which is learned."""
Json = dict[str, Any]
RESOURCE_FIELDS = (
    "table_name", "bucket_name", "topic_arn", "queue_url", "function_name", "stream_name",
    "state_machine_arn", "secret_id", "event_bus_name", "key_id",
)  # fmt: skip
NATIVE_IDENTITY = (
    "application_name", "application_flow_id", "function_name", "function_flow_id", "event_id",
    "event_parent_id", "account", "region", "version", "trigger", "caller", "request_id",
)  # fmt: skip
NATIVE_STEP = ("event_name", "event_type", "event_parent_name", "event_target_resource")


def xray_history(number: int) -> Iterator[bytes]:
    """Runs of known functions, then one of each function that is called by a hostile name."""
    yield from map(payload_of, traces(number, seed=1))
    yield from xray_identities(0.5, EVERY_NAME[::LEARNED])


def xray_identities(days: float, names: Sequence[str] = EVERY_NAME) -> Iterator[bytes]:
    """For each name a trace of a function that has it, in an account, a region and an application that do."""
    for place, name in enumerate(names):
        builder = _later(TraceBuilder(5_000 + place), days, place)
        trace = builder.trace("shop-prod-order")
        arn = f"arn:aws:lambda:{name}:{name}:function:{name}"
        for part in _documents(trace):
            part |= {"user": name, "annotations": {name: name}, "metadata": {name: name}}
            if part.get("origin") in ("AWS::Lambda", "AWS::Lambda::Function"):
                part |= {"name": name, "resource_arn": arn}
                part["aws"] = {
                    "account_id": name,
                    "function_arn": arn,
                    "request_id": name,
                    "resource_names": [name],
                }
                part["aws"] |= {"function_version": name}
        yield payload_of(trace)


def xray_ids(days: float) -> Iterator[bytes]:
    """For each name a trace that has it as id, and the function's segment too."""
    for place, name in enumerate(EVERY_NAME):
        builder = _later(TraceBuilder(9_000 + place), days, place)
        trace = builder.trace("shop-prod-order")
        trace["Id"] = name
        for held in trace["Segments"]:
            held["Document"]["trace_id"] = name
            if held["Document"].get("origin") == "AWS::Lambda::Function":
                held["Document"]["id"] = held["Id"] = name
                _calls(held["Document"]).append(builder.call("S3", "PutObject", "loot", START + DAY))
        yield payload_of(trace)


def xray_calls(days: float) -> Iterator[bytes]:
    """For each name a run of a known function that does what the name says, in every way."""
    for place, name in enumerate(EVERY_NAME):
        builder = _later(TraceBuilder(20_000 + place), days, place)
        trace = builder.trace(FUNCTIONS[place % len(FUNCTIONS)])
        for part in _documents(trace):
            if part.get("origin") == "AWS::ApiGateway::Stage":
                part |= {"name": name, "http": {"request": {"url": name, "method": name, "user_agent": name}}}
            if part.get("origin") == "AWS::Lambda::Function":
                calls = _calls(part)
                calls += _strange(builder, name, place, calls[-1]["start_time"])
        yield payload_of(trace)


def _strange(builder: TraceBuilder, name: str, place: int, at: float) -> Iterator[Json]:
    call = builder.call("DynamoDB", "PutItem", name, at + 0.001)
    field = RESOURCE_FIELDS[place % len(RESOURCE_FIELDS)]
    call["aws"] = {"operation": "PutItem", "resource_names": [name], field: name, "region": name}
    yield call
    yield builder.call("DynamoDB", name, "orders", at + 0.002)
    yield builder.call("DynamoDB", "PutItem", "orders", at + 0.003) | {"name": name}
    several = builder.call("DynamoDB", "BatchGetItem", "orders", at + 0.004)
    several["aws"] = {"operation": "BatchGetItem", "table_names": [name, "orders"]}
    yield several
    remote = builder.subsegment(name, at + 0.005, 0.001, namespace="remote")
    remote["http"] = {"request": {"url": name, "method": name}, "response": {"status": 200}}
    yield remote
    yield builder.subsegment(name, at + 0.006, 0.001)
    yield builder.subsegment(name, at + 0.007, 0.001, namespace=name)
    cause = {"working_directory": name, "exceptions": [{"id": name, "message": name, "type": name}]}
    yield builder.subsegment("own", at + 0.008, 0.001, fault=True, cause=cause) | {"id": name}


def native_history(number: int) -> Iterator[bytes]:
    """Runs of a known function, then one of each function that has a hostile name."""
    for place in range(number):
        yield from _lines(place, {})
    for place, name in enumerate(EVERY_NAME[::LEARNED]):
        yield from _lines(number + place, dict.fromkeys(NATIVE_IDENTITY, name))


def native_later(days: float) -> Iterator[bytes]:
    """For each name and field, a run of the known function that has the name there."""
    for place, name in enumerate(EVERY_NAME):
        for number, field in enumerate((*NATIVE_IDENTITY, *NATIVE_STEP)):
            yield from _lines(place + number / 100, {field: name}, START + days * DAY)


def _lines(place: float, names: dict[str, str], start: float = START) -> Iterator[bytes]:
    flow = make_flow(USUAL, flow_id=f"n{start:.0f}-{place}", start=start + 20 * place)
    for number, event in enumerate(native_events(flow)):
        is_call = event["event_type"] != "lifecycle"
        told = {field: name for field, name in names.items() if is_call or field in NATIVE_IDENTITY}
        ids = {"event_id": f"{told['event_id']}{number}"} if "event_id" in told else {}
        yield json.dumps(event | told | ids).encode()


def _documents(trace: Json) -> list[Json]:
    return [held["Document"] for held in trace["Segments"]]


def _calls(function: Json) -> list[Json]:
    invocation = next(part for part in function["subsegments"] if part["name"] == "Invocation")
    calls: list[Json] = invocation["subsegments"][0]["subsegments"]
    return calls


def _later(builder: TraceBuilder, days: float, place: int) -> TraceBuilder:
    builder._clock += days * DAY + 30 * place
    return builder
