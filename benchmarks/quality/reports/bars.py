"""The rows of the bars: what is promised, what was measured, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.quality.figures import Rate, each, number, pooled, pooled_by_name, told
from benchmarks.quality.judging import BAND, BUDGET, STRICT, Outcome
from benchmarks.quality.measures.paper import Paper
from benchmarks.quality.measures.release import Release
from benchmarks.quality.measures.unpublished import Unpublished
from benchmarks.quality.reports.releases import releases
from benchmarks.quality.reports.rows import PASS, SHORT, BarRow, at_least, at_most, row_of, verdict
from benchmarks.quality.tables import plain, table
from benchmarks.quality.verbs import MISSING

LONGER = "longer_run"
"""The attack that adds four to five seconds."""
LOOKALIKE = "lookalike_bucket"


def bars(
    paper: Sequence[Paper], unpublished: Sequence[Unpublished], release: Sequence[Release]
) -> list[BarRow]:
    """The rows of one application."""
    usual, strict = [one.usual for one in paper], [one.strict for one in paper]
    return [
        *at_budget(usual),
        *at_strict_budget(strict),
        realised(usual, BUDGET),
        realised(strict, STRICT),
        refusal(paper),
        *against_seen_set(paper),
        look_alike_name(unpublished),
        *releases(release),
        cold_starts(usual),
        at_least("injected event is the first reason", [one.named for one in usual], 0.90),
    ]


def at_budget(usual: Sequence[Outcome]) -> list[BarRow]:
    """Recall, precision, false-alarm rate and each of the paper's attacks."""
    found = [one.found for one in usual]
    rows = [
        at_least(f"recall, budget {number(BUDGET)}", found, 0.99),
        at_least("precision", [one.precision for one in usual], 0.97),
        at_most("false-alarm rate", [one.false for one in usual], BUDGET),
    ]
    for attack in pooled_by_name(one.attacks for one in usual):
        rates = [one.attacks.get(attack, Rate()) for one in usual]
        rows.append(at_least(f"found: {plain(attack)}", rates, 0.97))
    return rows


def at_strict_budget(strict: Sequence[Outcome]) -> list[BarRow]:
    """Recall of all, and of the attack that only adds time."""
    longer = [one.attacks.get(LONGER, Rate()) for one in strict]
    return [
        at_least(f"recall, budget {number(STRICT)}", [one.found for one in strict], 0.95),
        at_least(f"+4-5 s ({plain(LONGER)}), budget {number(STRICT)}", longer, 0.80),
    ]


def realised(outcomes: Sequence[Outcome], budget: float) -> BarRow:
    """Whether the rate that comes true is near the budget, from above and from below."""
    low, high = (1 - BAND) * budget, (1 + BAND) * budget
    bar = f"{number(low, 4)} to {number(high, 4)}"
    rates = [one.false for one in outcomes]
    row = row_of(f"realised rate, budget {number(budget)}", rates, bar, lambda s: low <= s <= high, 4)
    share = pooled(rates).share
    calm = row.result == SHORT and share is not None and share < low
    return BarRow(
        row.what, row.bar, row.measured, row.seeds, f"{SHORT} (calmer than asked)" if calm else row.result
    )


def refusal(paper: Sequence[Paper]) -> BarRow:
    """Whether a budget that the history cannot support is refused, and how much it would take is said."""
    refused = all(one.refused for one in paper)
    said = {one.refusal for one in paper}
    measured = "refused" if refused else "a warning only" if all(said) else "taken without a word"
    result = verdict(refused and all(any(c.isdigit() for c in one) for one in said))
    return BarRow(
        "budget .0001 with too little history", "refused, with the flows it takes", measured, "", result
    )


def against_seen_set(paper: Sequence[Paper]) -> list[BarRow]:
    """Half its false alarms at no lower recall."""
    theirs_found, theirs_false = (pooled(one.seen_set[i] for one in paper) for i in (0, 1))
    ours_found, ours_false = (
        pooled(one.usual.found for one in paper),
        pooled(one.usual.false for one in paper),
    )
    return [
        BarRow(
            "false alarms against seen set + largest time",
            f"<= half of {theirs_false.part}",
            str(ours_false.part),
            "",
            verdict(2 * ours_false.part <= theirs_false.part),
        ),
        BarRow(
            "recall against it",
            f">= {number(theirs_found.share)}",
            number(ours_found.share),
            "",
            verdict((ours_found.share or 0) >= (theirs_found.share or 0)),
        ),
    ]


def look_alike_name(unpublished: Sequence[Unpublished]) -> BarRow:
    """A resource whose name differs by one character."""
    rates = [one.usual.attacks.get(LOOKALIKE, Rate()) for one in unpublished]
    return at_least("resource named one character apart", rates, 1.0)


def cold_starts(usual: Sequence[Outcome]) -> BarRow:
    """Cold benign runs must not alarm twice as often as all."""
    cold, overall = pooled(one.cold for one in usual), pooled(one.false for one in usual).share or 0.0
    share = cold.share or 0.0
    bar = f"<= {number(2 * overall, 4)} (twice the overall)"
    rates = each([one.cold for one in usual])
    return BarRow("false-alarm rate of cold starts", bar, told(cold, 4), rates, verdict(share <= 2 * overall))


def bars_table(rows: Iterable[BarRow]) -> str:
    """The rows as Markdown."""
    cells = [(row.what, row.bar, row.measured, row.seeds, row.result) for row in rows]
    return table(("what", "bar", "measured (95 %)", "seeds from, to", ""), cells)


def tally(rows: Sequence[BarRow]) -> str:
    """How many pass, and which are short, in a sentence."""
    short = [row.what for row in rows if row.result.startswith(SHORT)]
    passed = sum(row.result == PASS for row in rows)
    missing = sum(row.result == MISSING for row in rows)
    return f"{passed} pass, {len(short)} short{f', {missing} not there yet' if missing else ''}." + (
        f" Short: {'; '.join(short)}." if short else ""
    )
