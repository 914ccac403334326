"""The figures of many worlds as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from benchmarks.quality.figures import Rate, number, pooled, pooled_by_name, told
from benchmarks.quality.tables import section, table
from benchmarks.worlds.budget import Budget
from benchmarks.worlds.counts import Count, told_count
from benchmarks.worlds.outcome import Day, Outcome, pooled_days, recall

WORST = 0.1
"""The share of the worlds that are the worst decile."""


def report(outcomes: Sequence[Outcome], budget: Budget | None = None) -> str:
    """All tables, as Markdown, beside the budget that was asked for."""
    budget = budget or Budget()
    return "\n\n".join(
        (
            section("## Worlds", _sizes(outcomes)),
            section("## Attacks on single runs", _recall(outcomes), _attacks(outcomes)),
            section("## False alarms", _false(outcomes, budget)),
            section("## Alerts a day on benign days", _days(outcomes, budget)),
            section("## What lasts", _lasting(outcomes)),
        )
    )


def _sizes(outcomes: Sequence[Outcome]) -> str:
    rows = [
        ["worlds", f"{len(outcomes)}"],
        ["functions: fewest, median, most", _spread([one.functions for one in outcomes])],
        ["flows learned: fewest, median, most", _spread([one.learned for one in outcomes])],
        ["attacks judged: fewest, median, most", _spread([recall(one).whole for one in outcomes])],
        ["attacks on functions with history that were not judged", f"{sum(o.not_judged for o in outcomes)}"],
        ["seconds a world, median", f"{median(sum(one.seconds.values()) for one in outcomes):.1f}"],
    ]
    return table(["what", "value"], rows)


def _spread(values: Sequence[int]) -> str:
    return f"{min(values):,}, {median(values):,.0f}, {max(values):,}"


def _recall(outcomes: Sequence[Outcome]) -> str:
    rates = sorted((recall(one) for one in outcomes), key=lambda rate: rate.share or 0.0)
    worst = rates[: max(round(WORST * len(rates)), 1)]
    rows = [
        ["found, pooled", told(pooled(rates)), ">= .985"],
        ["found, median world", number(median(rate.share or 0.0 for rate in rates)), ""],
        ["found, worst decile of worlds", told(pooled(worst)), ">= .95"],
        ["first reason names what was injected", told(pooled(one.first for one in outcomes)), ">= .95"],
        ["found in functions with 20 to 49 flows", told(pooled(one.thin for one in outcomes)), ">= .9"],
    ]
    for rule in ("seen paths", "seen counts"):
        rates = [one.rules.get(rule, {}).get("found", Rate()) for one in outcomes]
        rows.append([f"found by the rule of {rule}", told(pooled(rates)), ""])
    return table(["what", "measured (95 %)", "bar"], rows)


def _attacks(outcomes: Sequence[Outcome]) -> str:
    found = pooled_by_name(one.found for one in outcomes)
    alerted = pooled_by_name(one.alerted for one in outcomes)
    rows = [[name, told(rate), told(alerted.get(name, Rate()))] for name, rate in found.items()]
    return table(["attack", "found (95 %)", "told in an alert"], rows)


ON_BENIGN_DAYS = ("plain", "cold", "failed")
FALSE_BARS = {"plain": "<= .0008", "cold": "<= .001", "failed": "<= .005", "deployed": "<= .003"}


def _false(outcomes: Sequence[Outcome], budget: Budget) -> str:
    false = pooled_by_name(one.false for one in outcomes)
    of_days = pooled(rate for kind, rate in false.items() if kind in ON_BENIGN_DAYS)
    rows = [["all of benign days", told(of_days, 4), budget.as_share]]
    rows += [[name, told(rate, 4), FALSE_BARS.get(name, "")] for name, rate in false.items()]
    thin = pooled(one.thin_false for one in outcomes)
    rows.append(["of functions with 20 to 49 flows", told(thin, 4), ""])
    for rule in ("seen paths", "seen counts"):
        rates = [one.rules.get(rule, {}).get("false", Rate()) for one in outcomes]
        rows.append([f"benign days, by the rule of {rule}", told(pooled(rates), 4), ""])
    return table(["benign flows", "that alarm (95 %)", "bar, or budget"], rows)


def _days(outcomes: Sequence[Outcome], budget: Budget) -> str:
    scenes = dict.fromkeys(scene for one in outcomes for scene in one.benign)
    rows = []
    for scene in scenes:
        days = [one.benign[scene] for one in outcomes if scene in one.benign]
        total = pooled_days(days)
        rows.append(
            [
                scene,
                told_count(Count(total.alerts, total.days), "days"),
                budget.as_alerts,
                _per_thousand(days, lambda day: day.alerts),
                _per_thousand(days, lambda day: day.high),
            ]
        )
    head = ["scene", "alerts a day (95 %)", "budget", "... per 1,000 flows a day", "... high or critical"]
    return table(head, rows)


def _per_thousand(days: Iterable[Day], count: Callable[[Day], int]) -> str:
    """Alerts a day for each 1,000 flows a day, over all worlds: alerts for each 1,000 flows."""
    days = list(days)
    return f"{1_000.0 * sum(map(count, days)) / max(sum(day.flows for day in days), 1):.3f}"


def _lasting(outcomes: Sequence[Outcome]) -> str:
    rows = [
        [f"{name}: told", told(rate)] for name, rate in pooled_by_name(o.shifts for o in outcomes).items()
    ]
    for scene in dict.fromkeys(name for one in outcomes for name in one.false_shifts):
        shifts = [one.false_shifts[scene] for one in outcomes if scene in one.false_shifts]
        mean = sum(shifts) / len(shifts)
        rows.append([f"shifts told of {scene} days: mean, most of a world", f"{mean:.2f}, {max(shifts)}"])
    return table(["what", "measured"], rows)
