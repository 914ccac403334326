"""Detection quality on recorded runs of the testbed, each seed recorded anew.

`python -m benchmarks.quality` prints the tables of docs/results.md, one an application. Learning sees a
benign run, judging a run of another seed with attacks in a tenth of the attacked functions' flows. Nothing is
tuned on these seeds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.recorded import pair
from coldtrail import evaluate, score, train
from coldtrail.learning.evaluate import Evaluation
from coldtrail_testbed.recorder import record

BARS = {"recall": 0.98, "fpr": 0.005, "attack recall": 0.95, "first reason": 0.90}


def main() -> int:
    """The exit status: 0 if every bar is met."""
    parser = argparse.ArgumentParser(description="Detection quality on recorded runs of the testbed.")
    parser.add_argument("--app", nargs="+", default=["airline", "vod"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[501, 502, 503])
    parser.add_argument("--learn", type=int, default=250, help="visits learned from (default 250)")
    parser.add_argument("--judge", type=int, default=250, help="visits judged (default 250)")
    parser.add_argument("--attacks", default="paper")
    parser.add_argument("--keep", type=Path, help="keep (and reuse) the recorded runs in this folder")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="coldtrail-quality-"))
    screen = Console(highlight=False, width=100)
    try:
        return max(one_application(folder, app, options, screen) for app in options.app)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def one_application(folder: Path, app: str, options: argparse.Namespace, screen: Console) -> int:
    """The exit status of one application, whose table is printed."""
    rounds = [one_seed(folder, app, seed, options, screen) for seed in options.seeds]
    screen.print(f"{app}: attacks {options.attacks}")
    screen.print(table(options.seeds, rounds))
    return 0 if passed([evaluation for _, evaluation in rounds]) else 1


Round = tuple[int, Evaluation]


def one_seed(folder: Path, app: str, seed: int, options: argparse.Namespace, screen: Console) -> Round:
    """Flows learned, and the evaluation, of one seed."""
    visits = (options.learn, options.judge)
    runs = pair(folder, app, seed, visits, options.attacks)
    learned, judged = runs.learn, runs.judge
    bundle = folder / f"{app}-bundle-{seed}"
    verdicts = folder / f"{judged.folder.name}-verdicts.jsonl"
    for run in (learned, judged):
        if not run.recorded:
            summary = record(app, run.visits, run.seed, run.attacks.split(","), run.folder)
            screen.print(f"recorded {run.folder.name}: {summary.flows:,} flows in {summary.seconds:.0f} s")
    training = train([learned.traces], bundle).training
    score(bundle, [judged.traces], verdicts)
    return training.flows, evaluate(verdicts, judged.labels)


def passed(evaluations: Sequence[Evaluation]) -> bool:
    """Whether the seeds together meet the bars."""
    whole = pooled(evaluations)
    return (
        whole["recall"] >= BARS["recall"]
        and whole["fpr"] <= BARS["fpr"]
        and whole["first reason"] >= BARS["first reason"]
        and all(one >= BARS["attack recall"] for one in attack_recalls(evaluations).values())
    )


def pooled(evaluations: Sequence[Evaluation]) -> dict[str, float]:
    """Figures over the flows of all seeds."""
    found = sum(one.true_positives for one in evaluations)
    malicious = sum(one.malicious for one in evaluations)
    wrong = sum(one.false_positives for one in evaluations)
    benign = wrong + sum(one.true_negatives for one in evaluations)
    named = sum((one.first_reason or 0.0) * one.true_positives for one in evaluations)
    return {
        "precision": found / max(found + wrong, 1),
        "recall": found / max(malicious, 1),
        "fpr": wrong / max(benign, 1),
        "pr auc": statistics.mean(one.pr_auc or 0.0 for one in evaluations),
        "first reason": named / max(found, 1),
    }


def attack_recalls(evaluations: Sequence[Evaluation]) -> dict[str, float]:
    """Recall of each attack over the flows of all seeds."""
    flows: dict[str, int] = defaultdict(int)
    found: dict[str, int] = defaultdict(int)
    for evaluation in evaluations:
        for attack, result in evaluation.attacks.items():
            flows[attack] += result.flows
            found[attack] += result.found
    return {attack: found[attack] / flows[attack] for attack in sorted(flows)}


def table(seeds: Sequence[int], rounds: Sequence[Round]) -> Table:
    """A column a seed, one for all, and one for the bars."""
    evaluations = [evaluation for _, evaluation in rounds]
    shown = Table("", *(f"seed {seed}" for seed in seeds), "all", "bar", box=box.SIMPLE)
    shown.add_row("flows learned", *(f"{flows:,}" for flows, _ in rounds), "", ">= 3,000")
    shown.add_row("flows judged", *(f"{one.flows:,}" for one in evaluations), "", ">= 1,500")
    shown.add_row("attacked flows", *(f"{one.malicious:,}" for one in evaluations), "", "")
    shown.add_row("not ready", *(f"{one.not_ready:,}" for one in evaluations), "", "")
    singles = [pooled([one]) for one in evaluations]
    whole = pooled(evaluations)
    for name, value in whole.items():
        bar = BARS.get(name)
        limit = "" if bar is None else f"{'<=' if name == 'fpr' else '>='} {bar:g}"
        shown.add_row(name, *(f"{one[name]:.4f}" for one in singles), f"{value:.4f}", limit)
    for attack, recall in attack_recalls(evaluations).items():
        each = [one.attacks.get(attack) for one in evaluations]
        cells = ["-" if one is None else f"{one.found}/{one.flows}" for one in each]
        shown.add_row(f"found: {attack}", *cells, f"{recall:.4f}", f">= {BARS['attack recall']:g}")
    return shown


if __name__ == "__main__":
    raise SystemExit(main())
