"""Peak memory of scoring ever more flows of 10 functions, each number in a process of its own.

`python -m benchmarks.many_flows --flows 250000 500000 1000000` writes the telemetry (2.5 GB a million flows)
and scores it; the peak should not grow with the number. With `--source` another checkout's `src` is measured.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import accounts
from benchmarks.measuring import machine, run

FUNCTIONS = 10
HISTORY = 20_000
MOST_MIB = 400
_RUN = "import sys; sys.path.insert(0, {source!r}); from coldtrail.cli.main import main; sys.exit(main())"


def main() -> int:
    """The exit status: 0 if no number of flows takes more than 400 MiB."""
    parser = argparse.ArgumentParser(description="Peak memory of scoring many flows.")
    parser.add_argument("--flows", type=int, nargs="+", default=[250_000, 500_000, 1_000_000])
    parser.add_argument("--source", type=Path, default=Path(accounts.__file__).parents[1] / "src")
    options = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        peaks = [measure(Path(name), number, options.source) for number in options.flows]
    return 0 if max(peaks) <= MOST_MIB else 1


def measure(folder: Path, number: int, source: Path) -> float:
    """The peak of scoring so many flows, in MiB."""
    planned = accounts.plans(FUNCTIONS)
    command = [sys.executable, "-c", _RUN.format(source=str(source))]
    bundle, history, new = folder / "bundle", folder / "history", folder / "new"
    if not bundle.exists():
        accounts.write(history, planned, HISTORY, 1)
        run([*command, "train", "--input", str(history), "--bundle", str(bundle), "--workers", "1"], 1)
    accounts.write(new, planned, number, 2, accounts.START + accounts.SPAN_S)
    asked = ("--bundle", str(bundle), "--input", str(new), "--output", str(folder / "verdicts.jsonl"))
    took = run([*command, "score", *asked, "--workers", "1"], 1)
    for file in new.iterdir():
        file.unlink()
    each = 1e6 * took.cpu_s / number
    print(f"{number:,} flows: {took.peak_mib:,.0f} MiB, {each:.0f} µs of the processor a flow", flush=True)
    return took.peak_mib


if __name__ == "__main__":
    raise SystemExit(main())
