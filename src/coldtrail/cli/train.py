"""`coldtrail train`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from coldtrail.cli.options import (
    a_budget,
    add_bundle,
    add_config,
    add_feedback,
    add_input,
    add_json,
    add_workers,
    settings_of,
)
from coldtrail.config import MOST_RARE
from coldtrail.registry import DETECTORS

if TYPE_CHECKING:
    from coldtrail.verbs.training import TrainSummary

_EXAMPLE = """\
example:
  coldtrail train --input traces/ --bundle model

Give weeks of telemetry if you have them: 1,000 flows are the least that holds the
default budget, and a function with fewer than 20 is not judged at all. What you
train on is taken for normal."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Learn what is normal from telemetry, into a bundle."
    parser.epilog = _EXAMPLE
    add_input(parser)
    add_workers(parser)
    add_bundle(parser, "where to write what was learned")
    parser.add_argument(
        "--detector",
        nargs="+",
        metavar="NAME",
        help=f"which to train: {', '.join(DETECTORS)} (default: the first four)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="for detectors that draw numbers")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--budget",
        type=a_budget,
        metavar="SHARE|N/day",
        help="of benign flows that may alarm (default 0.003); or how many alerts a day people are to read",
    )
    budget.add_argument(
        "--false-alarms-a-day", type=float, metavar="N", help="the budget for the rate of the learned flows"
    )
    parser.add_argument(
        "--hold-rare",
        nargs="?",
        type=float,
        const=MOST_RARE,
        metavar="SHARE",
        help="learn what a smaller share of a function's runs show only once you call it benign "
        f"(without a number {MOST_RARE:g}; default 0: learn it, and list it)",
    )
    add_feedback(parser)
    add_config(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.screen import print_json, print_losses, print_warnings, progress
    from coldtrail.verbs.training import train

    with progress() as tell:
        summary = train(
            options.input,
            options.bundle,
            format=options.format,
            detector=options.detector,
            seed=options.seed,
            settings=settings_of(options),
            feedback=options.feedback,
            workers=options.workers,
            progress=tell,
        )
    print_losses(summary.tally.sentences())
    print_warnings([*summary.notes, *summary.training.warnings, *summary.remarks.sentences()])
    if options.json:
        print_json(_as_json(summary))
    else:
        _show(summary)
    return 0


def _as_json(summary: TrainSummary) -> dict[str, object]:
    manifest, training = summary.manifest, summary.training
    return {
        "bundle": str(summary.bundle),
        "flows": training.flows,
        "flows_left_out": training.left_out,
        "flows_held_back": sum(training.holding.flows.values()),
        "functions": manifest.functions,
        "not_ready": training.not_ready,
        "threshold": manifest.threshold,
        "later_alarms": training.later_alarms,
        "alerts_a_day": training.alerts_a_day,
        "alerts_a_day_asked": training.model.settings.detection.alerts_a_day or None,
        "counts": dict(summary.tally.counts),
        "losses": summary.tally.sentences(),
        "warnings": training.warnings,
        "rare": summary.review,
        "flows_taken_out": summary.remarks.forgotten,
        "seconds": round(summary.seconds, 3),
    }


def _show(summary: TrainSummary) -> None:
    from coldtrail.alerts.wording.amounts import counted
    from coldtrail.cli.reviewing import print_review
    from coldtrail.cli.screen import output

    training = summary.training
    screen = output()
    functions = counted(len(summary.manifest.functions), "function")
    ready = len(summary.manifest.functions) - len(training.not_ready)
    screen.print(
        f"Learned {counted(training.flows, 'flow')} of {functions} "
        f"({ready} ready to be judged) in {summary.seconds:.1f} s."
    )
    if training.left_out:
        screen.print(f"{counted(training.left_out, 'flow')} left out, whose record was still open.")
    held = sum(training.holding.flows.values())
    if held:
        screen.print(f"Held back, since few runs of a function show it: {counted(held, 'flow')}.")
    if ready and training.later_alarms is not None:
        screen.print(
            f"Of the last fifth of this history, {training.later_alarms:.2%} would have alarmed, "
            "had only the first four fifths been learned."
        )
    detection = training.model.settings.detection
    if detection.alerts_a_day and training.alerts_a_day is not None:
        screen.print(
            "Judged by what was learned of the rest, this history makes "
            f"{training.alerts_a_day:.2g} alerts a day (asked for: {detection.alerts_a_day:g}, "
            f"which takes a budget of {detection.budget:.2g} of the flows)."
        )
    if summary.remarks.forgotten:
        screen.print(f"Not learned, by your feedback: {counted(summary.remarks.forgotten, 'flow')}.")
    print_review(summary.review, str(summary.bundle), screen)
    screen.print(f"Bundle: {summary.bundle}", markup=False)
