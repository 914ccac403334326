"""Runs as native events, one line each, and what is exactly true of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from benchmarks.worlds.runs import Run
from benchmarks.worlds.world import World

_encode = msgspec.json.Encoder().encode


class Truth(Struct, frozen=True):
    """What is true of a flow."""

    function: str
    start: float
    attack: str | None
    events: tuple[str, ...]
    """The ids of events at which a person should look first."""
    cold: bool
    failed: bool


def write(world: World, name: str, runs: Iterable[Run], path: Path) -> dict[str, Truth]:
    """Writes the events of runs; what is true, by the ids of their flows."""
    truths = {}
    losing = Random(f"{world.seed} {name} lost")
    with path.open("wb") as file:
        for number, run in enumerate(runs):
            flow = f"{name}-{number:06d}"
            for row in _rows(world, name, flow, run):
                if row.pop("call") and world.lost and not run.attack and losing.random() < world.lost:
                    continue
                file.write(_encode(row) + b"\n")
            truths[flow] = _truth(flow, run)
    return truths


def _truth(flow: str, run: Run) -> Truth:
    events = [f"{flow}-{at}" for at, call in enumerate(run.calls) if call.planted]
    events += [f"{flow}-{at}" if at < len(run.calls) else f"{flow}-over" for at in run.beside]
    if run.whole or not events:
        events += [f"{flow}-run", f"{flow}-0"]
    cold, failed = run.starting is not None, run.failed or any(call.error for call in run.calls)
    return Truth(run.function, run.start, run.attack, tuple(events), cold, failed)


def _rows(world: World, name: str, flow: str, run: Run) -> Iterator[dict[str, object]]:
    shared: dict[str, object] = {
        "application_name": world.application,
        "application_flow_id": f"{name}-{world.seed}-{run.trace}",
        "function_name": run.function,
        "function_flow_id": flow,
        "account": "123456789012",
        "region": run.region or world.region,
        "trigger": run.trigger,
        "caller": run.caller,
        "cold_start": run.starting is not None,
    }
    if run.version is not None:
        shared["version"] = run.version
    whole = f"{flow}-run"
    if run.starting is not None:
        start = run.start - run.starting - 0.002
        yield _row(shared, f"{flow}-init", start, run.start - 0.002, "Initialization", "lifecycle")
    yield {**_row(shared, whole, run.start, run.end, "Invocation", "lifecycle"), "error": run.failed}
    for at, call in enumerate(run.calls):
        row = _row(shared, f"{flow}-{at}", call.start, call.end, call.action, call.service)
        row |= {
            "event_parent_id": whole,
            "event_parent_name": "Invocation",
            "event_target_resource": call.target,
            "error": call.error,
            "call": True,
        }
        yield row
    yield _row(shared, f"{flow}-over", run.end + 0.0001, run.end + 0.0008, "Overhead", "lifecycle")


def _row(
    shared: dict[str, object], event: str, start: float, end: float, name: str, kind: str
) -> dict[str, object]:
    return {
        **shared,
        "event_id": event,
        "start_time": round(start, 6),
        "end_time": round(end, 6),
        "event_name": name,
        "event_type": kind,
        "event_parent_id": None,
        "event_parent_name": None,
        "event_target_resource": None,
        "call": False,
    }
