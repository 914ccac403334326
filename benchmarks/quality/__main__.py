"""`python -m benchmarks.quality [PART ...]`: measures, and prints tables; `--output` keeps them.

Runs that lie in the folder are not recorded again; what is judged is judged anew each time.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import speed
from benchmarks.measuring import machine
from benchmarks.quality.plan import PARTS, measured, needed, runs_of
from benchmarks.quality.report import SpeedRow, report, rows_of
from benchmarks.quality.runs import Case, record_missing

SPEED_ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 if every bar is met, 1 if one is short."""
    options = parser().parse_args(arguments)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="coldtrail-quality-"))
    try:
        return measure_and_tell(folder, options)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def parser() -> argparse.ArgumentParser:
    """The options."""
    command = argparse.ArgumentParser(description="Detection quality on recorded runs of the testbed.")
    add = command.add_argument
    add("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)} (default: all)")
    add("--app", nargs="+", default=["airline", "vod"])
    add("--seeds", type=int, nargs="+", default=[601, 602, 603, 604, 605])
    add("--learn", type=int, default=250, help="visits learned from (default 250)")
    add("--judge", type=int, default=250, help="visits judged (default 250)")
    add("--jobs", type=int, default=2, help="processes (default 2)")
    add("--keep", type=Path, help="keep (and reuse) the recorded runs in this folder")
    add("--output", type=Path, help="the tables as Markdown; all figures as JSON beside them")
    return command


def measure_and_tell(folder: Path, options: argparse.Namespace) -> int:
    """The exit status; the tables are printed."""
    parts = [part for part in PARTS if part in options.parts or not options.parts]
    unknown = set(options.parts) - PARTS.keys()
    if unknown:
        raise SystemExit(f"There is no part {sorted(unknown)[0]!r}; choose from: {', '.join(PARTS)}.")
    figures = gather(folder, parts, options)
    heading = (
        f"Seeds {', '.join(map(str, options.seeds))}; {options.learn} visits learned and {options.judge} "
        f"judged of each; {machine()}."
    )
    fast = speed_rows() if "speed" in parts else []
    text = report(parts, figures, heading, fast)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
        plain = msgspec.json.format(msgspec.json.encode({"figures": figures, "speed": fast}))
        options.output.with_suffix(".json").write_bytes(plain)
    rows = [row for app in figures for row in rows_of(figures[app])] if "bars" in parts else []
    return int(any(row.result.startswith("short") for row in rows) or not all(met for *_, met in fast))


def speed_rows() -> list[SpeedRow]:
    """The figures of `python -m benchmarks.speed`, without the large file."""
    tell("measuring speed")
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        return speed.measure(Path(name), SPEED_ROUNDS, quick=True)


def gather(
    folder: Path, parts: Sequence[str], options: argparse.Namespace
) -> dict[str, dict[str, list[Any]]]:
    """By application and measure, the figures of each seed."""
    names = needed(parts)
    seeds = tuple(options.seeds)
    sizes = options.learn, options.judge
    cases = [Case(folder, app, seed, seeds, *sizes) for app in options.app for seed in seeds]
    record_missing((run for case in cases for run in runs_of(case, names)), options.jobs, tell)
    figures: dict[str, dict[str, list[Any]]] = {app: {name: [] for name in names} for app in options.app}
    tasks = [(name, case) for case in cases for name in names]
    for (name, case), found in zip(tasks, results(tasks, options.jobs), strict=True):
        figures[case.app][name].append(found)
        tell(f"{case.app}, seed {case.seed}: {name}")
    return figures


def results(tasks: Sequence[tuple[str, Case]], jobs: int) -> Iterator[Any]:
    """What each measure gave, in order; one job alone works in this process."""
    if jobs == 1:
        yield from (measured(*task) for task in tasks)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(measured, *zip(*tasks, strict=True)) if tasks else ()


def tell(line: str) -> None:
    """Nothing; the line goes to standard error at once."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
