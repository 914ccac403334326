"""`coldtrail explain`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from coldtrail.cli.options import add_bundle, add_input, add_json, add_limits, settings_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from coldtrail.records.alert import Alert
    from coldtrail.records.flow import Event
    from coldtrail.records.profile import Profile, ProfileStep
    from coldtrail.records.verdict import Reason, Verdict
    from coldtrail.verbs.explaining import Explanation

_EXAMPLE = """\
example:
  coldtrail explain --bundle model --input new/ --flow 8a9f3c0d11223344"""

_LEAST_ODDS, _LEAST_TOLD = 2.0, 0.005
"""What is as strange in every other run, or counts for nothing where two digits are shown, is not unusual."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Tell all about one function flow: its verdict, its events, how it usually runs."
    parser.epilog = _EXAMPLE
    add_bundle(parser, "what `coldtrail train` wrote")
    add_input(parser)
    add_limits(parser)
    parser.add_argument("--flow", required=True, metavar="FLOW_ID", help="function_flow_id of a verdict")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from msgspec.structs import asdict

    from coldtrail.alerts.showing.terminal import in_terminal
    from coldtrail.alerts.wording.commands import is_of_trace
    from coldtrail.alerts.wording.lines import verdict_line
    from coldtrail.cli.screen import output, print_json, print_losses, progress
    from coldtrail.features.fitness import is_traced
    from coldtrail.reports.words import strangeness
    from coldtrail.verbs.explaining import explain

    with progress() as tell:
        found = explain(
            options.bundle,
            options.input,
            options.flow,
            format=options.format,
            settings=settings_of(options) if options.config else None,
            progress=tell,
        )
    print_losses(found.losses)
    if options.json:
        print_json(asdict(found) | {"verdict": verdict_line(found.verdict)})
        return 0
    screen = output()
    verdict, flow = found.verdict, found.flow
    name, application = in_terminal(flow.function_name), in_terminal(flow.application_name)
    screen.print(f"{name} ({application}): {verdict.verdict}", markup=False)
    trace = f", trace {in_terminal(flow.application_flow_id)}" if is_of_trace(flow) else ""
    screen.print(f"flow {in_terminal(flow.function_flow_id)}{trace}", markup=False)
    if not is_traced(flow):
        screen.print(f"told of by {' and '.join(flow.witnesses)} alone: no trace of it is here")
    started = (flow.trigger or "").endswith(f" {flow.caller}")
    for label, value in (("triggered by", flow.trigger), ("called by", None if started else flow.caller)):
        if value:
            screen.print(f"{label} {in_terminal(value)}", markup=False)
    if verdict.verdict == "not_ready":
        screen.print(found.not_judged, markup=False)
    else:
        screen.print(f"score {strangeness(verdict.score, verdict.threshold, verdict.p_value)}", markup=False)
    for line in _why(found):
        screen.print(line, markup=False)
    if verdict.verdict != "normal" and verdict.reasons:
        _print_what_next(screen, found)
    screen.print()
    screen.print(_events(found))
    if found.profile is not None and found.profile.runs:
        screen.print(usual_run(found.profile))
    return 0


def _why(found: Explanation) -> Iterator[str]:
    """What is strange about the run, or of a normal one what is least usual, if anything is."""
    from coldtrail.alerts.wording.sentences import sentence

    verdict, shown = found.verdict, _shown(found.verdict)
    if shown:
        is_normal = verdict.verdict == "normal"
        yield from ("", "Least usual about it:" if is_normal else "Why:")
    elif verdict.verdict == "normal":
        yield from ("", _nothing_unusual(verdict))
    for reason in shown:
        yield f"  {reason.contribution:5.2f}  {sentence(reason)}"


def _shown(verdict: Verdict) -> list[Reason]:
    """The reasons, of a normal run those that tell of something unusual."""
    reasons = list(verdict.reasons)
    return [one for one in reasons if is_unusual(one)] if verdict.verdict == "normal" else reasons


