"""The rows of the bars: what is promised, what was measured, and whether that is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from benchmarks.quality.figures import Rate, each, number, pooled, pooled_by_name, told
from benchmarks.quality.judging import BAND, BUDGET, STRICT, Outcome
from benchmarks.quality.measures.paper import Paper
from benchmarks.quality.measures.release import FLOWS, After, Release
from benchmarks.quality.measures.unpublished import Unpublished
from benchmarks.quality.tables import plain, table
from benchmarks.quality.verbs import MISSING

PASS, SHORT = "pass", "short"
LONGER = "longer_run"
"""The attack that adds four to five seconds."""
LOOKALIKE = "lookalike_bucket"


class BarRow(Struct, frozen=True):
    """One promise."""

    what: str
    bar: str
    measured: str
    seeds: str
    """The lowest and the highest of the seeds."""
    result: str
    """`pass`, `short`, or why neither can be said."""


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


def at_least(what: str, rates: Sequence[Rate], bar: float) -> BarRow:
    """A share that must not be lower."""
    return _row(what, rates, f">= {number(bar, 2)}", lambda share: share >= bar, 3)


def at_most(what: str, rates: Sequence[Rate], bar: float) -> BarRow:
    """A share that must not be higher."""
    return _row(what, rates, f"<= {number(bar, 3)}", lambda share: share <= bar, 4)


def _row(what: str, rates: Sequence[Rate], bar: str, met: Callable[[float], bool], digits: int) -> BarRow:
    whole = pooled(rates)
    if whole.share is None:
        return BarRow(what, bar, "-", "-", "nothing to judge")
    return BarRow(what, bar, told(whole, digits), each(rates, digits), verdict(met(whole.share)))


def verdict(met: bool) -> str:
    """`pass` or `short`."""
    return PASS if met else SHORT


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
    row = _row(f"realised rate, budget {number(budget)}", rates, bar, lambda s: low <= s <= high, 4)
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


def releases(release: Sequence[Release]) -> list[BarRow]:
    """What an update of fifty flows leaves of a release's alarms, and what it costs."""
    after = f"{FLOWS} flows after a release, updated"
    updates = [one.updated for one in release if one.updated is not None]
    rows = release_rows(after, updates, [one.old for one in release])
    seconds = max((one.seconds or 0.0 for one in release), default=0.0)
    time = BarRow("update, wall", "<= 2 s", f"{seconds:.2f} s", "", verdict(seconds <= 2))
    if not updates:
        rows = [BarRow(row.what, row.bar, "-", "", MISSING) for row in [*rows, time]]
    else:
        rows.append(time)
    anew = release_rows(
        f"{FLOWS} flows after a release, learned anew",
        [one.anew for one in release],
        [one.old for one in release],
    )
    stale = [one.old.own.false for one in release]
    unaware = BarRow(
        "the released function's flows, nothing learned of it", "", told(pooled(stale), 4), "", ""
    )
    return [*rows, unaware, *(BarRow(r.what, r.bar, r.measured, r.seeds, f"({r.result})") for r in anew)]


def release_rows(name: str, after: Sequence[After], old: Sequence[After]) -> list[BarRow]:
    """The rows of one way to learn a release."""
    recall = pooled(one.before.found for one in after).share or 0.0
    lost = (pooled(one.before.found for one in old).share or 0.0) - recall
    return [
        at_most(f"{name}: false-alarm rate", [one.all.false for one in after], 0.005),
        at_most(f"{name}: of the released function", [one.own.false for one in after], 0.005),
        BarRow(
            f"{name}: recall of the attacks of before, down by",
            "<= .005",
            f"{lost:.4f}",
            "",
            verdict(lost <= 0.005),
        ),
        BarRow(
            f"{name}: recall on the new version",
            "",
            told(pooled(one.own.found for one in after)),
            each([one.own.found for one in after], 3),
            "",
        ),
    ]


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
