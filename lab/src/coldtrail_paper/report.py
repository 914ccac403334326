"""The report of the experiment: what is in it, before any format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coldtrail_paper.experiment import Experiment, flat
from coldtrail_paper.figures import Figure, figure_4, figures_6
from coldtrail_paper.metrics import figures
from coldtrail_paper.published import published
from coldtrail_paper.runs import Run
from coldtrail_paper.tables import NAMES, NONE, Row, Table, tables

_QUICK = "A quick run, trained on a fraction of the paper's data: its figures say little of the method. "


@dataclass(frozen=True)
class Tile:
    """One figure at the top."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True)
class Report:
    """The whole report."""

    quick: bool
    lead: str
    tiles: tuple[Tile, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    more: tuple[Table, ...]
    """Tables that the paper does not have."""
    differences: tuple[str, ...]
    warnings: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    machine: str
    seconds: float
    """Of this whole command; stages done earlier are not in it."""


def report(
    experiment: Experiment,
    runs: Sequence[Run],
    *,
    quick: bool,
    differences: tuple[str, ...],
    versions: Mapping[str, str],
    seconds: float,
) -> Report:
    """The contents of the report."""
    name, first = next(iter(experiment.outcomes.items()))
    warnings = [f"{who}: {words}" for who, one in experiment.outcomes.items() for words in one.warnings]
    warnings += experiment.failures
    drawn = [figure_4(name, first), *figures_6(experiment.outcomes, experiment.data.test)]
    return Report(
        quick=quick,
        lead=(_QUICK if quick else "") + _lead(experiment),
        tiles=tuple(_tiles(experiment)),
        tables=tables(experiment),
        figures=tuple(drawn),
        more=(_training(experiment), _false_alarms(experiment), _runs(runs)),
        differences=differences,
        warnings=tuple(warnings),
        versions=tuple(versions.items()),
        machine=experiment.machine,
        seconds=seconds,
    )


def _lead(experiment: Experiment) -> str:
    printed = published().overall
    parts = []
    for name, outcome in experiment.outcomes.items():
        found = figures(outcome.alarms(), experiment.data.test.attack != "")
        parts.append(f"{name.removeprefix('ours, ')} {_share(found.recall)} and {_share(found.fpr)}")
    return (
        f"The paper found {_share(printed.recall)} of the attacked runs, with false alarms in "
        f"{_share(printed.fpr)} of the normal ones. On our data: {'; '.join(parts)}."
    )


def _tiles(experiment: Experiment) -> Iterator[Tile]:
    printed = published().overall
    outcome = next(iter(experiment.outcomes.values()))
    found = figures(outcome.alarms(), experiment.data.test.attack != "")
    yield Tile("Attacked runs found (recall)", _three(found.recall), f"paper: {printed.recall:.3f}")
    yield Tile(
        "Alarms that were right (precision)", _three(found.precision), f"paper: {printed.precision:.3f}"
    )
    yield Tile("Normal runs that alarmed (FPR)", _three(found.fpr), f"paper: {printed.fpr:.3f}")
    trained, paper = outcome.train_s, published().phases["training"].seconds
    yield Tile("Training", f"{trained:,.0f} s", f"paper: {paper:,.0f} s, on another machine")


def _training(experiment: Experiment) -> Table:
    rows: list[Row] = []
    for name, outcome in experiment.outcomes.items():
        for window, errors in outcome.validation.items():
            losses = outcome.losses.get(window, [])
            drop = flat(losses)
            limits = np.unique(errors.limit)
            rows.append(
                (
                    name,
                    str(window),
                    f"{len(errors.error):,}",
                    str(len(losses) or NONE),
                    f"{losses[-1]:.3g}" if losses else NONE,
                    NONE if drop is None else f"{100 * drop:.1f} %",
                    f"{limits[0]:.3g}" if len(limits) == 1 else f"{limits.min():.3g} to {limits.max():.3g}",
                    f"{errors.error.max() / limits.max():.2f}",
                )
            )
    head = ("whose", "window", "validation windows", "epochs", "last loss", "last epoch's gain", "threshold",
            "largest error / threshold")  # fmt: skip
    note = (
        "A last epoch that still gains much means that training was stopped early. Where the largest "
        "validation error is half the threshold, no error was set aside as an outlier: one window set it."
    )
    return Table(0, "How training went", head, tuple(rows), note, 2)


def _false_alarms(experiment: Experiment) -> Table:
    test = experiment.data.test
    rows: list[Row] = []
    for name, outcome in experiment.outcomes.items():
        wrong = outcome.alarms() & (test.attack == "")
        cold = wrong & test.flows.cold
        counts = Counter(
            f"{NAMES[app]}: {function}"
            for app, function in zip(test.application[wrong], test.function[wrong], strict=True)
        )
        rows.append((name, "all", f"{wrong.sum():,}", f"{cold.sum():,}"))
        for function, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            app, own = function.split(": ")
            there = (test.function == own) & np.array([NAMES[each] == app for each in test.application])
            rows.append((name, function, f"{number:,}", f"{(cold & there).sum():,}"))
    note = "The paper found most of its false alarms in cold starts (section 7.3)."
    return Table(
        0, "False alarms", ("whose", "function", "false alarms", "of them cold"), tuple(rows), note, 2
    )


def _runs(runs: Sequence[Run]) -> Table:
    rows = [
        (
            NAMES[run.plan.application],
            {"train": "training", "test": "test"}[run.plan.part],
            f"{run.visits:,}",
            f"{published().visits[run.plan.application]:,}",
            f"{run.hours:.1f}",
            f"{run.attack_share:g}" if run.plan.part == "test" else NONE,
            str(run.seed),
        )
        for run in runs
    ]
    head = ("application", "part", "visits", "visits, paper", "virtual hours", "attacked share", "seed")
    return Table(0, "The runs", head, tuple(rows), "", 2)


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def _three(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"
