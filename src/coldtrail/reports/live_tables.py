"""What the service keeps, in the terminal: alerts with what became of them, cases, silences, messages."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from coldtrail.alerts.showing.terminal import cell
from coldtrail.alerts.wording.amounts import moment
from coldtrail.records.case import Case
from coldtrail.records.delivery import Delivery
from coldtrail.records.silence import Matcher, Silence
from coldtrail.reports.table import print_alerts
from coldtrail.store.database import AlertRow, Decision

_OPS = {"=": "=", "!=": "!=", "glob": "~", "in": "="}


def _table(console: Console, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, width=console.width)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in ("Id", "Severity", "State"))
    return table


def _add(table: Table, *values: str) -> None:
    table.add_row(*[cell(value) for value in values])


def state_told(row: AlertRow) -> str:
    """What became of an alert, in a few words."""
    episode = row.episode
    told: list[str] = [episode.state]
    if episode.withdrawn:
        told.append("withdrawn")
    if episode.suppressed_by:
        told.append(f"silenced by {episode.suppressed_by}")
    if episode.resolution:
        told.append(episode.resolution)
    if episode.accepted:
        told.append("accepted")
    if episode.assignee:
        told.append(f"to {episode.assignee}")
    return ", ".join(told)


def print_live_alerts(rows: Sequence[AlertRow], console: Console) -> None:
    """Prints alerts as a table."""
    if not rows:
        console.print("No alerts.")
        return
    table = _table(console, "Id", "Severity", "State", "Times", "Last seen", "What")
    for row in rows:
        alert, episode = row.alert, row.episode
        _add(
            table, alert.id, episode.severity, state_told(row), f"{episode.count:,}",
            moment(episode.last_seen), alert.title,
        )  # fmt: skip
    console.print(table)


def print_live_alert(row: AlertRow, decisions: Sequence[Decision], console: Console) -> None:
    """Prints one alert with its evidence, and what people decided."""
    print_alerts([row.alert], console)
    episode = row.episode
    console.print(
        f"{row.alert.id}: {state_told(row)}; episode {episode.episode}, seen {episode.count:,} times."
    )
    if episode.case_id:
        console.print(f"Part of case {episode.case_id}.")
    for one in decisions:
        detail = f" ({one.detail})" if one.detail else ""
        console.print(f"{moment(one.at)} {one.by}: {one.what}{detail}")


def print_live_cases(cases: Sequence[Case], console: Console) -> None:
    """Prints cases as a table."""
    if not cases:
        console.print("No cases.")
        return
    table = _table(console, "Id", "Severity", "State", "Signs", "Last seen", "What")
    for case in cases:
        _add(
            table, case.id, case.severity, case.state, f"{len(case.members):,}", moment(case.last_seen),
            case.title,
        )  # fmt: skip
    console.print(table)


def matcher_told(matcher: Matcher) -> str:
    """The matcher as `--match` takes it."""
    return f"{matcher.field}{_OPS[matcher.op]}{matcher.value}"


def print_silences(silences: Sequence[Silence], console: Console) -> None:
    """Prints silences as a table."""
    if not silences:
        console.print("No silences.")
        return
    table = _table(console, "Id", "Until", "Kept back", "By", "Why", "What")
    for one in silences:
        what = " and ".join(map(matcher_told, one.matchers))
        _add(
            table, one.id, moment(one.ends_at), f"{one.hits:,}", one.created_by,
            f"{one.reason}: {one.comment}", what,
        )  # fmt: skip
    console.print(table)


def print_deliveries(deliveries: Sequence[Delivery], console: Console) -> None:
    """Prints messages that were given up as a table."""
    if not deliveries:
        console.print("No messages were given up.")
        return
    table = _table(console, "Id", "Channel", "Made", "Attempts", "Error", "What")
    for one in deliveries:
        _add(
            table, one.id, one.channel, moment(one.made_at), f"{one.attempts:,}", one.last_error,
            one.message.title,
        )  # fmt: skip
    console.print(table)
