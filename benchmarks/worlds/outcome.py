"""What was measured in a world, as counts that can be pooled over worlds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from benchmarks.quality.figures import Rate
from benchmarks.worlds.product import Told
from benchmarks.worlds.writing import Truth

HIGH = ("high", "critical")


class Day(Struct):
    """Alerts of some benign time."""

    days: float = 0.0
    flows: int = 0
    alerts: int = 0
    high: int = 0


class Outcome(Struct):
    """The figures of one world."""

    seed: int
    functions: int = 0
    learned: int = 0
    found: dict[str, Rate] = field(default_factory=dict)
    """(attack)"""
    alerted: dict[str, Rate] = field(default_factory=dict)
    """(attack) found, and told in an alert"""
    thin: Rate = field(default_factory=Rate)
    """Attacks found in functions with 20 to 49 flows learned."""
    thin_false: Rate = field(default_factory=Rate)
    """Benign runs of these functions that alarm."""
    not_judged: int = 0
    """Attacks on functions with more flows that were not judged."""
    false: dict[str, Rate] = field(default_factory=dict)
    """(kind of benign flow) that alarmed"""
    benign: dict[str, Day] = field(default_factory=dict)
    """(scene)"""
    first: Rate = field(default_factory=Rate)
    """Found attacks whose first reason names what was injected."""
    shifts: dict[str, Rate] = field(default_factory=dict)
    """(attack that lasts) whether it was told"""
    false_shifts: dict[str, int] = field(default_factory=dict)
    """(scene) shifts told though nothing changed, or only how busy people are"""
    rules: dict[str, dict[str, Rate]] = field(default_factory=dict)
    """(simple rule, what) the same figures of rules that a user would write instead"""
    seconds: dict[str, float] = field(default_factory=dict)


def count_false(outcome: Outcome, scene: str, truths: Mapping[str, Truth], told: Told) -> None:
    """Counts the false alarms of a scene, under what each flow is."""
    for flow, truth in truths.items():
        if truth.attack is None and told.judged(flow):
            kind = scene if scene != "plain" else _kind(truth)
            add(outcome.false, kind, told.anomalous(flow))


def count_thin(
    outcome: Outcome, truths: Mapping[str, Truth], told: Told, learned: Mapping[str, int], ready: int
) -> None:
    """Counts once more the false alarms of functions with less history than most are judged from."""
    for flow, truth in truths.items():
        if told.judged(flow) and learned.get(truth.function, 0) < ready:
            outcome.thin_false += Rate(int(told.anomalous(flow)), 1)


def _kind(truth: Truth) -> str:
    if truth.failed:
        return "failed"
    return "cold" if truth.cold else "plain"


def add(table: dict[str, Rate], name: str, part: bool) -> None:
    """Counts one more under a name."""
    table[name] = table.get(name, Rate()) + Rate(int(part), 1)


def count_day(outcome: Outcome, scene: str, days: float, flows: int, told: Told) -> None:
    """Counts the alerts that a person would read of benign time."""
    day = outcome.benign.setdefault(scene, Day())
    day.days += days
    day.flows += flows
    day.alerts += len(told.alerts)
    day.high += sum(one["severity"] in HIGH for one in told.alerts)


def count_attacks(
    outcome: Outcome, truths: Mapping[str, Truth], told: Told, learned: Mapping[str, int], ready: int
) -> None:
    """Counts the attacks that were found, and what was said first of them."""
    in_alerts = told.in_alerts()
    for flow, truth in truths.items():
        if truth.attack is None:
            continue
        found = told.judged(flow) and told.anomalous(flow)
        if learned.get(truth.function, 0) < ready:
            outcome.thin += Rate(int(found), 1)
            continue
        outcome.not_judged += not told.judged(flow)
        add(outcome.found, truth.attack, found)
        add(outcome.alerted, truth.attack, found and flow in in_alerts)
        if found:
            reasons = told.verdicts[flow]["reasons"]
            right = bool(reasons) and reasons[0]["event_id"] in truth.events
            outcome.first += Rate(int(right), 1)


def recall(outcome: Outcome) -> Rate:
    """Of all attacks of a world, those that were found."""
    return sum(outcome.found.values(), Rate())


def pooled_days(days: Iterable[Day]) -> Day:
    """All of them as one."""
    total = Day()
    for day in days:
        total.days += day.days
        total.flows += day.flows
        total.alerts += day.alerts
        total.high += day.high
    return total
