"""`python -m benchmarks.worlds.days`: detectors of signals on worlds of weeks, told as tables.

Seeds below 1,000 are for development. Without `--seeds` they are drawn from the clock, and printed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.measuring import machine
from benchmarks.worlds.days.playing import WANTED, play
from benchmarks.worlds.days.report import report
from benchmarks.worlds.days.world import Size
from benchmarks.worlds.playing import drawn_seeds, each
from coldtrail.config import BaselineSettings

SMALL = Size(functions=12, days=24, learned_days=8)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where every world could be played."""
    options = parser().parse_args(arguments)
    seeds = options.seeds or drawn_seeds(1 if options.small else options.worlds)
    size = SMALL if options.small else Size(options.functions, options.days)
    about = f"{machine()}; {len(seeds)} worlds, seeds {seeds[0]} to {seeds[-1]}"
    print(about, file=sys.stderr)
    one = partial(play, size=size, names=tuple(options.detectors))
    worlds = [one(seed) for seed in seeds] if options.jobs == 1 else each(seeds, one, options.jobs, "world")
    if not worlds:
        return 1
    text = report(worlds, BaselineSettings().alarms_a_function_day)
    print(text)
    if options.output:
        options.output.write_text(f"{about}\n\n{text}\n", encoding="utf-8")
        options.output.with_suffix(".json").write_bytes(msgspec.json.encode(worlds))
    return 0 if len(worlds) == len(seeds) else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    command = argparse.ArgumentParser(prog="benchmarks.worlds.days", description="Signals over weeks.")
    add = command.add_argument
    add("--worlds", type=int, default=4, help="how many (default 4)")
    add("--seeds", type=int, nargs="+", help="of the worlds, instead of ones drawn from the clock")
    add("--functions", type=int, default=100, help="of each world (default 100)")
    add("--days", type=int, default=60, help="of each world, of which 21 are only learned (default 60)")
    add("--detectors", nargs="+", choices=WANTED, default=list(WANTED), help="(default: all)")
    add("--jobs", type=int, default=2, help="worlds played at once (default 2)")
    add("--small", action="store_true", help="one world of seconds, for tests")
    add("--output", type=Path, help="the tables as Markdown; all figures as JSON beside them")
    return command


if __name__ == "__main__":
    raise SystemExit(main())
