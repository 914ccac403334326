"""The whole experiment: runs, training, update, report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from coldtrail.errors import ConfigError
from coldtrail.store.whole_file import write_whole
from coldtrail.verbs.reading import Progress, silent
from coldtrail.version import __version__
from coldtrail_paper.differences import differences
from coldtrail_paper.experiment import Experiment, Laboratory
from coldtrail_paper.machine import machine, versions
from coldtrail_paper.markdown import markdown
from coldtrail_paper.network import Make, Setup
from coldtrail_paper.page import page
from coldtrail_paper.plan import FUNCTIONS, Plan
from coldtrail_paper.reading import read
from coldtrail_paper.report import Report, report
from coldtrail_paper.runs import Record, obtain
from coldtrail_paper.stages import Stages

MARKDOWN, PAGE = "report.md", "report.html"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Reproduction:
    """What the experiment gave, and where its report lies."""

    experiment: Experiment
    report: Report
    markdown: Path
    page: Path
    seconds: float


def run_experiment(
    plan: Plan,
    folder: Path,
    setups: Mapping[str, Setup],
    *,
    record: Record,
    make: Make,
    runs: Path | None = None,
    tell: Tell,
    progress: Progress = silent,
) -> Reproduction:
    """The experiment's results, its report written into the folder.

    What an earlier call has finished in the folder is not done again. `runs` is a folder of runs of any size
    to be used; those that it lacks are recorded into it.
    """
    started = time.perf_counter()
    found = obtain(plan, runs or folder / "runs", record, any_size=runs is not None)
    tell("Reading the traces.")
    data = read(found, progress)
    tell(f"{len(data.train):,} runs of {_functions()} functions to learn from, {len(data.test):,} to judge.")

    def begin(stage: str) -> None:
        tell(f"{stage.capitalize()}.")
        progress(stage, 0, 0)

    functions = {application: list(names) for application, names in FUNCTIONS.items()}
    of = {"runs": [run.digest for run in found], "functions": functions, "version": __version__}
    laboratory = Laboratory(data, Stages(folder / "stages"), of, make, begin)
    trained, updated = laboratory.outcomes(setups), laboratory.updates(setups)
    if not trained:
        raise ConfigError(laboratory.failures[0])
    experiment = Experiment(data, trained, updated, machine(), tuple(laboratory.failures))
    contents = report(
        experiment,
        found,
        quick=plan.quick,
        differences=differences(plan, runs is not None),
        versions=versions(),
        seconds=time.perf_counter() - started,
    )
    _write(contents, folder)
    taken = time.perf_counter() - started
    return Reproduction(experiment, contents, folder / MARKDOWN, folder / PAGE, taken)


def _functions() -> int:
    return sum(len(names) for names in FUNCTIONS.values())


def _write(contents: Report, folder: Path) -> None:
    for figure in contents.figures:
        write_whole(folder / figure.file, [figure.svg.encode()])
    write_whole(folder / MARKDOWN, [markdown(contents).encode()])
    write_whole(folder / PAGE, [page(contents).encode()])
