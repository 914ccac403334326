"""`coldtrail score`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from coldtrail.cli.options import (
    a_path,
    add_bundle,
    add_input,
    add_json,
    add_limits,
    add_workers,
    settings_of,
)

if TYPE_CHECKING:
    from rich.console import Console

    from coldtrail.verbs.scoring import ScoreSummary

_EXAMPLE = """\
example:
  coldtrail score --bundle model --input new/ --output verdicts.jsonl --report report.html

Each function flow gets one line in the output, in the order of their start: anomalous
(with its reasons), normal, or not_ready (too little history of this function).
With --state, a call goes on where the last one ended: it tells what is new, and what it
has to correct."""

_MOST_OPEN = 5
"""Functions that are named for flows that were never closed."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Judge telemetry by what was learned: verdicts, alerts, findings, a report."
    parser.epilog = _EXAMPLE
    add_bundle(parser, "what `coldtrail train` wrote")
    add_input(parser)
    add_workers(parser)
    add_limits(parser)
    parser.add_argument(
        "--output", required=True, type=a_path, metavar="FILE", help="verdicts, JSON lines; - prints them"
    )
    parser.add_argument("--only-anomalous", action="store_true", help="write no other verdicts")
    parser.add_argument("--alerts", type=a_path, metavar="FILE", help="alerts, JSON lines")
    parser.add_argument("--cases", type=a_path, metavar="FILE", help="cases of them, JSON lines")
    parser.add_argument("--ocsf", type=a_path, metavar="FILE", help="alerts as OCSF 1.6 Detection Findings")
    parser.add_argument("--report", type=a_path, metavar="FILE", help="alerts as one HTML page")
    parser.add_argument(
        "--state",
        type=a_path,
        metavar="DIR",
        help="go on where the last call with it stopped (with one worker)",
    )
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="alerts shown (default 50)")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.bundle.plausible import UNSIGNED
    from coldtrail.cli.screen import output, print_json, print_losses, print_warnings, progress
    from coldtrail.reports.case_table import print_cases, worth_showing
    from coldtrail.reports.table import print_alerts
    from coldtrail.store.destinations import is_standard_output
    from coldtrail.verbs.scoring import score

    with progress() as tell:
        summary = score(
            options.bundle,
            options.input,
            options.output,
            format=options.format,
            only_anomalous=options.only_anomalous,
            alerts=options.alerts,
            cases=options.cases,
            ocsf=options.ocsf,
            report=options.report,
            state=options.state,
            settings=settings_of(options) if options.config else None,
            workers=options.workers,
            progress=tell,
        )
    print_losses(summary.tally.sentences())
    print_warnings([*summary.notes, *summary.warnings])
    written = [
        one for one in (options.output, options.alerts, options.cases, options.ocsf, options.report) if one
    ]
    aside = any(map(is_standard_output, written))
    if options.json:
        print_json(_as_json(summary), on_stderr=aside)
        return 0
    screen = output(on_stderr=aside)
    if worth_showing(summary.cases):
        print_cases(summary.cases, screen, limit=options.limit)
    print_alerts(summary.alerts, screen, limit=options.limit)
    _print_counts(summary, screen)
    if summary.waiting:
        screen.print(_of_waiting(summary))
    if summary.still_open:
        _print_still_open(summary, screen)
    screen.print(f"Bundle: {options.bundle}, {UNSIGNED}.", markup=False)
    for path in written:
        screen.print(f"Written: {path}", markup=False)
    return 0


def _print_counts(summary: ScoreSummary, screen: Console) -> None:
    from coldtrail.alerts.wording.amounts import counted
    from coldtrail.detectors.signalling import ENCOUNTERS
    from coldtrail.verbs.reading import of_a_quiet_hour

    counts = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(summary.verdicts.items()))
    quiet = of_a_quiet_hour(summary.tally) if summary.tally.is_quiet else ""
    followed = summary.tally.counts[ENCOUNTERS]
    counts = (
        counts
        or quiet.removesuffix(".")
        or ("no run to judge" if followed else "nothing that an earlier call has not told")
    )
    screen.print(
        f"{counted(summary.flows, 'flow')} of {counted(summary.functions, 'function')} "
        f"in {summary.seconds:.1f} s: {counts}."
    )
    if followed:
        screen.print(f"Followed beside them: {counted(followed, 'minute or record', 'minutes and records')}.")


def _of_waiting(summary: ScoreSummary) -> str:
    from coldtrail.alerts.wording.amounts import counted

    runs = sum(one.count for one in summary.waiting)
    return (
        f"{counted(runs, 'anomalous run')} told in no alert: a single slow call, a sum of small surprises, "
        "a new name of a known family, or a rare path of a busy function waits for a second signal. "
        "--output has the verdicts, --json what waits."
    )


def _print_still_open(summary: ScoreSummary, screen: Console) -> None:
    from coldtrail.alerts.places import Places
    from coldtrail.alerts.showing.plain import short
    from coldtrail.alerts.wording.amounts import counted

    places = Places(summary.still_open)
    named = [f"{short(places.name(key))} {number:,}" for key, number in summary.still_open.items()]
    more = f" and {len(named) - _MOST_OPEN:,} more" if len(named) > _MOST_OPEN else ""
    screen.print(
        f"Never closed in the record, or known to lack parts, and judged without what they lack: "
        f"{counted(sum(summary.still_open.values()), 'flow')} ({', '.join(named[:_MOST_OPEN])}{more}).",
        markup=False,
    )


def _as_json(summary: ScoreSummary) -> dict[str, object]:
    from coldtrail.reports.alert_lines import line_of

    return {
        "flows": summary.flows,
        "verdicts": summary.verdicts,
        "functions": summary.functions,
        "still_open": [
            {
                "account": key.account,
                "region": key.region,
                "application_name": key.application,
                "function_name": key.function,
                "flows": number,
            }
            for key, number in summary.still_open.items()
        ],
        "threshold": summary.manifest.threshold,
        "bundle_origin": "unsigned",
        "alerts": [line_of(alert) for alert in summary.alerts],
        "cases": summary.cases,
        "waiting": [line_of(alert) for alert in summary.waiting],
        "shifts": summary.shifts,
        "withdrawn": summary.withdrawn,
        "withdrawn_cases": summary.withdrawn_cases,
        "withdrawn_shifts": summary.withdrawn_shifts,
        "counts": dict(sorted(summary.tally.counts.items())),
        "losses": summary.tally.sentences(),
        "warnings": summary.warnings,
        "seconds": round(summary.seconds, 3),
    }
