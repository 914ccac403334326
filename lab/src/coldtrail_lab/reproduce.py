"""`coldtrail reproduce`: the paper's experiment, from recording to report."""

from __future__ import annotations

import argparse
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coldtrail.cli.options import add_json
from coldtrail.errors import ConfigError
from coldtrail_lab.testbed import record_run

if TYPE_CHECKING:
    from rich.console import Console

    from coldtrail_paper.plan import RunPlan
    from coldtrail_paper.reproducing import Reproduction

_EXAMPLE = """\
examples:
  coldtrail reproduce --quick --output r          small runs: minutes
  coldtrail reproduce --output paper              the paper's sizes: hours
  coldtrail reproduce --runs recorded --output r  on runs recorded before

Records both applications (training without attacks, test with the paper's attacks in a
tenth of the attacked functions' runs), trains the autoencoders, updates them with a
function that they never met, and writes report.html and report.md: each table of the
paper with its figures and ours. A command that was interrupted goes on where it stopped."""

MISSING = 'The autoencoders need Keras and JAX; `pip install "coldtrail[deep]"` brings them.'


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Run the paper's experiment and write its tables with the published figures beside."
    parser.epilog = _EXAMPLE
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="for runs, results, report")
    parser.add_argument("--quick", action="store_true", help="small runs: minutes in place of hours")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="use these runs, whatever their sizes")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of runs and training (default 1)")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The exit status."""
    from coldtrail.cli.screen import output, print_json

    screen = output(on_stderr=options.json)
    done = _reproduced(screen, options.output, options.quick, options.runs, options.seed)
    if options.json:
        print_json(_plain(done))
        return 0
    screen.print(done.report.lead)
    screen.print(f"Report: {done.page} (open it in a browser), {done.markdown}", markup=False)
    return 0


def reproduce(
    output: str | Path, *, quick: bool = False, runs: str | Path | None = None, seed: int = 1
) -> Reproduction:
    """The results of the paper's experiment, with its report in the folder; the arguments are the verb's.

    Raises `ConfigError` without the extra `deep`.
    """
    from coldtrail.cli.screen import output as new_screen

    return _reproduced(new_screen(), Path(output), quick, None if runs is None else Path(runs), seed)


def require_deep() -> None:
    """Raises `ConfigError` without the extra `deep`."""
    if any(find_spec(name) is None for name in ("keras", "jax")):
        raise ConfigError(MISSING)


def _reproduced(screen: Console, folder: Path, quick: bool, runs: Path | None, seed: int) -> Reproduction:
    from coldtrail.reports.html import check_available
    from coldtrail_paper.plan import plan

    require_deep()
    check_available()
    planned = plan(quick=quick, seed=seed)
    _check_folder(folder)

    from coldtrail.cli.screen import progress
    from coldtrail_paper.network import Trained, setups
    from coldtrail_paper.reproducing import run_experiment

    with progress() as bar:
        return run_experiment(
            planned,
            folder,
            setups(seed),
            record=lambda each, place: _record(screen, each, place),
            make=partial(Trained, tell=lambda words: bar(words, 0, 0)),
            runs=runs,
            tell=lambda words: screen.print(words, highlight=False, markup=False),
            progress=bar,
        )


def _record(screen: Console, plan: RunPlan, place: Path) -> None:
    screen.print(f"Recording {plan.visits:,} visits of {plan.application} for {plan.part}.", markup=False)
    summary = record_run(plan.application, plan.visits, plan.seed, [plan.attacks], place)
    if summary.interrupted:
        _forget(place)
        raise KeyboardInterrupt
    screen.print(f"   {summary.flows:,} function runs in {summary.seconds:.0f} s.", markup=False)


def _forget(place: Path) -> None:
    """Removes a recording that was interrupted: a shorter one is another experiment."""
    import shutil

    shutil.rmtree(place, ignore_errors=True)


def _check_folder(folder: Path) -> None:
    from coldtrail.bundle.manifest import check_outside

    check_outside(folder)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: this is a file; --output takes a folder.")


def _plain(done: Reproduction) -> dict[str, Any]:
    experiment = done.experiment
    return {
        "report": str(done.page),
        "markdown": str(done.markdown),
        "seconds": round(done.seconds, 3),
        "lead": done.report.lead,
        "tables": [
            {"number": table.number, "title": table.title, "head": table.head, "rows": table.rows}
            for table in (*done.report.tables, *done.report.more)
        ],
        "machine": experiment.machine,
        "versions": dict(done.report.versions),
    }
