"""The tables of attacks beyond single runs, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.incidents.judging import Outcome, Told
from benchmarks.quality.figures import Rate

SOON_S = 60.0


def report(attacked: Sequence[Outcome], benign: Sequence[Outcome]) -> str:
    """What was told of each attack, and what was told where there was none."""
    incidents = [one for outcome in attacked for one in outcome.incidents]
    names = sorted({one.attack for one in incidents})
    rows = [_row(name, [one for one in incidents if one.attack == name]) for name in names]
    rows.append(_row("all", incidents))
    head = (
        "| attack | told | as one case | within 60 s | names the function | median delay |\n"
        "|---|---|---|---|---|---|"
    )
    days = sum(one.days for one in benign)
    false = [title for one in benign for title in one.false_cases]
    beside = [title for one in attacked for title in one.false_cases]
    joined = [one for outcome in attacked for one in outcome.incidents if one.cases]
    pure = sum(one.alone for one in joined)
    apart = [one for one in incidents if one.apart]
    return "\n".join(
        [
            "\n".join([head, *rows]),
            "",
            f"Attacks that are told, and alone in the first of their cases: {_share(pure, len(joined))}.",
            f"Attacks that share neither function nor stolen key with another of their run: {len(apart)}; in "
            f"exactly one case {_share(sum(one.cases == 1 for one in apart), len(apart))}, alone in it "
            f"{_share(sum(one.cases == 1 and one.alone for one in apart), len(apart))}.",
            f"Benign runs with what looks like attacks: {len(benign)}, {days:g} days: "
            f"{len(false)} false cases ({len(false) / max(days, 1e-9):.2f} a day), "
            f"{sum(one.false_high for one in benign)} of them high or critical, "
            f"{sum(one.alerts for one in benign) / max(days, 1e-9):.2f} alerts a day.",
            f"Cases of attacked runs that tell of no attack: {len(beside)}.",
            *_listed("False cases", [*false, *beside]),
        ]
    )


def _row(name: str, told: Sequence[Told]) -> str:
    found = [one for one in told if one.cases]
    soon = [one for one in found if one.after_s is None or one.after_s <= SOON_S]
    delays = [one.after_s for one in found if one.after_s is not None]
    cells = [
        _share(len(found), len(told)),
        _share(sum(one.cases == 1 for one in told), len(told)),
        _share(len(soon), len(told)),
        _share(sum(one.names_function for one in told), len(told)),
        f"{median(delays):.0f} s" if delays else "-",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    low, high = Rate(part, whole).interval()
    return f"{part}/{whole} ({low:.2f} to {high:.2f})"


def _listed(head: str, titles: Iterable[str]) -> list[str]:
    lines = [f"- {title}" for title in titles]
    return ["", f"{head}:", *lines] if lines else []
