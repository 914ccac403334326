"""Other ways to find strange flows, beside Coldtrail's: `python -m benchmarks.peers` prints the tables.

For each application and seed, a benign run to learn from and a run of the day after, with attacks, to judge
are recorded, or taken from the folder if they lie there. Each peer then works in a process of its own. What
is done is kept, and not done again: the command may be stopped and started at will.

With `--hdfs PATH` or `--trainticket PATH`, Coldtrail is measured on that public data set instead, beside
published figures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from benchmarks.measuring import machine
from benchmarks.peers.public import hdfs, trainticket
from benchmarks.peers.public.judging import outcomes as outcomes_of
from benchmarks.peers.public.report import READING
from benchmarks.peers.public.report import report as public_report
from benchmarks.peers.registry import PEERS
from benchmarks.peers.results import Failure, Trial
from benchmarks.peers.tables import Outcome, report
from benchmarks.recorded import Pair, pair, record_apart

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "PYTHONHASHSEED": "0",
}


def main() -> int:
    """The exit status: 0 if every peer gave figures for every seed."""
    options = arguments().parse_args()
    if options.hdfs or options.trainticket:
        return public(options)
    options.folder.mkdir(parents=True, exist_ok=True)
    outcomes: list[Outcome] = []
    for seed in options.seeds:
        for app in options.app:
            runs = pair(options.folder, app, seed, (options.learn, options.judge), options.attacks)
            for run in (runs.learn, runs.judge):
                if not run.recorded:
                    tell(f"recording {run.folder.name}")
                    record_apart(run)
            outcomes += [outcome(runs, app, seed, peer, options) for peer in options.peers]
    heading = f"Attacks: {options.attacks}; seeds {', '.join(map(str, options.seeds))}; {machine()}."
    text = report(outcomes, options.app, options.peers, heading)
    publish(text, options.output or options.folder / "peers.md")
    return 1 if any(isinstance(one, Failure) for one in outcomes) else 0


def public(options: argparse.Namespace) -> int:
    """The exit status of measuring on the public data sets whose paths are given: 0."""
    loaded = [
        (name, load(path))
        for name, load, path in (
            ("hdfs", hdfs.load, options.hdfs),
            ("trainticket", trainticket.load, options.trainticket),
        )
        if path
    ]
    parts = [machine(), READING]
    for name, split in loaded:
        tell(f"{name}: learning from {len(split.train):,} sessions")
        parts.append(public_report(name, split, list(outcomes_of(split, name))))
    options.folder.mkdir(parents=True, exist_ok=True)
    publish("\n\n".join(parts), options.output or options.folder / "public.md")
    return 0


def publish(text: str, output: Path) -> None:
    """Prints the tables, and keeps them in a file."""
    output.write_text(text, encoding="utf-8")
    print(text)
    tell(f"written to {output}")


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(description="Other ways to find strange flows, beside Coldtrail's.")
    add = parser.add_argument
    add("--app", nargs="+", default=["airline", "vod"])
    add("--seeds", type=int, nargs="+", default=[511, 512, 513, 514, 515])
    add("--peers", nargs="+", default=list(PEERS), choices=list(PEERS), metavar="PEER")
    add("--learn", type=int, default=250, help="visits learned from (default 250)")
    add("--judge", type=int, default=250, help="visits judged (default 250)")
    add("--attacks", default="paper")
    add("--keep", dest="folder", type=Path, default=Path("peers-output"), help="runs and results lie here")
    add("--output", type=Path, help="the tables as Markdown (default: peers.md or public.md in that folder)")
    add(
        "--hdfs",
        type=Path,
        metavar="PATH",
        help="judge HDFS's log in this folder, by DeepLog's split, instead",
    )
    add(
        "--trainticket",
        type=Path,
        metavar="PATH",
        help="likewise TrainTicket's traces, by TraceAnomaly's split",
    )
    add("--limit", type=float, default=3600.0, help="seconds that a peer may take a run (default 3600)")
    return parser


def outcome(runs: Pair, app: str, seed: int, peer: str, options: argparse.Namespace) -> Outcome:
    """What a peer did on a pair of runs: as kept, or done now."""
    sizes = f"{options.learn}-{options.judge}"
    kept = options.folder / f"{runs.judge.folder.name}-{sizes}-{peer}.json"
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=Trial)
    tell(f"{app}, seed {seed}: {peer}")
    command = [sys.executable, "-m", "benchmarks.peers.trial", "--peer", peer, "--app", app]
    command += ["--seed", str(seed), "--learn", str(runs.learn.traces), "--judge", str(runs.judge.traces)]
    command += ["--labels", str(runs.judge.labels), "--output", str(kept)]
    environment = {**os.environ, **ONE_THREAD}
    try:
        done = subprocess.run(
            command, env=environment, stderr=subprocess.PIPE, text=True, check=False, timeout=options.limit
        )
    except subprocess.TimeoutExpired:
        return failed(app, seed, peer, f"It took longer than {options.limit:g} s.")
    if done.returncode or not kept.exists():
        lines = done.stderr.strip().splitlines() or [f"It ended with status {done.returncode}."]
        return failed(app, seed, peer, lines[-1])
    return msgspec.json.decode(kept.read_bytes(), type=Trial)


def failed(app: str, seed: int, peer: str, reason: str) -> Failure:
    """The failure, told at once; nothing is kept of it, so that the next run tries again."""
    tell(f"{app}, seed {seed}: {peer} failed: {reason}")
    return Failure(app, seed, peer, reason)


def tell(line: str) -> None:
    """Nothing; the line goes to standard error at once."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
