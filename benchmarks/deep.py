"""The autoencoders beside the same recipe in plain Keras, in one process, on runs of `coldtrail reproduce`.

`python -m benchmarks.deep --runs r/runs` prints the table of docs/performance.md. With the paper's sizes it
takes a quarter of an hour on two cores, nearly all of it plain Keras.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("KERAS_BACKEND", "jax")

import argparse
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import COLDTRAIL, cpu_seconds, machine, run
from benchmarks.plain_keras import PlainKeras
from coldtrail.config import ApplicationRule, ApplicationSettings, Settings
from coldtrail.detectors.autoencoder import DEFAULT, FAITHFUL, Autoencoder
from coldtrail.features.batch import Encoded, Floats
from coldtrail.records.flow import Flow
from coldtrail.verbs.reading import read_flows
from coldtrail_paper.dataset import Data
from coldtrail_paper.metrics import figures, recall_at
from coldtrail_paper.network import timed
from coldtrail_paper.plan import FUNCTIONS, RunPlan, plan
from coldtrail_paper.reading import read
from coldtrail_paper.runs import TRACES, Run, obtain
from tests.verbs.telemetry_files import write_native

NEW, SHARE = 7_419, 0.1
"""New flows of an update, and the share of old ones beside them: the paper's 8,243 of section 7.4."""
FPR = 0.003


@dataclass(frozen=True)
class Measured:
    """What one side showed: seconds, the mean validation error by window length, and how it judges."""

    train_s: float
    update_s: float
    flows_a_second: float
    """Processor time, so of one core."""
    validation: dict[int, float]
    pr_auc: float
    recall: float
    """At a false-positive rate of `FPR`."""


def main() -> int:
    """The exit status: 0 if every bar is met."""
    parser = argparse.ArgumentParser(description="The autoencoders beside plain Keras.")
    parser.add_argument(
        "--runs", type=Path, required=True, metavar="DIR", help="runs of `coldtrail reproduce`"
    )
    parser.add_argument("--rounds", type=int, default=3, help="of scoring and loading (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-keras", action="store_true", help="our side alone: minutes")
    options = parser.parse_args()
    found = obtain(plan(), options.runs, _refuse, any_size=True)
    data = read(found)
    ours = our_side(data, options.seed, options.rounds)
    plain = None if options.without_keras else keras_side(data, options.seed, options.rounds)
    with tempfile.TemporaryDirectory(prefix="coldtrail-bench-") as name:
        rows = compared(ours, plain) + commands(found, Path(name), options.rounds)
    show(rows, f"{len(data.train):,} flows to learn from, {len(data.test):,} to judge; {machine()}")
    return 0 if all(met for *_, met in rows) else 1


Row = tuple[str, str, str, str, str, bool]
"""What, plain Keras, ours, the ratio, the bar, and whether ours meets it."""


def our_side(data: Data, seed: int, rounds: int) -> Measured:
    """What `autoencoder` shows."""
    keras_is_loaded()
    detector, train_s = timed(lambda: Autoencoder(DEFAULT, seed).fit(data.train.flows))
    late = data.train.flows.take(detector.kept_back(data.train.flows))
    validation = {size: float(error.mean()) for size, (error, _) in detector.errors(late).items()}
    rate, strengths = scored(lambda: detector.score(data.test.flows).max(axis=1), rounds)
    _, update_s = timed(lambda: detector.update(new_flows(data), data.train.flows, SHARE))
    return Measured(train_s, update_s, rate, validation, *judged(data, strengths))


def keras_side(data: Data, seed: int, rounds: int) -> Measured:
    """What plain Keras shows; its validation flows are ours."""
    late = data.train.flows.take(Autoencoder(FAITHFUL).kept_back(data.train.flows))
    models, train_s = timed(lambda: PlainKeras(data.train.flows, seed))
    validation = {size: float(models.errors(late, size)[0].mean()) for size in models.thresholds}
    rate, strengths = scored(lambda: models.strengths(data.test.flows), rounds)
    _, update_s = timed(lambda: models.update(new_flows(data), data.train.flows, SHARE))
    return Measured(train_s, update_s, rate, validation, *judged(data, strengths))


def keras_is_loaded() -> None:
    """Nothing; imports what both sides need, so that the first one does not pay for it."""
    from coldtrail.detectors.autoencoder.learner import keras

    keras()


def new_flows(data: Data) -> Encoded:
    """Normal flows of the test part, as many as the paper updates with where there are so many."""
    return data.test.flows.take(np.flatnonzero(data.test.attack == "")[:NEW])


