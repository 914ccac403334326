"""`python -m benchmarks.worlds`: plays fresh worlds and prints tables; `--command` names another version.

Seeds below 1,000 are for development. Without `--seeds` they are drawn from the clock, and printed. A seed
gives one application of functions and one of meshed services; `--families` tells which are played.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.measuring import machine
from benchmarks.worlds.budget import asked
from benchmarks.worlds.mesh.report import mesh_report
from benchmarks.worlds.playing import OWN_COMMAND, drawn_seeds, played, played_meshes
from benchmarks.worlds.report import report
from benchmarks.worlds.scenes import SCENES

FUNCTIONS, MESH = "functions", "mesh"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where every world could be played."""
    options = parser().parse_args(arguments)
    seeds = options.seeds or drawn_seeds(options.worlds)
    of_meshes = options.seeds or seeds[: options.meshes]
    print(f"{machine()}; {len(seeds)} worlds, seeds {seeds[0]} to {seeds[-1]}", file=sys.stderr)
    complete, texts = True, []
    if FUNCTIONS in options.families:
        outcomes = played(seeds, options.command, options.scenes, options.jobs, options.train_option)
        complete = len(outcomes) == len(seeds)
        texts += [report(outcomes, asked(options.train_option))] if outcomes else []
        _keep(options.output, ".json", outcomes)
    if MESH in options.families:
        meshes = played_meshes(of_meshes, options.command, options.jobs, options.train_option)
        complete = complete and len(meshes) == len(of_meshes)
        texts += [mesh_report(meshes)] if meshes else []
        _keep(options.output, ".mesh.json", meshes)
    text = "\n\n".join(texts)
    print(text)
    if options.output:
        options.output.write_text(f"{machine()}; seeds {seeds[0]} to {seeds[-1]}\n\n{text}\n")
    return 0 if complete else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    command = argparse.ArgumentParser(prog="benchmarks.worlds", description="Quality on random applications.")
    add = command.add_argument
    add("--families", nargs="+", choices=(FUNCTIONS, MESH), default=[FUNCTIONS], help="(default: functions)")
    add("--worlds", type=int, default=100, help="how many of functions (default 100)")
    add("--meshes", type=int, default=40, help="how many meshes: of the first seeds (default 40)")
    add("--seeds", type=int, nargs="+", help="of the worlds, instead of ones drawn from the clock")
    add("--scenes", nargs="+", choices=SCENES, default=list(SCENES), help="what happens (default: all)")
    add("--jobs", type=int, default=2, help="worlds played at once (default 2)")
    add("--command", type=shlex.split, default=OWN_COMMAND, help="the product (default: of this checkout)")
    add(
        "--train-option",
        action="append",
        default=[],
        metavar="=--OPTION[=VALUE]",
        help="for `coldtrail train`, as in --train-option=--budget=0.001; may be given several times",
    )
    add("--output", type=Path, help="the tables as Markdown; all figures as JSON beside them")
    return command


def _keep(output: Path | None, suffix: str, outcomes: Sequence[msgspec.Struct]) -> None:
    """Writes all figures beside the tables."""
    if output is not None and outcomes:
        output.with_suffix(suffix).write_bytes(msgspec.json.encode(outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
