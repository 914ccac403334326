"""Cases in the terminal: a table of all, then the story of the first ones."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from coldtrail.alerts.showing.terminal import cell
from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.records.case import Case
from coldtrail.reports.cases_shown import others_of
from coldtrail.reports.table import Row, severity_table

TOLD_CASES = 3
_MOST_LINES = 12
_LONGEST_LINE = 300


def worth_showing(cases: Sequence[Case]) -> bool:
    """Whether cases say more than the alerts do: whether any joins several."""
    return any(len(case.members) > 1 for case in cases)


def print_cases(cases: Sequence[Case], console: Console, limit: int | None = None) -> None:
    """Prints at most `limit` cases as a table, and the timelines of the first ones that join several things.

    Names from telemetry are never read as markup, and their control characters are written out.
    """
    shown = cases if limit is None else cases[: max(limit, 0)]
    rows = (Row(one.severity, one.title, len(one.members), one.last_seen) for one in shown)
    console.print(severity_table("Case", "Signs", rows, console.width))
    if len(shown) < len(cases):
        console.print(cell(f"{counted(len(cases) - len(shown), 'more case')} not shown (limit {limit:,})."))
    stories = [one for one in enumerate(shown, 1) if len(one[1].members) > 1]
    numbers = {case.id: number for number, case in enumerate(cases, 1)}
    for number, case in stories[:TOLD_CASES]:
        console.print(_story(number, case, others_of(case, numbers)))
    console.print(cell(""))


def _story(number: int, case: Case, others: Sequence[int]) -> RenderableType:
    head = cell(f"Case {number}. ", "bold") + cell(case.title, "bold")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for entry in case.timeline[:_MOST_LINES]:
        grid.add_row(cell(moment(entry.at)), cell(entry.what, longest=_LONGEST_LINE))
    hidden = len(case.timeline) - _MOST_LINES
    if hidden > 0:
        grid.add_row(cell(""), cell(f"and {hidden:,} more"))
    if others:
        grid.add_row(cell(""), cell(f"See also case {', '.join(map(str, others))}."))
    return Group("", head, Padding(grid, (0, 0, 0, 3)))
