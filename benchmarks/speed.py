"""Speed and memory of the main path, beside a pass that only decodes the JSON.

`python -m benchmarks.speed` prints the table of docs/performance.md. Processor seconds are compared, and each
comparison is made within one round, so that a busy machine weighs on both sides.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import tempfile
from pathlib import Path

import msgspec
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import COLDTRAIL, Command, cpu_seconds, machine, run
from coldtrail import score
from coldtrail.bundle.folder import load
from coldtrail.bundle.model import channel_scores
from coldtrail.features.encode import encode
from coldtrail.verbs.reading import read_flows
from tests.fixtures.telemetry import payload_of, traces

TRACES = 10_000
"""Of two functions each: 20,000 flows."""
EVENTS_OF_LARGE_FILE = 1_000_000
ONE_BY_ONE = 2_000
"""Flows judged alone."""


def main() -> int:
    """The exit status: 0 if every bar is met."""
    parser = argparse.ArgumentParser(description="Speed and memory of the main path.")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--quick", action="store_true", help="leave out the large file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        rows = measure(Path(name), options.rounds, options.quick)
    screen = Console(highlight=False, width=None if os.isatty(1) else 120)
    screen.print(f"Median of {options.rounds} rounds; {machine()}")
    table = Table("what", box=box.SIMPLE)
    for column in ("measured", "bar"):
        table.add_column(column, justify="right")
    table.add_column("")
    for what, value, bar, met in rows:
        table.add_row(what, value, bar, "met" if met else "SHORT")
    screen.print(table)
    return 0 if all(met for *_, met in rows) else 1


Row = tuple[str, str, str, bool]


def measure(folder: Path, rounds: int, quick: bool) -> list[Row]:
    """The rows of the table."""
    history, new = folder / "history.jsonl", folder / "new.jsonl"
    write(history, TRACES, seed=1)
    events = write(new, TRACES, seed=2)
    bundle = folder / "bundle"
    flows = 2 * TRACES
    rows = commands(history, bundle, folder, rounds)
    if not quick:
        rows.append(large_file(folder, bundle))
    rows += throughput(new, bundle, folder, rounds, events / flows)
    return rows + in_memory(new, bundle, rounds)


def commands(history: Path, bundle: Path, folder: Path, rounds: int) -> list[Row]:
    """Rows of commands; while this process is small, since the peak of a child begins with its parent's."""
    trained = run([COLDTRAIL, "train", "--input", str(history), "--bundle", str(bundle)], rounds)
    shown = run([COLDTRAIL, "--help"], 2 * rounds + 1)
    return [
        (f"train {2 * TRACES:,} flows, wall", seconds(trained), "<= 5 s", trained.wall_s <= 5),
        ("coldtrail --help, wall", seconds(shown), "<= 0.3 s", shown.wall_s <= 0.3),
        *first_verdict(folder, bundle, 2 * rounds + 1),
    ]


def seconds(command: Command) -> str:
    """Its wall seconds, with those of the processor: on a busy machine the former say little."""
    return f"{command.wall_s:.2f} s ({command.cpu_s:.2f} s of the processor)"


def in_memory(new: Path, bundle: Path, rounds: int) -> list[Row]:
    """Flows a second from encoded arrays, and the time of one flow after parsing."""
    model, _ = load(bundle)
    flows = list(read_flows([new], model.settings, "auto")[0])
    rates = []
    for _ in range(rounds):
        encoded = encode(flows, model.vocabulary)
        spent = cpu_seconds(lambda e=encoded: model.calibration.bans(e, channel_scores(model.detectors, e)))  # type: ignore[misc]
        rates.append(len(flows) / spent)
    rate = statistics.median(rates)
    alone = (
        1e6
        * statistics.median(
            cpu_seconds(lambda one=flow: model.judge([one]))  # type: ignore[misc]
            for flow in flows[:ONE_BY_ONE]
        )
    )
    return [
        ("from encoded arrays, one core", f"{rate:,.0f} flows/s", ">= 200,000 flows/s", rate >= 200_000),
        ("one flow after parsing, median", f"{alone:,.0f} µs", "<= 150 µs", alone <= 150),
    ]


