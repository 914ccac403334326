"""`python -m benchmarks.worlds`: plays fresh worlds and prints tables; `--command` names another version.

Seeds below 1,000 are for development. Without `--seeds` they are drawn from the clock, and printed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.measuring import machine
from benchmarks.worlds.playing import played
from benchmarks.worlds.report import report
from benchmarks.worlds.scenes import SCENES

OWN_COMMAND = (sys.executable, "-m", "coldtrail")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where every world could be played."""
    options = parser().parse_args(arguments)
    seeds = options.seeds or drawn_seeds(options.worlds)
    print(f"{machine()}; {len(seeds)} worlds, seeds {seeds[0]} to {seeds[-1]}", file=sys.stderr)
    outcomes = played(seeds, options.command, options.scenes, options.jobs)
    if not outcomes:
        return 1
    text = report(outcomes)
    print(text)
    if options.output:
        options.output.write_text(f"{machine()}; seeds {seeds[0]} to {seeds[-1]}\n\n{text}\n")
        options.output.with_suffix(".json").write_bytes(msgspec.json.encode(outcomes))
    return 0 if len(outcomes) == len(seeds) else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    command = argparse.ArgumentParser(prog="benchmarks.worlds", description="Quality on random applications.")
    add = command.add_argument
    add("--worlds", type=int, default=100, help="how many (default 100)")
    add("--seeds", type=int, nargs="+", help="of the worlds, instead of ones drawn from the clock")
    add("--scenes", nargs="+", choices=SCENES, default=list(SCENES), help="what happens (default: all)")
    add("--jobs", type=int, default=2, help="worlds played at once (default 2)")
    add("--command", type=shlex.split, default=OWN_COMMAND, help="the product (default: of this checkout)")
    add("--output", type=Path, help="the tables as Markdown; all figures as JSON beside them")
    return command


def drawn_seeds(number: int) -> list[int]:
    """Seeds that nobody has looked at."""
    first = 1_000 + int(time.time()) * 1_000 % 1_000_000_000
    return list(range(first, first + number))


if __name__ == "__main__":
    raise SystemExit(main())
