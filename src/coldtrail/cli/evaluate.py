"""`coldtrail evaluate`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from coldtrail.cli.options import a_path, add_json

if TYPE_CHECKING:
    from rich.table import Table

    from coldtrail.learning.evaluate import Evaluation

_EXAMPLE = """\
example:
  coldtrail evaluate --verdicts verdicts.jsonl --labels run/labels.jsonl

A flow without a label is benign. A malicious flow that is not_ready counts as missed."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Compare verdicts with labels."
    parser.epilog = _EXAMPLE
    parser.add_argument("--verdicts", required=True, type=a_path, metavar="FILE", help="of `coldtrail score`")
    parser.add_argument("--labels", required=True, type=a_path, metavar="FILE", help="the malicious flows")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.alerts.showing.terminal import in_terminal
    from coldtrail.cli.screen import output, print_json
    from coldtrail.verbs.evaluating import evaluate

    evaluation = evaluate(options.verdicts, options.labels)
    if options.json:
        print_json(evaluation)
        return 0
    screen = output()
    screen.print(
        f"{evaluation.flows:,} flows, {evaluation.malicious:,} malicious, {evaluation.not_ready:,} not ready"
    )
    screen.print(_figures(evaluation))
    if evaluation.attacks:
        screen.print(_attacks(evaluation))
    alarms = list(evaluation.false_alarms.items())[:5]
    worst = ", ".join(f"{in_terminal(name)} {number:,}" for name, number in alarms)
    if worst:
        screen.print(f"False alarms by function: {worst}", markup=False)
    if evaluation.labels_without_verdict:
        screen.print(f"{evaluation.labels_without_verdict:,} labelled flows have no verdict.")
    return 0


def _figures(evaluation: Evaluation) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    names = ("precision", "recall", "f1", "fpr", "fnr", "pr_auc", "first_reason")
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(_figure(getattr(evaluation, name)) for name in names))
    return table


def _attacks(evaluation: Evaluation) -> Table:
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.showing.terminal import cell

    table = Table("attack", box=box.SIMPLE)
    for name in ("flows", "found", "recall", "first reason right"):
        table.add_column(name, justify="right")
    for attack, result in evaluation.attacks.items():
        row = (f"{result.flows:,}", f"{result.found:,}", _figure(result.recall), _figure(result.first_reason))
        table.add_row(cell(attack), *row)
    return table


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
