"""`coldtrail bundle`: what a trained model knows."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coldtrail.cli.group_tables import group_table, grouping_table
from coldtrail.cli.options import add_bundle, add_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from coldtrail.records.profile import Profile
    from coldtrail.verbs.showing import BundleView, KnownFunction

_EXAMPLE = """\
examples:
  coldtrail bundle show --bundle model
  coldtrail bundle show --bundle model --function ConfirmBooking

A function is `learning` until enough of its flows are known to judge it. False alarms
a day are what the budget allows of the runs a day that the history shows."""
_WIDE = 160
"""Columns that give accounts and regions room of their own."""
_LONGEST = 40
_FEW_VERSIONS = 3


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of bundles."""
    parser.description = "What a trained model knows."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shown = verbs.add_parser(
        "show",
        help="groups, functions, states, thresholds, expected false alarms",
        description="Show what was learned: groups of functions that behave alike, and each function's\n"
        "history, state, threshold and expected false alarms a day.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_bundle(shown, "what `coldtrail train` wrote")
    shown.add_argument(
        "--function",
        metavar="NAME",
        help="look closely at one: NAME, APPLICATION/NAME or\nACCOUNT/REGION/APPLICATION/NAME",
    )
    add_json(shown)
    shown.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.screen import output, print_json, print_warnings
    from coldtrail.verbs.showing import show_bundle

    found = show_bundle(options.bundle, options.function)
    print_warnings(found.warnings)
    if options.json:
        print_json(found)
        return 0
    screen = output()
    if options.function is None:
        _print_whole(screen, found)
    else:
        _print_closely(screen, found)
    return 0


def _print_whole(screen: Console, found: BundleView) -> None:
    from coldtrail.alerts.wording.amounts import counted, moment
    from coldtrail.bundle.plausible import UNSIGNED

    detection = found.settings.detection
    screen.print(
        f"{found.bundle}: {counted(found.flows, 'flow')} of {counted(len(found.functions), 'function')}, "
        f"from {moment(found.first_start)} to {moment(found.last_start)} UTC ({_age(found.age_s)} ago).",
        markup=False,
    )
    screen.print(
        f"Written by Coldtrail {found.coldtrail_version}, format {found.format_version}; detectors "
        f"{', '.join(detection.detectors)}; budget {detection.budget:g} of benign flows; seed {found.seed}.",
        markup=False,
    )
    screen.print(f"It is {UNSIGNED}.")
    if found.pseudonym_key is not None:
        screen.print(f"Its pseudonyms were made with the key of fingerprint {found.pseudonym_key}.")
    if found.groups:
        screen.print(group_table(found.groups))
    if found.groupings:
        screen.print(grouping_table(found.groupings))
    screen.print(_function_table(found.functions, is_wide=screen.width >= _WIDE))
    learning = sum(one.state == "learning" for one in found.functions)
    expected = found.false_alarms_a_day
    screen.print(
        f"{counted(len(found.functions) - learning, 'function')} ready, {learning:,} learning. "
        + ("" if expected is None else f"Expected: at most {_amount(expected)} false alarms a day.")
    )
    if found.followed:
        judged = ", ".join(f"{name} {number:,}" for name, number in found.followed.items())
        screen.print(f"Followed over time, by how many functions each judges: {judged}.")
    alerts, asked = found.metrics.get("alerts_a_day"), detection.alerts_a_day
    if alerts is not None:
        screen.print(
            f"Judged by what was learned of the rest, its history makes {_amount(alerts)} alerts a day"
            + (f" (asked for: {asked:g})." if asked else ".")
        )


def _age(seconds: float) -> str:
    from coldtrail.alerts.wording.amounts import counted, duration

    days = int(seconds // 86_400)
    return counted(days, "day") if days else duration(seconds)


def _function_table(functions: Sequence[KnownFunction], *, is_wide: bool) -> Table:
    """The functions; where there is little room, account and region stand behind the name."""
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.places import Places
    from coldtrail.alerts.showing.terminal import cell
    from coldtrail.alerts.wording.amounts import moment

    places = Places(one.key for one in functions)
    table = Table(title="Functions", title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in places.columns if is_wide else ():
        table.add_column(name, no_wrap=True)
    table.add_column("Application", overflow="fold", min_width=11)
    table.add_column("Function", overflow="fold", min_width=16)
    for name in ("Group", "Flows"):
        table.add_column(name, justify="right")
    table.add_column("State", no_wrap=True)
    table.add_column("Alarms above", justify="right", no_wrap=True)
    for name in ("Runs a day", "False alarms a day"):
        table.add_column(name, justify="right")
    table.add_column("Versions", overflow="fold")
    table.add_column("Last run (UTC)", no_wrap=True)
    for one in functions:
        table.add_row(
            *(cell(part, longest=_LONGEST) for part in (places.cells(one.key) if is_wide else ())),
            cell(one.application_name, longest=_LONGEST),
            cell(one.function_name if is_wide else places.name(one.key), longest=_LONGEST),
            str(one.group or "-"),
            f"{one.flows:,}",
            _state(one),
            _threshold(one),
            _amount(one.runs_a_day),
            _amount(one.false_alarms_a_day),
            _versions(one),
            "unknown" if one.last_start is None else moment(one.last_start)[:16],
        )
    return table


def _state(one: KnownFunction) -> str:
    return "ready" if one.state == "ready" else f"learning {one.flows:,} of {one.ready_flows:,}"


def _versions(one: KnownFunction) -> str:
    """The last few versions by name."""
    from coldtrail.alerts.showing.plain import short

    shown = [short(version, _LONGEST) for version in one.versions[-_FEW_VERSIONS:]]
    more = len(one.versions) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "") or "-"


def _threshold(one: KnownFunction) -> str:
    odds = "" if one.one_in is None else f" (1 in {one.one_in:,.0f})"
    return f"{one.threshold:.2f}{odds}"


def _amount(amount: float | None) -> str:
    if amount is None:
        return "unknown"
    return f"{amount:,.0f}" if amount == 0 or amount >= 100 else f"{amount:,.2g}"


def _print_closely(screen: Console, found: BundleView) -> None:
    from coldtrail.alerts.places import Places
    from coldtrail.alerts.showing.terminal import in_terminal
    from coldtrail.alerts.wording.amounts import moment

    names = {group.number: group for group in found.groups}
    places = Places(one.key for one in found.functions)
    for one in found.functions:
        screen.print(in_terminal(places.full_name(one.key)), markup=False)
        screen.print(f"  state               {_state(one)}; {one.flows:,} flows learned")
        screen.print(f"  alarms above        {_threshold(one)}")
        screen.print(f"  runs a day          {_amount(one.runs_a_day)}")
        screen.print(f"  false alarms a day  {_amount(one.false_alarms_a_day)} expected")
        screen.print(f"  versions            {_versions(one)}", markup=False)
        screen.print(f"  exceptions          {one.exceptions:,}")
        for name, sentence in one.needs.items():
            screen.print(f"  {name:18}  not judged: {in_terminal(sentence)}", markup=False)
        if one.last_start is not None:
            screen.print(f"  last run            {moment(one.last_start)} UTC")
        if one.group in names:
            group = names[one.group]
            said = f"{group.number}: {in_terminal(group.name)} ({len(group.functions):,} functions)"
            screen.print(f"  group               {said}", markup=False)
        for profile in found.profiles:
            if profile.key == one.key:
                _print_usual(screen, profile)


def _print_usual(screen: Console, profile: Profile) -> None:
    from coldtrail.alerts.showing.terminal import in_terminal
    from coldtrail.alerts.wording.amounts import duration, share

    triggers = (
        ", ".join(f"{in_terminal(name)} ({share(part)})" for name, part in profile.triggers) or "unknown"
    )
    screen.print(f"  triggered by        {triggers}", markup=False)
    screen.print(
        f"  takes               {duration(profile.duration)}, at most {duration(profile.duration_p95)} "
        f"in 19 of 20; cold in {share(profile.cold_share)}, failed in {share(profile.error_share)}"
    )
    for number, _ in enumerate(profile.runs):
        screen.print(_run_table(profile, number))


def _run_table(profile: Profile, number: int) -> Table:
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.showing.terminal import step_cell
    from coldtrail.alerts.wording.amounts import duration, share
    from coldtrail.alerts.wording.phrases import event_words

    run = profile.runs[number]
    title = f"Usual run {number + 1}: {run.flows:,} of {profile.flows:,} flows ({share(run.share)})"
    table = Table("Event", title=title, title_justify="left", box=box.SIMPLE)
    for name in ("At", "Takes", "19 of 20 within"):
        table.add_column(name, justify="right")
    for step in run.steps:
        words = event_words(step.event_name, step.event_type, step.target)
        times = (duration(value) for value in (step.offset, step.duration, step.duration_p95))
        table.add_row(step_cell(words, step.depth), *times)
    return table
