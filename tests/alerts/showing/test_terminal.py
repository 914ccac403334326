"""Text on a terminal: as it is, on its line, acting on nothing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from coldtrail.alerts.showing.plain import plain
from coldtrail.alerts.showing.terminal import Screen, cell, command_line, in_terminal
from coldtrail.records.next_step import Command, Slot


def shown(thing: object, width: int = 4_000, **how: bool) -> str:
    screen = Screen(file=io.StringIO(), width=width, force_terminal=False)
    screen.print(thing, **how)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@given(st.text())
def test_a_string_is_printed_as_it_is(text: str) -> None:
    assert shown(text) == f"{plain(text)}\n"


@pytest.mark.parametrize(
    "text", ["[/b]", "[bold red]x[/]", "[link=https://evil]x[/link]", ":skull:", "\\[b]"]
)
@pytest.mark.parametrize("how", [{}, {"markup": True, "emoji": True}])
def test_nothing_in_it_is_markup(text: str, how: dict[str, bool]) -> None:
    assert shown(text, **how) == f"{text}\n"
    table = Table(text, title=text)
    table.add_row(text)
    assert shown(table).count(text) == 3
    assert shown(cell(text)) == f"{text}\n"


def test_long_names_are_cut() -> None:
    assert len(in_terminal("x" * 5_000)) < 300
    assert len(cell("x" * 5_000, longest=20).plain) < 21


def test_a_command_stays_whole() -> None:
    command = Command(("aws", "x", *("word",) * 100, Slot("table", "a b")))
    assert shown(command_line(command, 2), width=20, soft_wrap=True) == f"  aws x {'word ' * 100}TABLE_NAME\n"
