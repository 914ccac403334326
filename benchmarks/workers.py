"""Wall seconds of one process and of several on the same telemetry.

`python -m benchmarks.workers` writes 200,000 flows and scores them with 1 and with 2 workers by turns. On
a busy machine wall seconds say little by themselves: the load is printed beside them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.measuring import COLDTRAIL, machine, run
from benchmarks.speed import TRACES, write
from tests.fixtures.telemetry import START

PARTS = 10
"""Files of `TRACES` traces each, which are the same but for the ids of the traces."""


def main() -> int:
    """The exit status: 0 if several workers are faster than one, and give the same."""
    parser = argparse.ArgumentParser(description="One process and several.")
    parser.add_argument("--rounds", type=int, default=3, help="of each number of workers (default 3)")
    parser.add_argument("--parts", type=int, default=PARTS, help="of 20,000 flows each (default 10)")
    parser.add_argument("--workers", type=int, default=2, help="beside one (default 2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        return measure(Path(name), options.rounds, options.parts, options.workers)


def measure(folder: Path, rounds: int, parts: int, most: int) -> int:
    """Prints the seconds of each round, and tells whether several are faster."""
    history, new = folder / "history.jsonl", folder / "new"
    new.mkdir()
    write(history, TRACES, seed=1)
    text = history.read_bytes()
    begin = b"1-%04x" % (int(START) >> 16)
    for part in range(parts):
        (new / f"{part}.jsonl").write_bytes(text.replace(begin, b"1-%04x" % part))
    bundle = folder / "bundle"
    run([COLDTRAIL, "train", "--input", str(history), "--bundle", str(bundle), "--workers", "1"], 1)
    print(f"{2 * TRACES * parts:,} flows; {machine()}")
    walls: dict[int, list[float]] = {1: [], most: []}
    output = folder / "verdicts.jsonl"
    told = set()
    for _ in range(rounds):
        for number, seconds in walls.items():
            command = [COLDTRAIL, "score", "--bundle", str(bundle), "--input", str(new)]
            done = run([*command, "--output", str(output), "--workers", str(number)], 1)
            seconds.append(done.wall_s)
            told.add(hash(output.read_bytes()))
            load = os.getloadavg()[0]
            print(
                f"{number} workers: {done.wall_s:.1f} s, {done.cpu_s:.1f} s of processors, load {load:.1f}",
                flush=True,
            )
    alone, shared = (statistics.median(seconds) for seconds in walls.values())
    print(f"{most} workers are {alone / shared:.2f} times as fast; the same verdicts: {len(told) == 1}")
    return 0 if shared < alone and len(told) == 1 else 1


if __name__ == "__main__":
    raise SystemExit(main())
