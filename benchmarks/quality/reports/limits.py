"""Little history, poisoned history, and telemetry with gaps."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality.figures import Rate, each, number, pooled, pooled_by_name, short, told
from benchmarks.quality.judging import BAND, BUDGET
from benchmarks.quality.measures.gaps import Gap, Gaps
from benchmarks.quality.measures.new_function import FLOWS, NewFunction
from benchmarks.quality.measures.poisoning import HELD, SHARES, Poisoning
from benchmarks.quality.reports.rows import verdict
from benchmarks.quality.tables import plain, table
from coldtrail.config import MOST_RARE

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
    rows = [row for attack, rate in clean.items() for row in _poisoned(attack, rate, results)]
    shares = (f"{100 * share:g} % hidden" for share in SHARES)
    whole = table(
        ("attack", "learned", "nothing hidden", *shares, "", "hidden flows that the list leads to"), rows
    )
    return f"{whole}\n\nWhat holding back costs, with nothing hidden:\n\n{_prices(results)}"


def _poisoned(attack: str, clean: Rate, results: Sequence[Poisoning]) -> list[tuple[str, ...]]:
    """A row for all that is learned, one with what is rare held back, and one with the list applied."""
    each_share = [
        [point for one in results for point in one.results if (point.attack, point.share) == (attack, share)]
        for share in SHARES
    ]
    learned = [pooled(point.found for point in points) for points in each_share]
    held = [pooled(point.held for point in points) for points in each_share]
    after = [[point.reviewed for point in points if point.reviewed is not None] for points in each_share]
    listed = [point.listed for points in each_share for point in points if point.listed is not None]
    name = plain(attack)
    rows = [
        (name, "all", short(clean), *(short(rate) for rate in learned), _met(learned), ""),
        (
            name,
            f"all but what is rare (--hold-rare {MOST_RARE:g})",
            "",
            *(short(one) for one in held),
            _met(held),
            "",
        ),
    ]
    if any(after):
        found = [pooled(rates) for rates in after]
        cells = (short(rate) for rate in found)
        rows.append((name, "all but what was struck out", "", *cells, _met(found), short(pooled(listed))))
    return rows


def _met(found: Sequence[Rate]) -> str:
    return verdict(min((rate.share for rate in found if rate.share is not None), default=0.0) >= POISONED_BAR)


def _prices(results: Sequence[Poisoning]) -> str:
    rows = []
    for share in HELD:
        points = [point for one in results for point in one.prices if point.share == share]
        found, false = pooled(point.found for point in points), pooled(point.false for point in points)
        rows.append(
            (
                number(share, 2),
                short(pooled(point.flows for point in points)),
                short(pooled(point.entries for point in points)),
                short(found),
                told(false, 4),
                number(Rate(found.part, found.part + false.part).share, 3),
                short(pooled(point.alerts for point in points)),
            )
        )
    head = ("held back: shown by fewer than", "flows held back", "entries of the list held back", "recall")
    return table((*head, "false-alarm rate", "precision", "alerts that are false"), rows)


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
