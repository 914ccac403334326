"""The tables of attacks of others, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.control_plane.judging import Benign, Row
from benchmarks.quality.figures import Rate

_HEAD = (
    "| technique | told | case | names the function | severity | delay | what tells |\n"
    "|---|---|---|---|---|---|---|"
)


def report(app: str, found: Sequence[Row], week: Benign, beside: Benign) -> str:
    """Of one application: techniques on functions, others, and what the week itself tells."""
    mine = [row for row in found if row.on_functions]
    others = [row for row in found if not row.on_functions and not row.benign]
    records = [row for row in found if row.benign]
    return "\n".join(
        [
            f"## {app}: attacks on a function or its role",
            "",
            _table(mine),
            "",
            f"A case that names the function: {_share([row.case and row.names_function for row in mine])}.",
            "",
            "## Attacks on neither",
            "",
            _table(others),
            "",
            f"Benign records of others: {len(records)}, of which told: {sum(row.told for row in records)}.",
            f"The benign week by itself: {len(week.cases)} cases, {week.high} of them high or critical, "
            f"{week.alerts} alerts. With attacks laid over it, cases that tell of none of them: "
            f"{len(beside.cases)}, {beside.high} of them high or critical.",
            *(f"- {title}" for title in dict.fromkeys((*week.cases, *beside.cases))),
        ]
    )


def _table(found: Iterable[Row]) -> str:
    return "\n".join([_HEAD, *map(_line, found)])


def _line(row: Row) -> str:
    cells = [
        row.name,
        _yes(row.told),
        _yes(row.case),
        _yes(row.names_function) if row.on_functions else "-",
        row.severity,
        "-" if row.after_s is None else f"{row.after_s:.0f} s",
        ", ".join(row.kinds),
    ]
    return f"| {' | '.join(cells)} |"


def _yes(found: bool) -> str:
    return "yes" if found else "no"


def _share(found: Sequence[bool]) -> str:
    if not found:
        return "-"
    low, high = Rate(sum(found), len(found)).interval()
    return f"{sum(found)}/{len(found)} ({low:.2f} to {high:.2f})"
