"""What the line costs in this checkout and in another one, in turn: `python -m benchmarks.in_turn BEFORE`.

BEFORE is a folder with another commit checked out. Each row is measured in processes of their own, once with
either, so many rounds long; a row's ratio is that of the medians, and the medians of its pairs are beside it.
Rows: X-Ray files, native lines, all witnesses of a recorded run (`--recorded`, with the audit log, reports,
metrics and gateway lines), encoded arrays, one flow alone, and learning a loop-heavy application.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NamedTuple

import orjson

from benchmarks.measuring import machine
from benchmarks.whole_line import own
from tests.fixtures.telemetry import payload_of, traces

HERE = Path(__file__).resolve().parent
TRACES, LEARNED, COPIES = 20_000, 10_000, 9
"""Of two functions each."""
LOOPS, FUNCTIONS = 6_000, 9
"""Runs of a loop-heavy application, and its functions."""
OTHER_TRACES = ("otlp", "aws_spans", "lambda_platform")
"""Files of a recorded run that tell of the same runs once more, as its traces or its reports do."""
OF_RUN = ("application_name", "function_name", "application_flow_id", "function_flow_id", "trigger", "caller")
OF_STEP = ("event_id", "event_name", "event_type", "event_target_resource", "start_time", "end_time", "error")
"""What native lines tell."""
CODE = str(Path(gettempdir()) / "coldtrail-in-turn-code")
LEAST = 0.9
"""Of the speed before."""


class Row(NamedTuple):
    """What is measured."""

    name: str
    work: str
    """As `at_work` calls it."""
    learned: str
    given: str
    """Names of files or folders: what the bundle is of, and what is done with it."""


ROWS = (
    Row("xray", "scoring", "history.jsonl", "new.jsonl"),
    Row("native", "scoring", "history.jsonl", "native.jsonl"),
    Row("witnesses", "scoring", "recorded", "copies"),
    Row("encoded", "encoded", "history.jsonl", "history.jsonl"),
    Row("alone", "alone", "history.jsonl", "history.jsonl"),
    Row("loops", "learning", "", "loops.jsonl"),
)


def main() -> int:
    """The exit status: 0 if every row is at least nine tenths as fast as before."""
    parser = argparse.ArgumentParser(description="What the line costs beside another checkout.")
    parser.add_argument("before", type=Path, help="a folder with another commit checked out")
    parser.add_argument("--rounds", type=int, default=5, help="of each row (default 5)")
    parser.add_argument("--rows", nargs="+", choices=[row.name for row in ROWS], help="these rows only")
    parser.add_argument("--recorded", type=Path, help="a run recorded with all telemetry, for `witnesses`")
    parser.add_argument("--keep", type=Path, help="make the input in this folder, or find it there")
    options = parser.parse_args()
    names = options.rows or [row.name for row in ROWS if row.name != "witnesses" or options.recorded]
    with TemporaryDirectory(prefix="coldtrail-bench-") as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        prepare(folder, [row for row in ROWS if row.name in names], options.recorded)
        return measure(folder, names, [options.before.resolve(), HERE.parent], options.rounds)


def prepare(folder: Path, rows: list[Row], recorded: Path | None) -> None:
    """Writes what the rows need and the folder lacks."""
    for name in {name for row in rows for name in (row.learned, row.given)} - {""}:
        path = folder / name
        if path.exists():
            continue
        if name == "native.jsonl":
            prepare(folder, [Row("", "", "", "new.jsonl")], None)
            read = _child(
                HERE.parent, ["-m", "coldtrail", "flows", str(folder / "new.jsonl"), "--output", "-"]
            )
            path.write_bytes(b"".join(native(orjson.loads(line)) for line in read.splitlines()))
        elif name == "loops.jsonl":
            path.write_bytes(b"".join(map(native, loops(LOOPS))))
        elif path.suffix:
            some = traces(LEARNED + TRACES, seed=1)
            some = islice(some, LEARNED) if name == "history.jsonl" else islice(some, LEARNED, None)
            with path.open("wb") as file:
                file.writelines(payload_of(trace) + b"\n" for trace in some)
        elif recorded is not None:
            copied(recorded, path, COPIES if name == "copies" else 1)


def copied(run: Path, folder: Path, copies: int) -> None:
    """Writes what witnesses tell of a recorded run, so many times, each with ids of its own."""
    for file in sorted(run.rglob("*.gz")):
        if file.name.split(".")[0] in OTHER_TRACES:
            continue
        told = gzip.decompress(file.read_bytes())
        for copy in range(copies):
            target = folder / f"{copy}" / file.relative_to(run)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(gzip.compress(own(told, copy) if copy else told, 1, mtime=0))


def native(flow: dict[str, Any]) -> bytes:
    """A line for each step of a flow."""
    of_run = {name: flow[name] for name in OF_RUN if flow.get(name)}
    events = [{**of_run, **{name: step[name] for name in OF_STEP}} for step in flow["steps"]]
    return b"".join(orjson.dumps(event) + b"\n" for event in events)


def loops(number: int) -> list[dict[str, Any]]:
    """Native lines of functions that each ask several lanes, in any order, some now and then twice."""
    random, clock = Random(1), 1_795_000_000.0
    lines = []
    for at in range(number):
        clock += random.expovariate(0.2)
        name = f"lanes-{random.randrange(FUNCTIONS)}"
        lines.append(_looping(name, clock, at, Random(at)))
    return lines


def _looping(name: str, start: float, at: int, random: Random) -> dict[str, Any]:
    words = [("SSM", "GetParameter", "lanes")]
    for _ in range(random.randint(4, 44)):
        words.append(("SQS", "SendMessage", "lane-" + random.choice("abcdefghi")))
        if random.random() < 0.5:
            words.append(("SNS", "Publish", f"{name}-news"))
    steps, now = [], start
    for number, (service, operation, resource) in enumerate(words):
        end = now + 0.004 * random.lognormvariate(0, 0.3)
        step = {"event_id": f"{at:08x}{number:08x}", "event_name": operation, "event_type": service}
        step |= {"event_target_resource": resource, "error": False}
        steps.append({**step, "start_time": now, "end_time": end})
        now = end + 0.001
    flow = {"application_flow_id": f"{at:032x}", "function_flow_id": f"{at:016x}", "trigger": "events"}
    times = {"start_time": start, "end_time": now}
    return {"application_name": "lanes", "function_name": name, **flow, **times, "steps": steps}


def measure(folder: Path, names: list[str], trees: list[Path], rounds: int) -> int:
    """The exit status: 0 if no row falls short."""
    print(f"Medians of {rounds} rounds; {machine()}")
    print("| what | flows | before, s | now, s | speed of before | pairs |\n|---|---|---|---|---|---|")
    is_met = True
    for row in (row for row in ROWS if row.name in names):
        bundles = [folder / f"{row.name}-{at}-bundle" for at in range(2)]
        if row.learned:
            for tree, bundle in zip(trees, bundles, strict=True):
                _work(tree, "learning", folder / row.learned, bundle)
        spent: list[list[float]] = [[], []]
        for _ in range(rounds):
            for at, tree in enumerate(trees):
                seconds, flows = _work(tree, row.work, folder / row.given, bundles[at])
                spent[at].append(seconds)
        before, now = map(statistics.median, spent)
        pairs = statistics.median(one / other for one, other in zip(*spent, strict=True))
        print(f"| {row.name} | {flows:,} | {before:.3f} | {now:.3f} | {before / now:.2f} | {pairs:.2f} |")
        is_met = is_met and before / now >= LEAST
    print(f"Bar: {LEAST:g} of the speed before: {'met' if is_met else 'SHORT'}.")
    return 0 if is_met else 1


def _work(tree: Path, work: str, telemetry: Path, bundle: Path) -> tuple[float, int]:
    told = _child(tree, ["-P", str(HERE / "at_work.py"), work, str(telemetry), str(bundle)])
    seconds, flows = json.loads(told)
    return seconds, flows


def _child(tree: Path, arguments: list[str]) -> bytes:
    # What is measured is no compilation: each module is compiled once, by the first that imports it.
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONPYCACHEPREFIX": CODE}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    raise SystemExit(main())
