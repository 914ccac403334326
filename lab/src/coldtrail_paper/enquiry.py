"""The enquiry: one thing of the recipe changed at a time, on the same data."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coldtrail.detectors.autoencoder import FAITHFUL, Recipe
from coldtrail_paper.dataset import Data
from coldtrail_paper.experiment import flat, train_and_judge
from coldtrail_paper.metrics import each_attack, figures, recall_at
from coldtrail_paper.network import Make, Setup, Trained, changed
from coldtrail_paper.published import published

Row = dict[str, float]

FIGURES = ("precision", "recall", "fpr", "pr_auc", "ranked")


@dataclass(frozen=True)
class Varied:
    """What one training with a changed recipe gave."""

    figures: Row
    """`FIGURES` (`ranked` is the recall at the paper's false-positive rate, with a threshold that the labels
    set), and of each application the PR-AUC and the recall of each attack by name."""
    train_s: float
    gain: float
    """The share by which the last epoch still lowered the loss; the mean of the windows."""


def vary(
    changes: Mapping[str, Any], data: Data, seed: int, base: Recipe = FAITHFUL, make: Make = Trained
) -> Varied:
    """The results of the base recipe with changes, trained and judged on the data."""
    outcome = train_and_judge(Setup(changed(base, changes), seed), data, make)
    alarm, strength, test = outcome.alarms(), outcome.strengths(), data.test
    found = figures(alarm, test.attack != "", strength)
    ranked = recall_at(published().overall.fpr, test.attack != "", strength)
    row = {name: getattr(found, name) or 0.0 for name in FIGURES[:-1]} | {"ranked": ranked or 0.0}
    for application in data.applications:
        chosen = test.rows_of(application)
        malicious = test.attack[chosen] != ""
        row[f"{application} PR-AUC"] = figures(alarm[chosen], malicious, strength[chosen]).pr_auc or 0.0
        attacks = each_attack(alarm[chosen], test.attack[chosen], test.function[chosen])
        row |= {f"{application} {name}": one.recall or 0.0 for name, one in attacks.items()}
    gains = [flat(losses) for losses in outcome.losses.values()]
    return Varied(row, outcome.train_s, statistics.mean([gain or 0.0 for gain in gains] or [0.0]))


def table(results: Mapping[str, Sequence[Varied | None]]) -> str:
    """A Markdown table of variants, each the mean over its seeds and, where they differ, the spread.

    None stands for a seed whose training failed: the row says of how many it tells.
    """
    done = {name: [one for one in rows if one is not None] for name, rows in results.items()}
    every = {name for rows in done.values() for one in rows for name in one.figures}
    attacks = sorted(every - {*FIGURES})
    shown = ["precision", "recall", "FPR", "PR-AUC", "recall at FPR .003"]
    head = ["variant", "seeds", *shown, *attacks, "last epoch's gain", "training s"]
    lines = [_line(head), _line([":--", *["--:"] * (len(head) - 1)])]
    for name, rows in done.items():
        asked = len(results[name])
        seeds = str(asked) if len(rows) == asked else f"{len(rows)} of {asked}, else diverged"
        cells = _cells(rows, attacks) if rows else ["-"] * (len(head) - 2)
        lines.append(_line([name, seeds, *cells]))
    return "\n".join(lines) + "\n"


def _cells(rows: Sequence[Varied], attacks: Sequence[str]) -> list[str]:
    figures = [_spread([one.figures.get(each, 0.0) for one in rows]) for each in (*FIGURES, *attacks)]
    gain = f"{100 * statistics.mean(one.gain for one in rows):.1f} %"
    return [*figures, gain, f"{statistics.mean(one.train_s for one in rows):,.0f}"]


def _spread(values: Sequence[float]) -> str:
    """The mean, and the standard deviation where it shows."""
    mean = statistics.mean(values)
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{mean:.3f}" + (f" ± {deviation:.3f}" if round(deviation, 3) else "")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
