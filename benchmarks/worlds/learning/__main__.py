"""`python -m benchmarks.worlds.learning`: what is told by how much was learned, and of what.

Seeds are those of `benchmarks.worlds`: below 1,000 for development, drawn from the clock without `--seeds`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import shlex
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.measuring import machine
from benchmarks.worlds.budget import asked
from benchmarks.worlds.learning.playing import PARTS, play
from benchmarks.worlds.learning.report import learning_report
from benchmarks.worlds.playing import OWN_COMMAND, drawn_seeds, each


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where every world could be played."""
    options = parser().parse_args(arguments)
    seeds = options.seeds or drawn_seeds(options.worlds)
    about = f"{machine()}; {len(seeds)} worlds, seeds {seeds[0]} to {seeds[-1]}"
    print(about, file=sys.stderr)
    one = partial(
        play,
        command=tuple(options.command),
        train_options=tuple(options.train_option),
        parts=tuple(options.parts),
    )
    outcomes = each(seeds, one, options.jobs, "world")
    if not outcomes:
        return 1
    text = learning_report(outcomes, asked(options.train_option))
    print(text)
    if options.output:
        options.output.write_text(f"{about}\n\n{text}\n")
        options.output.with_suffix(".json").write_bytes(msgspec.json.encode(outcomes))
    return 0 if len(outcomes) == len(seeds) else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    command = argparse.ArgumentParser(
        prog="benchmarks.worlds.learning", description="Quality by what was learned."
    )
    add = command.add_argument
    add("--worlds", type=int, default=20, help="how many (default 20)")
    add("--seeds", type=int, nargs="+", help="of the worlds, instead of ones drawn from the clock")
    add("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what is varied (default: all)")
    add("--jobs", type=int, default=2, help="worlds played at once (default 2)")
    add("--command", type=shlex.split, default=OWN_COMMAND, help="the product (default: of this checkout)")
    add("--train-option", action="append", default=[], help="as in `benchmarks.worlds`")
    add("--output", type=Path, help="the tables as Markdown; all figures as JSON beside them")
    return command


if __name__ == "__main__":
    raise SystemExit(main())
