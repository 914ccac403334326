"""Thousands of functions: what training, a bundle, its start, an update and a judged flow cost.

`python -m benchmarks.scale` writes the telemetry of an account of 3,000 functions (`benchmarks/accounts.py`),
trains on it, and measures each command in a process of its own; then it scores as many flows of 10 functions,
for the cost of a flow at 3,000 against that at 10. With `--source` another checkout's `src` is measured, on
the same files.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import accounts
from benchmarks.measuring import Command, machine, run

FEW = 10
"""Functions to compare a flow's cost with."""
_RUN = "import sys; sys.path.insert(0, {source!r}); from coldtrail.cli.main import main; sys.exit(main())"


class Scale:
    """Runs commands of one checkout on the telemetry in a folder."""

    def __init__(self, folder: Path, source: Path) -> None:
        self._folder = folder
        self._command = [sys.executable, "-c", _RUN.format(source=str(source))]

    def __call__(self, *arguments: str | Path, times: int = 1) -> Command:
        """What a command takes; the paths among its arguments lie in the folder."""
        told = [str(self._folder / one) if isinstance(one, Path) else one for one in arguments]
        return run([*self._command, *told], times)

    def scoring(self, bundle: str, flows: int) -> float:
        """Processor microseconds of scoring a flow, its start left out."""
        output = Path(f"{bundle}.verdicts.jsonl")
        base = ("score", "--bundle", Path(bundle), "--output", output, "--workers", "1", "--input")
        whole = self(*base, Path(bundle.replace("bundle", "new"))).cpu_s
        start = self(*base, Path(bundle.replace("bundle", "one")), times=3).cpu_s
        return (whole - start) / flows * 1e6


def write(folder: Path, functions: int, flows: int, new: int) -> None:
    """Writes a history, new flows and one run alone, of many functions and of few."""
    for name, number, some in (("many", functions, flows), ("few", FEW, min(flows, 20_000))):
        planned = accounts.plans(number)
        accounts.write(folder / f"{name}-history", planned, some, 1)
        accounts.write(folder / f"{name}-new", planned, new, 2, accounts.START + accounts.SPAN_S)
        accounts.write(folder / f"{name}-one", planned[:1], 1, 3, accounts.START + accounts.SPAN_S)


def main() -> int:
    """The exit status: 0."""
    parser = argparse.ArgumentParser(description="What thousands of functions cost.")
    parser.add_argument("--functions", type=int, default=3000)
    parser.add_argument("--flows", type=int, default=300_000, help="learned (default 300,000)")
    parser.add_argument("--new", type=int, default=10_000, help="flows (default 10,000)")
    parser.add_argument("--keep", type=Path, help="a folder for the files, and used again")
    parser.add_argument("--source", type=Path, default=Path(accounts.__file__).parents[1] / "src")
    parser.add_argument("--without-update", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coldtrail-scale-") as name:
        folder = options.keep or Path(name)
        if not (folder / "many-history").exists():
            write(folder, options.functions, options.flows, options.new)
        print(f"{machine()}, load {os.getloadavg()[0]:.1f}; {options.source}")
        print(f"{options.flows:,} flows of {options.functions:,} functions", flush=True)
        measure(Scale(folder, options.source), folder, options.new, not options.without_update)
    return 0


def measure(scale: Scale, folder: Path, new: int, updating: bool) -> None:
    """Prints what each command takes."""
    _tell("train", scale("train", "--input", Path("many-history"), "--bundle", Path("many-bundle")))
    size = sum(file.stat().st_size for file in (folder / "many-bundle").rglob("*") if file.is_file())
    print(f"bundle {size / 1e6:.0f} MB", flush=True)
    one = ("--input", Path("many-one"), "--output", Path("one.jsonl"))
    _tell("start", scale("score", "--bundle", Path("many-bundle"), *one, times=5))
    _tell("bundle show", scale("bundle", "show", "--bundle", Path("many-bundle"), "--json"))
    if updating:
        more = ("--input", Path("many-new"), "--output", Path("many-updated"))
        _tell(f"update of {new:,} flows", scale("update", "--bundle", Path("many-bundle"), *more))
    scale("train", "--input", Path("few-history"), "--bundle", Path("few-bundle"))
    many, few = scale.scoring("many-bundle", new), scale.scoring("few-bundle", new)
    print(
        f"a flow {many:.0f} µs; of {FEW} functions {few:.0f} µs: {many / few:.2f} times as much", flush=True
    )


def _tell(what: str, took: Command) -> None:
    print(
        f"{what}: {took.wall_s:.2f} s, {took.cpu_s:.2f} s of processors, {took.peak_mib:,.0f} MiB", flush=True
    )


if __name__ == "__main__":
    raise SystemExit(main())
