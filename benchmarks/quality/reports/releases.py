"""What an update of fifty flows leaves of a release's alarms, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality.figures import each, pooled, told
from benchmarks.quality.measures.release import FLOWS, After, Release
from benchmarks.quality.reports.rows import BarRow, at_most, verdict
from benchmarks.quality.verbs import MISSING

MOST = 0.005


def releases(results: Sequence[Release]) -> list[BarRow]:
    """The rows of the promise, and beside them what other ways to learn a release give."""
    if not results:
        return []
    old = [one.old for one in results]
    rows = promised(results)
    silent = [one.unconfirmed for one in results if one.unconfirmed is not None]
    if silent:
        rows += beside(after_release("... updated, not told that it is wanted", silent, old))
    rows += beside(after_release("... nothing learned of it", old, old))
    return [*rows, *beside(after_release("... learned anew", [one.anew for one in results], old))]


def promised(results: Sequence[Release]) -> list[BarRow]:
    """The rows of an update that a person confirmed, with its time."""
    name = f"{FLOWS} flows after a release"
    updates = [one.updated for one in results if one.updated is not None]
    if not updates:
        return [BarRow(f"{name}, updated", "", "-", "", MISSING)]
    seconds = max(one.seconds or 0.0 for one in results)
    cpu_s = max(one.cpu_s or 0.0 for one in results)
    spent = f"{seconds:.2f} s ({cpu_s:.2f} s of the processor)"
    time = BarRow("update, wall", "<= 2 s", spent, "", verdict(seconds <= 2))
    return [*after_release(name, updates, [one.old for one in results]), time]


def beside(rows: Sequence[BarRow]) -> list[BarRow]:
    """The rows as what is no promise."""
    return [
        BarRow(row.what, row.bar, row.measured, row.seeds, f"({row.result})" if row.result else "")
        for row in rows
    ]


def after_release(name: str, after: Sequence[After], old: Sequence[After]) -> list[BarRow]:
    """The rows of one way to learn a release."""
    recall = pooled(one.before.found for one in after).share or 0.0
    lost = (pooled(one.before.found for one in old).share or 0.0) - recall
    found = [one.own.found for one in after]
    return [
        at_most(f"{name}: false-alarm rate", [one.all.false for one in after], MOST),
        at_most(f"{name}: of the released function", [one.own.false for one in after], MOST),
        BarRow(
            f"{name}: recall of the attacks of before, down by",
            f"<= {MOST}".replace("0.", "."),
            f"{lost:.4f}",
            "",
            verdict(lost <= MOST),
        ),
        BarRow(f"{name}: recall on the new version", "", told(pooled(found)), each(found, 3), ""),
    ]
