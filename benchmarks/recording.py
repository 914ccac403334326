"""Speed and memory of recording: is it fast enough, and as fast and small at the end as at the beginning?

`python -m benchmarks.recording` prints the table of docs/performance.md (Linux only). The bars are the times
that the paper's sizes may take; a short run is extrapolated to them, without its start.
On a busy machine the wall time says little; the processor time, most of it on an idle one, still does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import machine
from benchmarks.processes import cpu_seconds, family, memory_mib
from coldtrail_testbed.recorder import record

BARS_MINUTES = {"airline": (800, 4), "vod": (3000, 20)}
"""The paper's visits of each application, and the minutes that recording them may take on 2 cores."""
LARGEST_MIB = 1536
_LOOK_EVERY = 5
"""Visits: looking takes processor time too."""


@dataclass(frozen=True)
class Moment:
    """How far a run was after a visit; times in seconds."""

    visits: int
    flows: int
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Run:
    """One recorded run."""

    moments: list[Moment]
    peak_mib: float


def main() -> int:
    """The exit status: 0 if every bar is met."""
    parser = argparse.ArgumentParser(description="Speed and memory of recording.")
    parser.add_argument("--app", choices=BARS_MINUTES, help="one application (default: both)")
    parser.add_argument("--visits", type=int, default=60, help="of each run, 20 or more (default 60)")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(asdict(watch(options.app, options.visits))))
        return 0
    apps = [options.app] if options.app else list(BARS_MINUTES)
    rows = {app: rows_of(app, run_alone(app, options.visits)) for app in apps}
    show(rows, options.visits)
    return 0 if all(met for group in rows.values() for *_, met in group) else 1


def run_alone(app: str, visits: int) -> Run:
    """A run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.recording", "--alone", "--app", app]
    done = subprocess.run([*command, "--visits", str(visits)], capture_output=True, check=True)
    told = json.loads(done.stdout)
    return Run([Moment(**moment) for moment in told["moments"]], told["peak_mib"])


def watch(app: str, visits: int) -> Run:
    """A run in this process, watched."""
    moments: list[Moment] = []
    peaks: list[float] = []

    def look(done: int, _total: int, text: str) -> None:
        if done % _LOOK_EVERY:
            return
        processes = family(os.getpid())
        flows = int(text.split()[0])
        moments.append(Moment(done, flows, time.monotonic(), cpu_seconds(processes)))
        peaks.append(memory_mib(processes))

    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as folder:
        record(app, visits, 1, ["paper"], Path(folder) / "run", progress=look)
    return Run(moments, max(peaks, default=0.0))


Row = tuple[str, str, str, bool]


def rows_of(app: str, run: Run) -> list[Row]:
    """The rows of one application."""
    visits, minutes = BARS_MINUTES[app]
    third = len(run.moments) // 3
    first, last = _Part(run.moments[: third + 1]), _Part(run.moments[-third - 1 :])
    whole = _Part(run.moments)
    needed = visits / whole.visits_a_second / 60
    flat = last.cpu_a_flow <= 1.15 * first.cpu_a_flow
    return [
        (f"{visits} visits, at this rate", f"{needed:.1f} min", f"<= {minutes} min", needed <= minutes),
        (f"{visits} visits, processor time", f"{visits * whole.cpu_a_visit / 60:.1f} min", "", True),
        (
            "visits a second, first and last third",
            _pair(first.visits_a_second, last.visits_a_second),
            "",
            True,
        ),
        ("flows a second, first and last third", _pair(first.flows_a_second, last.flows_a_second), "", True),
        ("CPU seconds a visit", f"{whole.cpu_a_visit:.3f}", "", True),
        (
            "CPU milliseconds a flow, first and last third",
            _pair(1000 * first.cpu_a_flow, 1000 * last.cpu_a_flow),
            "flat within 15 %",
            flat,
        ),
        (
            "peak memory of all processes",
            f"{run.peak_mib:,.0f} MiB",
            f"<= {LARGEST_MIB:,} MiB",
            run.peak_mib <= LARGEST_MIB,
        ),
    ]


class _Part:
    """The rates between the first and the last of some moments."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        begin, end = moments[0], moments[-1]
        visits, flows = end.visits - begin.visits, end.flows - begin.flows
        wall, cpu = end.wall_s - begin.wall_s, end.cpu_s - begin.cpu_s
        self.visits_a_second = visits / wall
        self.flows_a_second = flows / wall
        self.cpu_a_visit = cpu / visits
        self.cpu_a_flow = cpu / flows


def _pair(first: float, last: float) -> str:
    return f"{first:.2f}, {last:.2f}"


def show(rows: dict[str, list[Row]], visits: int) -> None:
    """None; the table is printed."""
    screen = Console(highlight=False, width=None if os.isatty(1) else 120)
    screen.print(f"{visits} visits each; {machine()}")
    table = Table("application", "what", box=box.SIMPLE)
    for column in ("measured", "bar"):
        table.add_column(column, justify="right")
    table.add_column("")
    for app, group in rows.items():
        for what, value, bar, met in group:
            table.add_row(app, what, value, bar, ("met" if met else "SHORT") if bar else "")
    screen.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
