"""Little history, poisoned history, and telemetry with gaps."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality.figures import Rate, each, number, pooled, pooled_by_name, short, told
from benchmarks.quality.judging import BAND, BUDGET
from benchmarks.quality.measures.gaps import Gap, Gaps
from benchmarks.quality.measures.new_function import FLOWS, NewFunction
from benchmarks.quality.measures.poisoning import SHARES, Poisoned, Poisoning
from benchmarks.quality.reports.rows import verdict
from benchmarks.quality.tables import plain, table
from benchmarks.quality.verbs import MISSING

POISONED_BAR = 0.95
NEW_FUNCTION_BAR = 0.9


def new_function_table(results: Sequence[NewFunction]) -> str:
    """A row a function, and one for all."""
    false = pooled_by_name(one.false for one in results)
    rows = [
        (name, told(found), told(false[name], 4), "", "")
        for name, found in pooled_by_name(one.found for one in results).items()
    ]
    seeds = [pooled(one.found.values()) for one in results]
    recall = pooled(seeds)
    met = verdict((recall.share or 0.0) >= NEW_FUNCTION_BAR) if recall.whole else ""
    rows.append(("all", told(recall), told(pooled(false.values()), 4), each(seeds, 3), met))
    head = (f"with {FLOWS} flows of its own", f"recall (bar {number(NEW_FUNCTION_BAR, 2)})")
    return table((*head, "false-alarm rate", "recall of the seeds", ""), rows)


def poisoning_table(results: Sequence[Poisoning]) -> str:
    """A row an attack: recall with more and more of it hidden in what was learned."""
    clean = pooled_by_name(one.clean for one in results)
    rows = [_poisoned(attack, rate, results) for attack, rate in clean.items()]
    shares = (f"{100 * share:g} % hidden" for share in SHARES)
    return table(
        ("attack", "nothing hidden", *shares, "", "review list applied", "hidden flows it leads to"), rows
    )


def _poisoned(attack: str, clean: Rate, results: Sequence[Poisoning]) -> tuple[str, ...]:
    each_share = [
        [point for one in results for point in one.results if (point.attack, point.share) == (attack, share)]
        for share in SHARES
    ]
    found = [pooled(point.found for point in points) for points in each_share]
    worst = min((rate.share for rate in found if rate.share is not None), default=0.0)
    after, listed = _reviewed(each_share[-1])
    met = verdict(worst >= POISONED_BAR)
    return plain(attack), short(clean), *(short(rate) for rate in found), met, after, listed


def _reviewed(points: Sequence[Poisoned]) -> tuple[str, str]:
    """What the review list gives where most is hidden."""
    found = [point.reviewed for point in points if point.reviewed is not None]
    listed = [point.listed for point in points if point.listed is not None]
    return (short(pooled(found)), short(pooled(listed))) if found else (MISSING, MISSING)


def gaps_table(results: Sequence[Gaps]) -> str:
    """A row a kind of gap and share."""
    groups: dict[tuple[str, float], list[Gap]] = {}
    for one in results:
        for gap in one.results:
            groups.setdefault((gap.kind, gap.share), []).append(gap)
    upper = (1 + BAND) * BUDGET
    head = ("gap", "share", "flows learned", "recall", f"false-alarm rate (bar <= {number(upper, 4)})")
    rows = [_gap(kind, share, gaps, upper) for (kind, share), gaps in groups.items()]
    return table((*head, "seeds from, to", "not ready", ""), rows)


def _gap(kind: str, share: float, gaps: Sequence[Gap], upper: float) -> tuple[str, ...]:
    false = pooled(gap.false for gap in gaps)
    learned = sum(gap.learned for gap in gaps) // len(gaps)
    return (
        kind,
        f"{100 * share:g} %",
        f"{learned:,}",
        short(pooled(gap.found for gap in gaps)),
        told(false, 4),
        each(gap.false for gap in gaps),
        number(pooled(gap.not_ready for gap in gaps).share, 3),
        verdict((false.share or 0.0) <= upper),
    )
