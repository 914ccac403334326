"""`coldtrail update`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from coldtrail.cli.options import (
    a_path,
    add_bundle,
    add_feedback,
    add_input,
    add_json,
    add_limits,
    add_workers,
    settings_of,
)

if TYPE_CHECKING:
    from coldtrail.verbs.updating import UpdateSummary

_EXAMPLE = """\
examples:
  coldtrail update --bundle model --input yesterday/ --output model
  coldtrail update --bundle model --input yesterday/ --feedback said.jsonl --output model

The new telemetry is judged by what is known so far: what that flags is not learned,
and is listed, unless --learn-flagged. See docs/using.md."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Learn more, without forgetting: add new telemetry to a bundle."
    parser.epilog = _EXAMPLE
    add_bundle(parser, "what `coldtrail train` or `update` wrote")
    add_input(parser, required=False)
    add_workers(parser)
    add_limits(parser)
    add_feedback(parser)
    parser.add_argument(
        "--output", required=True, type=a_path, metavar="DIR", help="the new bundle; may be the old one"
    )
    parser.add_argument("--learn-flagged", action="store_true", help="learn what is flagged as well")
    parser.add_argument(
        "--no-releases", action="store_true", help="learn nothing of new versions that is flagged"
    )
    parser.add_argument(
        "--other-application", action="store_true", help="learn functions none of which is known"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.screen import print_json, print_losses, print_warnings, progress
    from coldtrail.verbs.updating import update

    with progress() as tell:
        summary = update(
            options.bundle,
            options.input,
            options.output,
            feedback=options.feedback,
            learn_flagged=options.learn_flagged,
            learn_releases=not options.no_releases,
            other_application=options.other_application,
            format=options.format,
            settings=settings_of(options) if options.config else None,
            workers=options.workers,
            progress=tell,
        )
    print_losses(summary.tally.sentences())
    print_warnings([*summary.notes, *summary.update.training.warnings, *summary.update.remarks.sentences()])
    if options.json:
        print_json(_as_json(summary))
    else:
        _print(summary)
    return 0


def _as_json(summary: UpdateSummary) -> dict[str, Any]:
    from coldtrail.alerts.wording.lines import verdict_line

    done = summary.update
    return {
        "bundle": str(summary.bundle),
        "flows": done.counts,
        "flows_known": summary.manifest.flows,
        "flows_known_before": summary.manifest_before.flows,
        "threshold": summary.manifest.threshold,
        "threshold_before": summary.manifest_before.threshold,
        "false_alarms_a_day": summary.false_alarms_a_day,
        "false_alarms_a_day_before": summary.false_alarms_a_day_before,
        "releases": done.releases,
        "rollbacks": done.rollbacks,
        "shifts": done.shifts,
        "changes": done.changes,
        "feedback": {
            "applied": done.remarks.applied,
            "unknown": done.remarks.unknown,
            "flows_taken_out": done.remarks.forgotten,
            "accepted": done.model.feedback.accepted,
            "refused": done.model.feedback.refused,
            "shifts": done.model.feedback.shifts,
        },
        "rare": summary.review,
        "left_out": [verdict_line(held.verdict) for held in done.left_out],
        "not_ready": done.training.not_ready,
        "counts": dict(summary.tally.counts),
        "losses": summary.tally.sentences(),
        "warnings": done.training.warnings,
        "seconds": round(summary.seconds, 3),
    }


def _print(summary: UpdateSummary) -> None:
    from coldtrail.alerts.wording.amounts import counted
    from coldtrail.cli.changes import (
        print_changes,
        print_feedback,
        print_left_out,
        print_releases,
        print_shifts,
    )
    from coldtrail.cli.screen import output
    from coldtrail.detectors.signalling import ENCOUNTERS

    screen = output()
    counts = summary.update.counts
    screen.print(
        f"Of {counted(counts.read, 'flow')}, {counts.learned:,} learned, {counts.already_known:,} known "
        f"before, {counts.flagged:,} flagged and left out, {counts.still_open:,} still open and left out, "
        f"in {summary.seconds:.1f} s."
    )
    if followed := summary.tally.counts[ENCOUNTERS]:
        screen.print(f"Followed beside them: {counted(followed, 'minute or record', 'minutes and records')}.")
    if counts.known_by_sample:
        screen.print(
            f"Of those known before, {counts.known_by_sample:,} are not in the sample that is kept: their "
            "likes in it were known."
        )
    if counts.told_otherwise:
        screen.print(
            f"{counted(counts.told_otherwise, 'flow')} left out, since another kind of witness tells them "
            "than their function was learned from: train on what is to be scored."
        )
    if counts.attacks:
        screen.print(f"{counted(counts.attacks, 'flow')} left out, since you called such runs attacks.")
    if counts.excused:
        screen.print(f"{counted(counts.excused, 'flow')} excused by feedback, and not learned.")
    print_feedback(summary.update, screen)
    print_releases(summary.update, screen)
    print_shifts(summary.update, screen)
    print_left_out(summary.update.left_out, screen)
    print_changes(summary.update.changes, screen)
    if summary.review:
        held = sum(one.held for one in summary.review)
        screen.print(
            f"Rare in what is known: {counted(len(summary.review), 'entry', 'entries')}"
            + (f", {held:,} held back until you call them benign" if held else "")
            + " (--json lists them)."
        )
    before, after = summary.manifest_before, summary.manifest
    screen.print(
        f"Known now: {counted(after.flows, 'flow')} of {counted(len(after.functions), 'function')} "
        f"(before: {before.flows:,} of {len(before.functions):,}). "
        f"Alarms above {after.threshold:.2f} (before: {before.threshold:.2f})."
    )
    alarms, alarms_before = summary.false_alarms_a_day, summary.false_alarms_a_day_before
    if alarms is not None:
        told = "unknown" if alarms_before is None else f"{alarms_before:.2g}"
        screen.print(f"Expected: at most {alarms:.2g} false alarms a day (before: {told}).")
    screen.print(f"Bundle: {summary.bundle}", markup=False)
