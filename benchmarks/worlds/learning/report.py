"""The figures of many worlds as tables, one for each part."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.quality.figures import pooled, told
from benchmarks.quality.tables import section, table
from benchmarks.worlds.budget import Budget
from benchmarks.worlds.learning.outcome import FALSE, Learned, Row

BARS = {"1,000 flows": ">= .95", "3,000 flows": ">= .98"}
"""Of the attacks found after histories of these sizes, by the name of the row."""


def learning_report(outcomes: Sequence[Learned], budget: Budget) -> str:
    """All tables, as Markdown."""
    parts = dict.fromkeys(part for one in outcomes for part in one.parts)
    seconds = median(sum(one.seconds.values()) for one in outcomes)
    about = (
        f"{len(outcomes)} worlds, {seconds:.0f} s each (median); budget {budget.as_share or budget.as_alerts}"
    )
    return "\n\n".join((about, *(section(f"## {part}", _part(part, outcomes)) for part in parts)))


def _part(part: str, outcomes: Sequence[Learned]) -> str:
    tables = [one.parts[part] for one in outcomes if part in one.parts]
    rows = dict.fromkeys(row for one in tables for row in one)
    columns = dict.fromkeys(column for one in tables for row in one.values() for column in row)
    head = ["learned", *(f"{column} (95 %)" for column in columns), "bar"]
    body = [
        [
            row,
            *(_cell([one[row] for one in tables if row in one], column) for column in columns),
            BARS.get(row, ""),
        ]
        for row in rows
    ]
    return table(head, body)


def _cell(rows: Sequence[Row], column: str) -> str:
    return told(pooled(row[column] for row in rows if column in row), 4 if column.startswith(FALSE) else 3)
