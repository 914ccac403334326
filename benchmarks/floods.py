"""What a flood of alarms costs: 10,000 flows of which half are anomalous, beside as many benign ones.

`python -m benchmarks.floods` scores each flood from raw JSON in one process, alerts included, in turn with
the benign flows; ratios are taken within one round. With `--digests` it prints a hash of what each flood
wrote, to compare with another version's.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import hashlib
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.measuring import cpu_seconds, machine
from coldtrail import score, train
from tests.fixtures.telemetry import Json, TraceBuilder, payload_of, traces

TRACES = 5_000
"""Of two functions each, half of them anomalous: 10,000 flows."""
HISTORY = 10_000
MOST = 3.0
"""Times what as many benign flows take."""
Change = Callable[[list[Json], TraceBuilder, Random], None]
"""Changes the calls of a run."""


def alike(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """The same new bucket in every run."""
    calls.insert(2, builder.call("S3", "PutObject", "taken-away", calls[1]["end_time"]))


def names(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """A bucket of its own in every run."""
    bucket = "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=12))
    calls.insert(2, builder.call("S3", "PutObject", bucket, calls[1]["end_time"]))


def orders(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """Another order of the calls in every run."""
    mixed = random.sample(calls, len(calls))
    times = sorted((call["start_time"], call["end_time"]) for call in calls)
    for call, (start, end) in zip(mixed, times, strict=True):
        call["start_time"], call["end_time"] = start, end
    calls[:] = mixed


def slow(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """Some calls take seconds."""
    for call in random.sample(calls, 2):
        call["end_time"] += random.uniform(2.0, 9.0)


def missing(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """Some calls are left out."""
    for _ in range(random.randint(1, 3)):
        del calls[random.randrange(len(calls))]


def loops(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """One call many times."""
    table, times = random.choice(("orders", "stock")), random.randint(10, 30)
    calls += [builder.call("DynamoDB", "GetItem", table, calls[-1]["end_time"]) for _ in range(times)]


def failing(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """Some calls fail, and are tried again."""
    for call in random.sample(calls, 2):
        call["fault"] = True


def everything(calls: list[Json], builder: TraceBuilder, random: Random) -> None:
    """Any of these."""
    random.choice((names, orders, slow, missing, loops, failing))(calls, builder, random)


FLOODS: tuple[Change, ...] = (alike, names, orders, slow, missing, loops, failing, everything)


def main() -> int:
    """The exit status: 0 if no flood takes more than three times what benign flows take."""
    parser = argparse.ArgumentParser(description="What a flood of alarms costs.")
    parser.add_argument("--rounds", type=int, default=3, help="of each flood (default 3)")
    parser.add_argument("--traces", type=int, default=TRACES, help="of two flows each (default 5,000)")
    parser.add_argument("--digests", action="store_true", help="print hashes of what was written")
    options = parser.parse_args()
    print(f"{machine()}\n{2 * options.traces:,} flows, half of them anomalous")
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        worst = measure(Path(name), options.rounds, options.traces, options.digests)
    return 0 if worst <= MOST else 1


def measure(folder: Path, rounds: int, number: int, digests: bool) -> float:
    """The largest median ratio of a flood's time to that of benign flows."""
    write(folder / "history.jsonl", traces(HISTORY, seed=1))
    train([folder / "history.jsonl"], folder / "bundle", workers=1)
    write(folder / "benign.jsonl", traces(number, seed=2))
    benign, worst = [], 0.0
    for flood in FLOODS:
        write(folder / "flood.jsonl", flooded(number, flood))
        ratios, anomalies = [], 0
        for _ in range(rounds):
            benign.append(cpu_seconds(lambda: scored(folder, "benign")))
            spent = cpu_seconds(lambda: scored(folder, "flood"))
            ratios.append(spent / benign[-1])
        anomalies = (folder / "flood.verdicts").read_bytes().count(b'"verdict":"anomalous"')
        median = statistics.median(ratios)
        each = 1e6 * statistics.median(benign) * (median - 1) / anomalies
        print(
            f"{flood.__name__:10} {anomalies:6,} anomalous: {median:5.2f} times; {each:5.0f} µs more each",
            *([written(folder)] if digests else []),
            flush=True,
        )
        worst = max(worst, median)
    print(f"benign: {1e6 * statistics.median(benign) / number / 2:.0f} µs a flow")
    return worst


def scored(folder: Path, name: str) -> None:
    """Scores the flows of a file."""
    out, alerts = folder / f"{name}.verdicts", folder / f"{name}.alerts"
    score(folder / "bundle", [folder / f"{name}.jsonl"], out, alerts=alerts, workers=1)


def written(folder: Path) -> str:
    """A hash of the verdicts and one of the alerts of a flood."""
    files = (folder / "flood.verdicts", folder / "flood.alerts")
    return " ".join(hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files)


def flooded(number: int, flood: Change) -> Iterator[Json]:
    """Traces; each second one is anomalous."""
    builder, random = TraceBuilder(3), Random(4)
    for place, trace in enumerate(traces(number, seed=2)):
        if place % 2:
            for segment in trace["Segments"]:
                document = segment["Document"]
                if document.get("origin") == "AWS::Lambda::Function":
                    held = next(one for one in document["subsegments"] if one["name"] == "Invocation")
                    flood(held["subsegments"][0]["subsegments"], builder, random)
        yield trace


def write(path: Path, some: Iterator[Json]) -> None:
    """Writes traces, one a line."""
    with path.open("wb") as file:
        file.writelines(payload_of(trace) + b"\n" for trace in some)


if __name__ == "__main__":
    raise SystemExit(main())
