"""The table in the terminal: narrow, without colour, and safe from the names it shows."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from coldtrail.alerts.showing.shell import in_shell
from coldtrail.records.alert import Alert
from coldtrail.reports.table import print_alerts


def printed(alerts: list[Alert], width: int = 80, colour: bool = False, **options: int) -> str:
    system = "truecolor" if colour else None
    console = Console(file=io.StringIO(), width=width, color_system=system, force_terminal=colour)  # type: ignore[arg-type]
    print_alerts(alerts, console, **options)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_account_is_told_where_there_are_several(alerts: list[Alert]) -> None:
    assert "airline, " not in printed(alerts)
    abroad = msgspec.structs.replace(alerts[0].flow, account="210987654321")
    assert "airline, 210987654321" in printed([alerts[0], msgspec.structs.replace(alerts[0], flow=abroad)])


def test_alerts_fit_into_80_columns_without_colour(alerts: list[Alert]) -> None:
    text = printed(alerts)
    lines = text.splitlines()
    assert all(len(line) <= 80 for line in lines if not line.startswith("      aws "))
    assert "\x1b" not in text
    assert "CRITICAL" in text
    assert "never touched this resource" in " ".join(text.split())
    assert "T1537" in text
    assert "What to look at next" in text


@pytest.mark.parametrize("width", [20, 80])
def test_a_command_is_never_broken_into_lines(alerts: list[Alert], width: int) -> None:
    """A broken one would be pasted as several commands, of which a name may be one."""
    lines = printed(alerts, width, explained=len(alerts)).splitlines()
    commands = [in_shell(step.command) for alert in alerts for step in alert.next_steps if step.command]
    assert len(commands) > 10
    assert [line.strip() for line in lines if line.strip().startswith("aws ")] == commands


def test_nothing_is_left_out_without_a_word(alerts: list[Alert]) -> None:
    text = printed(alerts, limit=3, explained=1)
    assert "2 more alerts not shown (limit 3)." in text
    assert "Not explained here: 2 alerts of the table." in text
    assert printed([]) == "No alerts.\n"


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("colour", [False, True])
def test_names_cannot_reach_the_terminal_as_control_characters(
    hostile_alerts: list[Alert], width: int, colour: bool
) -> None:
    text = printed(hostile_alerts, width, colour, explained=len(hostile_alerts))
    for forbidden in ("\x1b]", "\x1b[31mred", "\x1b[2J", "\x07", "\x9b", "\u202e", "\u2066", "\x00", "\r"):
        assert forbidden not in text
    if not colour:
        assert all(char == "\n" or char.isprintable() for char in text)


def test_markup_in_names_is_shown_as_written(hostile_alerts: list[Alert]) -> None:
    text = printed(hostile_alerts, width=300, explained=len(hostile_alerts))
    assert "[bold red]markup[/]" in text
