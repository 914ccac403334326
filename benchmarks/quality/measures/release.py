"""A new version is deployed; fifty of its runs later, what alarms, and what is still found?

The update sees what ran between the release and the fiftieth run of the new version, attacked traces left
out; what comes later is judged. Learning anew from the history and the same flows tells what it could be.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.quality.judging import Outcome, outcome, taught
from benchmarks.quality.reading import Read, Window, read, windows
from benchmarks.quality.runs import Case
from benchmarks.quality.verbs import verb
from coldtrail import train
from coldtrail.bundle.folder import load
from coldtrail.bundle.model import Model
from coldtrail.records.flow import Flow

NEEDS = ("learn", "paper", "release")
FLOWS = 50
"""Runs of the new version that the update sees."""


class After(Struct, frozen=True):
    """What one model says."""

    all: Outcome
    """Of all flows after the fiftieth run of the new version."""
    own: Outcome
    """Of those of the released function alone."""
    before: Outcome
    """Of the paper's run of the old version."""


class Release(Struct, frozen=True):
    """The outcome of a case."""

    functions: tuple[str, ...]
    learned: int
    """Flows that the update sees."""
    old: After
    """By the model that does not know the version."""
    anew: After
    """By a model that learned from the history and from what the update sees."""
    updated: After | None
    """After `coldtrail update` that is told to learn what it flags; None where there is no such verb."""
    seconds: float | None
    """Wall seconds of that update."""
    cpu_s: float | None
    """Processor seconds of it."""
    unconfirmed: After | None
    """After an update that is told nothing, and leaves out what it flags."""


@dataclass(frozen=True)
class _Parts:
    history: Sequence[Flow]
    seen: Sequence[Flow]
    later: Read
    window: Window
    earlier: Read


def measure(case: Case) -> Release:
    """The figures of a case."""
    run = case.run("release")
    window = windows(run)["new_version"]
    recorded, history = read(run), read(case.run("learn")).flows
    seen, later = divided(recorded, window)
    parts = _Parts(history, seen, Read(later, recorded.labels), window, read(case.run("paper")))
    confirmed, unconfirmed = (updated(case, parts, learn_flagged=told) for told in (True, False))
    return Release(
        window.functions,
        len(seen),
        _after(taught(history), parts),
        _after(taught([*history, *seen]), parts),
        _after(confirmed[0], parts) if confirmed else None,
        confirmed[1] if confirmed else None,
        confirmed[2] if confirmed else None,
        _after(unconfirmed[0], parts) if unconfirmed else None,
    )


def divided(run: Read, window: Window) -> tuple[list[Flow], list[Flow]]:
    """The flows that the update sees, and those that are judged."""
    flows = [flow for flow in run.flows if flow.start_time >= window.begin]
    own = [flow for flow in flows if flow.function_name in window.functions]
    attacked = {flow.application_flow_id for flow in flows if flow.function_flow_id in run.labels}
    calm = [flow for flow in own if flow.application_flow_id not in attacked]
    if len(calm) < FLOWS:
        raise SystemExit(f"The new version ran {len(calm)} times only; record more visits.")
    last = calm[FLOWS - 1].start_time
    seen = [f for f in flows if f.start_time <= last and f.application_flow_id not in attacked]
    return seen, [flow for flow in flows if flow.start_time > last]


def _after(model: Model, parts: _Parts) -> After:
    later, earlier = parts.later, parts.earlier
    own = [flow for flow in later.flows if flow.function_name in parts.window.functions]
    return After(
        outcome(model, later.flows, later.labels),
        outcome(model, own, later.labels),
        outcome(model, earlier.flows, earlier.labels),
    )


def updated(case: Case, parts: _Parts, *, learn_flagged: bool) -> tuple[Model, float, float] | None:
    """The model that `coldtrail update` gives, its wall and processor seconds; None without that verb."""
    update = verb("update")
    if update is None:
        return None
    with tempfile.TemporaryDirectory(prefix="coldtrail-quality-") as name:
        folder = Path(name)
        train([case.run("learn").traces], folder / "bundle")
        new = folder / "new.jsonl.gz"
        write_traces(case.run("release").traces, {flow.application_flow_id for flow in parts.seen}, new)
        started, worked = time.perf_counter(), time.process_time()
        update(folder / "bundle", [new], folder / "updated", learn_flagged=learn_flagged)
        seconds, cpu_s = time.perf_counter() - started, time.process_time() - worked
        return load(folder / "updated")[0], seconds, cpu_s


class _Trace(Struct, frozen=True):
    id: str = msgspec.field(name="Id")


def write_traces(traces: Path, wanted: set[str], output: Path) -> None:
    """Nothing; the wanted traces stand in the output."""
    decode = msgspec.json.Decoder(_Trace).decode
    with gzip.open(traces) as source, gzip.open(output, "wb") as target:
        target.writelines(line for line in source if decode(line).id in wanted)