def scored(work: Callable[[], Floats], rounds: int) -> tuple[float, Floats]:
    """Flows a second of processor time, the median of rounds, and the scores."""
    scores = work()
    return len(scores) / statistics.median(cpu_seconds(work) for _ in range(rounds)), scores


def judged(data: Data, strengths: Floats) -> tuple[float, float]:
    """The area under precision and recall, and the recall where `FPR` of the normal flows alarm."""
    malicious = data.test.attack != ""
    area = figures(strengths > 1, malicious, strengths).pr_auc
    return area or 0.0, recall_at(FPR, malicious, strengths) or 0.0


def compared(ours: Measured, plain: Measured | None) -> list[Row]:
    """The rows that both sides have."""
    rows = [
        row("train, s", plain and plain.train_s, ours.train_s, 120, most=True),
        row("update, s", plain and plain.update_s, ours.update_s, 20, most=True),
        row("score, flows/s a core", plain and plain.flows_a_second, ours.flows_a_second, 2_500, most=False),
    ]
    for size, error in ours.validation.items():
        theirs = plain and plain.validation[size]
        rows.append(row(f"validation error, windows of {size}", theirs, error, theirs, most=True))
    rows.append(row("PR-AUC", plain and plain.pr_auc, ours.pr_auc, None, most=False))
    rows.append(row(f"recall at FPR {FPR}", plain and plain.recall, ours.recall, None, most=False))
    return rows


def row(what: str, theirs: float | None, ours: float, bar: float | None, *, most: bool) -> Row:
    """A row of the table; without a bar it is met."""
    met = bar is None or (ours <= bar if most else ours >= bar)
    wanted = "" if bar is None else f"{'<=' if most else '>='} {shown(bar)}"
    ratio = "" if theirs is None else f"{theirs / ours if most else ours / theirs:.2f}"
    return what, "" if theirs is None else shown(theirs), shown(ours), ratio, wanted, met


def shown(value: float) -> str:
    """A number in three figures, or whole."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def commands(runs: list[Run], folder: Path, rounds: int) -> list[Row]:
    """What the command line takes, each time in a fresh process."""
    history, first, bundle = folder / "history.jsonl", folder / "first.jsonl", folder / "bundle"
    flows = [flow for each in runs if each.plan.part == "train" for flow in chosen_flows(each)]
    write_native(history, flows)
    write_native(first, flows[:1])
    train = [
        COLDTRAIL,
        "train",
        "--detector",
        "autoencoder",
        "--bundle",
        str(bundle),
        "--input",
        str(history),
    ]
    trained = run(train, 1)
    score = [COLDTRAIL, "score", "--bundle", str(bundle), "--output", str(folder / "verdicts.jsonl")]
    loaded = run([*score, "--input", str(first)], 2 * rounds + 1)
    every = run([*score, "--input", str(history)], 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        2**20 if sys.platform == "darwin" else 2**10
    )
    return [
        row(f"coldtrail train, {len(flows):,} flows from a file, s", None, trained.wall_s, 120, most=True),
        row("  its peak memory, MiB", None, trained.peak_mib, None, most=True),
        row("coldtrail score, start to the first flow, s", None, loaded.wall_s, 3, most=True),
        row("coldtrail score, all these flows: peak memory, MiB", None, every.peak_mib, None, most=True),
        row("this process's peak memory, MiB", None, memory, None, most=True),
    ]


def chosen_flows(each: Run) -> list[Flow]:
    """The whole flows of a run that the experiment learns from."""
    application = each.plan.application
    rule = ApplicationRule(functions=".+", application=application)
    settings = Settings(applications=ApplicationSettings(rules=(rule,)))
    flows, _ = read_flows([each.folder / TRACES], settings, "xray")
    return [flow for flow in flows if flow.complete and flow.function_name in FUNCTIONS[application]]


def show(rows: list[Row], title: str) -> None:
    """Prints the table."""
    screen = Console(highlight=False, width=None if os.isatty(1) else 130)
    screen.print(title)
    table = Table("what", box=box.SIMPLE)
    for column in ("plain Keras", "ours", "times better", "bar", ""):
        table.add_column(column, justify="right")
    for *cells, met in rows:
        table.add_row(*cells, ("met" if met else "SHORT") if cells[-1] else "")
    screen.print(table)


def _refuse(each: RunPlan, place: Path) -> None:
    sys.exit(f"{place}: there is no such run; `coldtrail reproduce` records it.")


if __name__ == "__main__":
    raise SystemExit(main())
