"""Text on a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from coldtrail.alerts.showing.plain import plain, short
from coldtrail.alerts.showing.shell import in_shell
from coldtrail.records.next_step import Command

LONGEST_NAME = 240
"""A longer name is cut in its middle, in characters."""
_DEEPEST = 20
"""Levels by which a step is set in."""


class Screen(Console):
    """A console that reads nothing in strings: it shows each on one line, whatever its caller forgot."""

    def __init__(self, **more: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **more)

    def render_str(self, text: str, **more: Any) -> Text:
        """The text as it is shown: rich makes one of every string that it prints or puts into a table."""
        return super().render_str(plain(text), **more | {"markup": False, "emoji": False})


def in_terminal(text: str, longest: int = LONGEST_NAME) -> str:
    """The text on one line, safe to print, its middle left out where it is long."""
    return short(text, longest)


def cell(text: str, style: str = "", longest: int = LONGEST_NAME) -> Text:
    """The text for a cell of a table, or a line of its own."""
    return Text(in_terminal(text, longest), style)


def step_cell(text: str, depth: int) -> Text:
    """The text of a step, set in by its depth (1 for the first level) as far as there is room."""
    return Text("  " * min(depth - 1, _DEEPEST) + in_terminal(text))


def command_line(command: Command, indent: int = 0) -> Text:
    """A command to copy: whole, on one line however narrow the terminal is.

    Print it with `soft_wrap`: a line that is broken would be pasted as several commands.
    """
    return Text(" " * indent + plain(in_shell(command)))
