"""What each channel is for, and what more history and other budgets give."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.quality.figures import Rate, number, pooled, pooled_by_name, short, told
from benchmarks.quality.measures.ablation import Ablation, Without
from benchmarks.quality.measures.sensitivity import BUDGETS, Point, Sensitivity
from benchmarks.quality.tables import plain, table

UNSUPPORTED = "*"
LOSS = 0.02
"""Attacks of which so much more is missed are named."""


def ablation_table(results: Sequence[Ablation]) -> str:
    """A row for each thing left out."""
    groups: dict[str, list[Without]] = {}
    for one in results:
        for without in one.results:
            groups.setdefault(without.missing, []).append(without)
    whole = pooled_by_name(one.lost for one in groups["nothing"]) if groups else {}
    head = ("without", "recall: the paper's", "recall: the others", "false-alarm rate", "missed more often")
    return table(head, [_without(name, group, whole) for name, group in groups.items()])


def _without(name: str, group: Sequence[Without], whole: dict[str, Rate]) -> tuple[str, ...]:
    left = pooled_by_name(one.lost for one in group)
    fallen = [
        f"{plain(attack)} ({number(rate.share, 2)})"
        for attack, rate in left.items()
        if (whole[attack].share or 0.0) - (rate.share or 0.0) > LOSS
    ]
    return (
        name,
        short(pooled(one.paper for one in group)),
        short(pooled(one.unpublished for one in group)),
        told(pooled(one.false for one in group), 4),
        ", ".join(fallen),
    )


def sensitivity_tables(results: Sequence[Sensitivity]) -> str:
    """Recall and false-alarm rate, a row a size of history and a column a budget."""
    recall = _grid("recall, flows learned", results, lambda point: point.found, 3)
    false = _grid("false-alarm rate, flows learned", results, lambda point: point.false, 4)
    note = (
        f"{UNSUPPORTED} The history cannot support this budget: asked for, it is refused; here it is tried."
    )
    said = sorted({point.remark for one in results for point in one.points if point.remark})
    return "\n\n".join(part for part in (recall, false, note if said else "", _example(said)) if part)


def _example(said: Sequence[str]) -> str:
    return f"What `coldtrail train` says of it, for example: {said[0]}" if said else ""


def _grid(title: str, results: Sequence[Sensitivity], rate: Callable[[Point], Rate], digits: int) -> str:
    points = [point for one in results for point in one.points]
    rows = []
    for size in sorted({point.flows for point in points}):
        own = [point for point in points if point.flows == size]
        unready = number(pooled(point.not_ready for point in own).share, 2)
        cells = [_cell([one for one in own if one.budget == budget], rate, digits) for budget in BUDGETS]
        rows.append((f"{size:,}", unready, *cells))
    return table((title, "not ready", *(f"budget {budget:g}" for budget in BUDGETS)), rows)


def _cell(points: Sequence[Point], rate: Callable[[Point], Rate], digits: int) -> str:
    if any(point.refused for point in points):
        return "refused"
    mark = UNSUPPORTED if any(point.remark for point in points) else ""
    return number(pooled(rate(point) for point in points).share, digits) + mark
