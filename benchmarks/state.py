"""Time and size of what a line holds: to stop and to go on.

`python -m benchmarks.state` learns 1,000 functions, lets a line follow them until it holds 100,000 events of
open traces, and prints how long a snapshot and its restoring take, how large the state is, and what writing
and reading its folder adds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec

from benchmarks.measuring import machine
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.formats.native import NativeParser
from coldtrail.learning.train import learn
from coldtrail.pipeline import Pipeline
from coldtrail.records.flow import Flow
from coldtrail.records.stage import State
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.store.scratch import Scratch, scratch
from coldtrail.store.state import state_folder
from coldtrail.testing import START, Call, make_flow

LEARNED, FOLLOWED = 60, 60
"""Runs of each function."""
EVERY_S = 600.0
"""Seconds from run to run of a function."""
MOST_S, MOST_MIB = 1.0, 50.0
T = TypeVar("T")


def main() -> int:
    """The exit status: 0 if stopping and going on take no longer, and no more room, than promised."""
    parser = argparse.ArgumentParser(description="Time and size of the state of a line.")
    parser.add_argument("--functions", type=int, default=1000)
    parser.add_argument("--open-events", type=int, default=100_000)
    options = parser.parse_args()
    model = learn(list(_runs(options.functions, LEARNED, 0.0)), Settings()).model
    with scratch() as aside, scratch() as again, TemporaryDirectory() as folder:
        line = _line(model, aside)
        _fill(line, options.functions, options.open_events)
        state, stopping = _timed(line.snapshot)
        fresh = _line(model, again)
        _, resuming = _timed(lambda: fresh.restore(state))
        size = sum(array.nbytes for array in state.values()) / 2**20
        largest = sorted(state, key=lambda name: -state[name].nbytes)[:5]
        print(machine())
        print(f"{options.functions:,} functions, {options.open_events:,} open events, processor seconds")
        print(f"snapshot {stopping:.2f} s, restore {resuming:.2f} s, {size:.1f} MiB")
        print(", ".join(f"{name} {state[name].nbytes / 2**20:.1f} MiB" for name in largest))
        writing, reading = _on_disk(Path(folder) / "state", state)
        print(f"to its folder {writing:.2f} s, and from there {reading:.2f} s")
    return 0 if max(stopping, resuming) <= MOST_S and size <= MOST_MIB else 1


def _line(model: Model, store: Scratch) -> Pipeline:
    settings = Settings()
    return Pipeline(model, NativeParser(settings), settings, Tally(), store)


def _fill(line: Pipeline, functions: int, events: int) -> None:
    """Lets the line follow runs of all functions, and then holds events of traces that are still open."""
    after = (LEARNED + 1) * EVERY_S
    line.push(_documents(_runs(functions, FOLLOWED, after)))
    line.advance(line.now)
    start = START + after + (FOLLOWED + 1) * EVERY_S
    held = 0
    for flow in _runs(functions, events, start - START, every_s=0.5 * EVERY_S / events):
        line.push(_documents([flow]))
        held += len(flow.events)
        if held >= events:
            return


def _runs(functions: int, each: int, after: float, every_s: float = EVERY_S) -> Iterator[Flow]:
    random = Random(int(after))
    for number in range(each):
        for function in range(functions):
            calls: list[Call] = [
                ("GetItem", "DynamoDB", f"Stock{function}", 0.01 * random.lognormvariate(0, 0.4))
            ]
            if random.random() < 0.5:
                calls.append(("PutItem", "DynamoDB", "Audit", 0.01 * random.lognormvariate(0, 0.4)))
            calls.append(("Publish", "SNS", "events", 0.02 * random.lognormvariate(0, 0.4)))
            start = START + after + every_s * (number + function / functions)
            error = random.random() < 0.05
            flow_id = f"{random.getrandbits(64):016x}"
            yield make_flow(calls, flow_id=flow_id, function=f"F{function}", start=start, error=error)


def _documents(flows: Iterator[Flow] | list[Flow]) -> Iterator[Document]:
    told = ("application_name", "application_flow_id", "function_name", "function_flow_id", "trigger")
    for flow in flows:
        whole = {key: getattr(flow, key) for key in told}
        for event in flow.events:
            fields = {name: getattr(event, name) for name in event.__struct_fields__}
            yield Document(msgspec.json.encode(fields | whole), "benchmark")


def _on_disk(folder: Path, state: State) -> tuple[float, float]:
    with state_folder(folder, "benchmark") as held:
        _, writing = _timed(lambda: held.write(state))
        _, reading = _timed(held.read)
    return writing, reading


def _timed(do: Callable[[], T]) -> tuple[T, float]:
    """What comes back, and the processor seconds that it took."""
    started = time.process_time()
    done = do()
    return done, time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(main())