def is_unusual(reason: Reason) -> bool:
    """Whether what was seen is not what is usual, and fewer than half of the runs are as strange."""
    from coldtrail.alerts.wording.findings import expected, seen

    usual, found = expected(reason.finding), seen(reason.finding)
    is_rare = reason.odds is None or reason.odds >= _LEAST_ODDS
    return is_rare and reason.contribution >= _LEAST_TOLD and not (found and usual.startswith(found))


def _nothing_unusual(verdict: Verdict) -> str:
    from coldtrail.alerts.wording.phrases import step
    from coldtrail.alerts.wording.sentences import odds

    told = "Nothing about it is unusual."
    if not verdict.reasons:
        return told
    closest = max(verdict.reasons, key=lambda one: one.contribution)
    name = step(closest.event_name, closest.target) if closest.event_name else "the run as a whole"
    often = odds(closest) if (closest.odds or 0.0) >= _LEAST_ODDS else "Most of its runs are as strange."
    counts = f"{closest.contribution:.2f} of the {verdict.threshold:.2f} that would alarm"
    return f"{told} What came closest: {name}, {counts}. {often}".rstrip()


def _print_what_next(screen: Console, found: Explanation) -> None:
    from coldtrail.alerts.alerts import alerts_from

    for alert in alerts_from([(found.verdict, found.flow)], with_waiting=True):
        _print_steps(screen, alert)


def _print_steps(screen: Console, alert: Alert) -> None:
    from coldtrail.alerts.showing.shell import notes
    from coldtrail.alerts.showing.terminal import command_line
    from coldtrail.reports.words import technique

    if alert.technique:
        screen.print()
        screen.print(f"ATT&CK: {technique(alert.technique)}")
    screen.print()
    screen.print("What to look at next:")
    for place, step in enumerate(alert.next_steps, 1):
        screen.print(f"  {place}. {step.told}{':' if step.command else ''}", soft_wrap=True)
        if step.command is not None:
            screen.print(command_line(step.command, 5), soft_wrap=True)
            for note in notes(step.command):
                screen.print(f"     {note}", soft_wrap=True)


def _events(found: Explanation) -> Table:
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.showing.terminal import cell, step_cell
    from coldtrail.alerts.wording.amounts import duration
    from coldtrail.alerts.wording.phrases import event_words, repeated

    marked = {reason.event_id for reason in _shown(found.verdict)}
    flow = found.flow
    table = Table("", "Event", "Id", title="This run", title_justify="left", box=box.SIMPLE)
    table.add_column("At", justify="right")
    table.add_column("Took", justify="right")

    def looks(one: tuple[Event, int]) -> tuple[str, int, str]:
        event, depth = one
        words = event_words(event.event_name, event.event_type, event.event_target_resource)
        mark = event.event_id if event.event_id in marked else ""
        return words + (" (failed)" if event.error else ""), depth, mark

    for (words, depth, mark), row in groupby(zip(flow.events, flow.depths, strict=True), looks):
        events = [event for event, _ in row]
        first = events[0]
        table.add_row(
            ">" if mark else "",
            step_cell(repeated(words, len(events)), depth),
            cell(first.event_id + (" and more" if len(events) > 1 else "")),
            duration(first.start_time - flow.start_time),
            duration(max([event.end_time for event in events]) - first.start_time),
        )
    return table


def usual_run(profile: Profile) -> Table:
    """The function's most usual run, each row of equal steps told once."""
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.showing.terminal import step_cell
    from coldtrail.alerts.wording.amounts import duration, share
    from coldtrail.alerts.wording.phrases import event_words, repeated

    run = profile.runs[0]
    title = f"Its most usual run ({share(run.share)} of {profile.flows:,} learned)"
    table = Table("Event", title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("At", justify="right")
    table.add_column("Takes", justify="right")

    def looks(one: ProfileStep) -> tuple[str, int]:
        return event_words(one.event_name, one.event_type, one.target), one.depth

    for (words, depth), row in groupby(run.steps, looks):
        steps = list(row)
        first, end = steps[0].offset, max([one.offset + one.duration for one in steps])
        told = step_cell(repeated(words, len(steps)), depth)
        table.add_row(told, duration(first), duration(end - first))
    return table