def first_verdict(folder: Path, bundle: Path, rounds: int) -> list[Row]:
    """What it takes to score a single trace."""
    single = folder / "single.jsonl"
    write(single, 1, seed=9)
    command = [COLDTRAIL, "score", "--bundle", str(bundle), "--input", str(single)]
    scored = run([*command, "--output", str(folder / "single-verdicts.jsonl")], rounds)
    return [
        ("scoring starts: a single trace, wall", seconds(scored), "<= 1 s", scored.wall_s <= 1),
        ("its peak memory", f"{scored.peak_mib:,.0f} MiB", "<= 120 MiB", scored.peak_mib <= 120),
    ]


def throughput(new: Path, bundle: Path, folder: Path, rounds: int, events_a_flow: float) -> list[Row]:
    """Flows a second from raw JSON to verdict, and the ratio to decoding alone."""
    flows = 2 * TRACES
    verdicts = folder / "verdicts.jsonl"
    rates, ratios, floors = [], [], []
    for _ in range(rounds):
        floor = min(cpu_seconds(lambda: decode_orjson(new)), cpu_seconds(lambda: decode_msgspec(new)))
        ours = cpu_seconds(lambda: score(bundle, [new], verdicts, workers=1))
        rates.append(flows / ours)
        floors.append(flows / floor)
        ratios.append(ours / floor)
    rate, ratio = statistics.median(rates), statistics.median(ratios)
    what = f"raw X-Ray JSON to verdict, {events_a_flow:.1f} events a flow, one core"
    return [
        (what, f"{rate:,.0f} flows/s", ">= 15,000 flows/s", rate >= 15_000),
        (
            "the fastest library decoding the same JSON, no more",
            f"{statistics.median(floors):,.0f} flows/s",
            "",
            True,
        ),
        ("ratio of our time to that floor", f"{ratio:.2f}", "<= 1.9", ratio <= 1.9),
    ]


def large_file(folder: Path, bundle: Path) -> Row:
    """Peak memory of scoring a file of a million events."""
    large, wanted = folder / "large.jsonl", EVENTS_OF_LARGE_FILE
    events = write(large, TRACES, seed=3)
    with large.open("ab") as file:
        seed = 4
        while events < wanted:
            for trace in traces(TRACES, seed=seed):
                file.write(payload_of(trace) + b"\n")
                events += events_in(trace)
            seed += 1
    command = [COLDTRAIL, "score", "--bundle", str(bundle), "--input", str(large), "--workers", "1"]
    scored = run([*command, "--output", str(folder / "large-verdicts.jsonl")], 1)
    size = large.stat().st_size / 2**20
    what = f"score a file of {events:,} events ({size:,.0f} MiB, {scored.wall_s:.0f} s), peak memory"
    return what, f"{scored.peak_mib:,.0f} MiB", "<= 1,024 MiB", scored.peak_mib <= 1024


def write(path: Path, number: int, seed: int) -> int:
    """How many events the written traces hold."""
    events = 0
    with path.open("wb") as file:
        for trace in traces(number, seed=seed):
            file.write(payload_of(trace) + b"\n")
            events += events_in(trace)
    return events


def events_in(trace: dict[str, object]) -> int:
    """How many subsegments the trace's functions have."""
    segments = [held["Document"] for held in trace["Segments"]]  # type: ignore[attr-defined]
    documents = [orjson.loads(one) if isinstance(one, str) else one for one in segments]
    return sum(_inside(one) for one in documents if one.get("origin") == "AWS::Lambda::Function")


def _inside(segment: dict[str, list[dict[str, object]]]) -> int:
    return sum(1 + _inside(one) for one in segment.get("subsegments", []))  # type: ignore[arg-type]


def decode_orjson(path: Path) -> None:
    """Nothing; decodes each trace and each of its documents into plain objects."""
    with path.open("rb") as file:
        for line in file:
            for held in orjson.loads(line)["Segments"]:
                orjson.loads(held["Document"])


def decode_msgspec(path: Path) -> None:
    """Nothing; the same with msgspec."""
    decode = msgspec.json.Decoder().decode
    with path.open("rb") as file:
        for line in file:
            for held in decode(line)["Segments"]:
                decode(held["Document"])


if __name__ == "__main__":
    raise SystemExit(main())
