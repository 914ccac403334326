"""Alerts in the terminal: a table of all, then the first ones explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coldtrail.alerts.places import Places
from coldtrail.alerts.showing.shell import notes
from coldtrail.alerts.showing.terminal import cell, command_line
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.alerts.wording.sentences import sentence
from coldtrail.records.alert import Alert
from coldtrail.records.next_step import NextStep
from coldtrail.reports.facts import score
from coldtrail.reports.words import technique

_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "cyan",
}
_MAX_REASONS = 4
_INDENT = 3
_LONGEST_SENTENCE = 2_000


def print_alerts(
    alerts: Sequence[Alert], console: Console, limit: int | None = None, explained: int = 5
) -> None:
    """Prints at most `limit` alerts as a table, and the first `explained` with their evidence.

    Names from telemetry are never read as markup, and their control characters are written out.
    """
    if not alerts:
        console.print(cell("No alerts."))
        return
    shown = alerts if limit is None else alerts[: max(limit, 0)]
    if shown:
        rows = (Row(one.severity, one.title, one.count, one.last_seen) for one in shown)
        console.print(severity_table("#", "Times", rows, console.width))
    if len(shown) < len(alerts):
        console.print(cell(f"{counted(len(alerts) - len(shown), 'more alert')} not shown (limit {limit:,})."))
    places = Places(alert.key for alert in alerts)
    for number, alert in enumerate(shown[:explained], 1):
        console.print(_explained(number, alert, places))
        _print_next_steps(alert.next_steps, console)
    if len(shown) > explained > 0:
        console.print(cell(f"Not explained here: {counted(len(shown) - explained, 'alert')} of the table."))


def _print_next_steps(steps: Sequence[NextStep], console: Console) -> None:
    if steps:
        console.print(_indented(cell("What to look at next", "bold")))
    for number, step in enumerate(steps, 1):
        ending = "" if step.command is None else ":"
        console.print(_indented(_bullet(f"{number}.", step.told + ending)))
        if step.command is not None:
            console.print(command_line(step.command, 2 * _INDENT), soft_wrap=True)
            for note in notes(step.command):
                console.print(_indented(_indented(cell(note, "dim"))))


def _indented(shown: RenderableType) -> Padding:
    return Padding(shown, (0, 0, 0, _INDENT))


class Row(NamedTuple):
    """A line of a table of alerts or cases."""

    severity: str
    title: str
    number: int
    last_seen: float


def severity_table(first: str, counted: str, rows: Iterable[Row], width: int) -> Table:
    """What happened, with how severe it is, a number that is `counted`, and when it was seen last."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=False)
    table.add_column(first, justify="right", no_wrap=True)
    table.add_column("Severity", no_wrap=True)
    table.add_column("What happened", overflow="fold", ratio=1)
    table.add_column(counted, justify="right", no_wrap=True)
    roomy = width >= 96
    table.add_column("Last seen (UTC)" if roomy else "Last (UTC)", no_wrap=True)
    for place, row in enumerate(rows, 1):
        when = moment(row.last_seen)
        table.add_row(
            cell(str(place)),
            _severity(row.severity),
            cell(row.title),
            cell(f"{row.number:,}"),
            cell(when if roomy else when[5:16]),
        )
    return table


def _severity(severity: str) -> Text:
    return cell(severity.upper(), _STYLES.get(severity, ""))


def _explained(number: int, alert: Alert, places: Places) -> RenderableType:
    title = cell(f"{number}. ", "bold") + _severity(alert.severity) + " " + cell(alert.title, "bold")
    return Group("", title, _indented(Group(*_lines(alert, places))))


def _lines(alert: Alert, places: Places) -> Iterator[RenderableType]:
    for reason in alert.reasons[:_MAX_REASONS]:
        yield _bullet("•", sentence(reason))
    hidden = len(alert.reasons) - _MAX_REASONS
    if hidden > 0:
        yield _bullet("•", f"{hidden:,} smaller reasons are not shown.")
    if alert.details:
        yield cell("Told together", "bold")
    for detail in alert.details:
        yield _bullet("•", detail)
    yield _facts(alert, places)


def _facts(alert: Alert, places: Places) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _fact_rows(alert, places):
        table.add_row(cell(name), cell(value))
    return table


def _fact_rows(alert: Alert, places: Places) -> Iterator[tuple[str, str]]:
    yield "Application", places.application(alert.key)
    yield "When", f"{moment(alert.first_seen)} UTC" + _repeats(alert)
    yield "Score", score(alert)
    if alert.flow is not None:
        yield "Started by", alert.flow.trigger or alert.flow.caller or "not in the telemetry"
    if alert.technique:
        yield "ATT&CK", technique(alert.technique)
    look_at = alert.look_at
    if look_at.record_id:
        yield "Record", look_at.record_id
        return
    if look_at.application_flow_id != look_at.function_flow_id:
        yield "Trace", look_at.application_flow_id
    yield "Flow", look_at.function_flow_id


def _repeats(alert: Alert) -> str:
    return f"; {alert.count:,} times until {moment(alert.last_seen)} UTC" if alert.count > 1 else ""


def _bullet(mark: str, text: str) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(cell(mark), cell(text, longest=_LONGEST_SENTENCE))
    return table
