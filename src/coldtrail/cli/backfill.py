"""`coldtrail backfill`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from coldtrail.cli.options import add_json, add_live_config

if TYPE_CHECKING:
    from coldtrail.verbs.backfill.backfilling import BackfillSummary

_EXAMPLE = """\
example:
  coldtrail backfill --days 14 --config coldtrail.toml

Asks each source for what it still holds, learns the bundle that the settings name, and says
what each function still needs. Stopped at any time, it goes on where it was. What you learn
from is taken for normal: look at what `coldtrail train` would tell you is rare."""
_MOST_DAYS = 3_660


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Learn from what the sources of the service still hold."
    parser.epilog = _EXAMPLE
    add_live_config(parser)
    parser.add_argument(
        "--days", type=_days, default=14.0, metavar="N", help="how far back to ask (default 14)"
    )
    parser.add_argument("--again", action="store_true", help="forget what was gathered before it was stopped")
    parser.add_argument(
        "--without", action="append", default=[], metavar="NAME", help="a source to learn nothing of"
    )
    parser.add_argument("--force", action="store_true", help="learn anew in place of a bundle that is there")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.screen import print_json, print_losses, print_warnings, progress
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.backfill.backfilling import backfill

    settings = load_live_settings(options.config)
    with progress() as tell:
        done = backfill(
            settings,
            options.days,
            again=options.again,
            force=options.force,
            without=options.without,
            progress=tell,
        )
    training = done.training
    print_losses(training.tally.sentences())
    print_warnings([*done.notes, *training.notes, *training.training.warnings])
    if options.json:
        print_json(_as_json(done))
    else:
        _show(done)
    return 0


def _as_json(done: BackfillSummary) -> dict[str, object]:
    return {
        "bundle": str(done.training.bundle),
        "documents": done.documents,
        "flows": done.training.training.flows,
        "functions": done.training.manifest.functions,
        "needs": done.needs,
        "notes": done.notes,
        "counts": dict(done.training.tally.counts),
    }


def _show(done: BackfillSummary) -> None:
    from coldtrail.alerts.wording.amounts import counted
    from coldtrail.cli.screen import output

    screen, training = output(), done.training.training
    functions = counted(len(done.training.manifest.functions), "function")
    documents = counted(done.documents, "document")
    screen.print(f"Learned {counted(training.flows, 'flow')} of {functions} from {documents}.")
    screen.print(f"Bundle: {done.training.bundle}", markup=False)
    for sentence in done.needs:
        screen.print(f"Needs more: {sentence}", markup=False, soft_wrap=True)
    if not done.needs:
        screen.print("Every function is judged, and followed.")


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0.0 < days <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days above 0, {_MOST_DAYS:,} at most")
    return days
