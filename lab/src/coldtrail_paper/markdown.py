"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail_paper.published import published
from coldtrail_paper.report import Report
from coldtrail_paper.tables import Table


def markdown(report: Report) -> str:
    """The report; its figures are files beside it."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    kind = " (a quick run)" if report.quick else ""
    yield f"# The paper's experiment, reproduced{kind}"
    yield f"\n{published().authors}: *{published().title}*.\n\n{report.lead}"
    for warning in report.warnings:
        yield f"\n> {warning}"
    for table in report.tables:
        yield f"\n## Table {table.number}: {table.title}\n"
        yield from _table(table)
    for figure in report.figures:
        yield f"\n## Figure {figure.number}: {figure.title}\n\n![{figure.title}]({figure.file})"
        if figure.caption:
            yield f"\n{figure.caption}"
    for table in report.more:
        yield f"\n## {table.title}\n"
        yield from _table(table)
    yield "\n## In what this differs from the paper\n"
    yield from (f"- {sentence}" for sentence in report.differences)
    yield "\n## Machine and versions\n"
    yield f"{report.machine}; {', '.join(f'{name} {number}' for name, number in report.versions)}."
    yield f"This command took {report.seconds:,.0f} s; stages that were done before it are not in that."


def _table(table: Table) -> Iterator[str]:
    yield _row(table.head)
    yield _row([":--" if place < table.text_columns else "--:" for place in range(len(table.head))])
    yield from (_row(row) for row in table.rows)
    if table.note:
        yield f"\n{table.note}"


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
