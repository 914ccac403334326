"""Markdown tables whose columns line up, so that a terminal shows them as well."""

from __future__ import annotations

from collections.abc import Sequence

Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; empty without rows."""
    if not rows:
        return ""
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Row, widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


def section(title: str, *parts: str) -> str:
    """A heading and what stands under it, empty parts left out."""
    return "\n\n".join([title, *(part for part in parts if part)])


def plain(name: str) -> str:
    """A name of the testbed in words: `data_leakage` is `data leakage`."""
    return name.replace("_", " ")
