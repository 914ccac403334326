"""`make faults`: prints a row for each fault; the status is 0 only if the service came through all it met.

`python -m benchmarks.faults --kills 200` is the full form; the tests run a short one.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.faults.load import learned, load
from benchmarks.faults.rows import Ground, Row, rows, undisturbed

EACH = 10
"""Kills in one run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--traces", type=int, default=313, help="of the recorded run that is sent")
    parser.add_argument("--only", default="", help="a word of the faults to run")
    given = parser.parse_args(arguments)
    started, folder = time.monotonic(), Path(mkdtemp(prefix="coldtrail-faults-"))
    try:
        bundle, documents = learned(folder), load(given.traces)
        usual = undisturbed(folder, bundle, documents)
        ground = Ground(folder, bundle, documents, usual)
        told = f"{len(usual.alerts)} alerts, {len(usual.cases)} cases, {len(usual.told)} told"
        held = usual.is_told_once and bool(usual.alerts)
        _print(Row("none", held, f"{len(documents):,} documents: {told}"), time.monotonic() - started)
        for run in rows(ground, given.kills, EACH, given.only):
            began = time.monotonic()
            row = run()
            _print(row, time.monotonic() - began)
            held &= row.held is not False
        return 0 if held else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _print(row: Row, seconds: float) -> None:
    held = {True: "held", False: "BROKEN", None: "not run"}[row.held]
    sys.stdout.write(f"{row.fault:32} {held:8} {seconds:5.0f} s  {row.what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
