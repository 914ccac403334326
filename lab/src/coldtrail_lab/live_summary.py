"""What came of `coldtrail live`: which attacks were made, in which alert each lies, and how it was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from coldtrail.records.alert import Alert
from coldtrail_lab.live_hearing import Telling
from coldtrail_lab.live_playing import Attacked

LEAST_ATTACKS = 6
_NOT_TOLD = Telling(0.0, 0, 0, 0)


class Made(NamedTuple):
    """One attack: a kind on a function."""

    attack: str
    application: str
    function: str
    runs: int
    alerts: tuple[str, ...]
    """Those that hold any of its runs."""
    told: int
    """Times that the alert it lies in was told as new."""
    updates: int
    counted: int
    """Runs that the alert tells; more than 1 where a repeat was counted, and not told again."""
    latency_s: float | None
    """From the moment when the trace was complete that made its alert certain until that was told."""

    @property
    def is_right(self) -> bool:
        """Whether it lies in exactly one alert, which was told once."""
        return len(self.alerts) == 1 and self.told == 1


class Summary(NamedTuple):
    """All of it."""

    attacks: tuple[Made, ...]
    others: int
    """Alerts in which no attack lies."""
    others_told: int

    @property
    def latencies(self) -> list[float]:
        """Of all attacks that were told."""
        return [one.latency_s for one in self.attacks if one.latency_s is not None]

    @property
    def median_s(self) -> float | None:
        """The median latency."""
        return median(self.latencies) if self.latencies else None

    @property
    def worst_s(self) -> float | None:
        """The longest."""
        return max(self.latencies, default=None)

    def number(self, told: int) -> int:
        """Attacks that were told so many times; more often than twice counts as twice."""
        return sum(min(one.told, 2) == told for one in self.attacks)

    @property
    def succeeded(self) -> bool:
        """Whether enough attacks were made, and each was told as it should be."""
        return len(self.attacks) >= LEAST_ATTACKS and all(one.is_right for one in self.attacks)


def summary_of(
    attacked: Sequence[Attacked],
    alerts: Iterable[Alert],
    told: Mapping[str, Telling],
    complete_at: Mapping[str, float],
) -> Summary:
    """The summary; `complete_at` is when all of a trace had been sent, by its id."""
    runs: dict[tuple[str, str, str], list[Attacked]] = defaultdict(list)
    for one in attacked:
        if one.trace in complete_at:
            runs[one.attack, one.application, one.function].append(one)
    alerts = list(alerts)
    made = tuple(_made(some, alerts, told, complete_at) for some in runs.values())
    of_attacks = {id for one in made for id in one.alerts}
    others = [alert.id for alert in alerts if alert.id not in of_attacks]
    return Summary(made, len(others), sum(id in told for id in others))


def _made(
    runs: Sequence[Attacked],
    alerts: Sequence[Alert],
    told: Mapping[str, Telling],
    complete_at: Mapping[str, float],
) -> Made:
    flows = {one.flow for one in runs}
    found = [alert for alert in alerts if flows & {one.function_flow_id for one in alert.evidence}]
    first = found[0] if found else None
    telling = told.get(first.id, _NOT_TOLD) if first else _NOT_TOLD
    one = runs[0]
    return Made(
        one.attack,
        one.application,
        one.function,
        len(runs),
        tuple(alert.id for alert in found),
        telling.triggers,
        telling.updates,
        first.count if first else 0,
        telling.first_at - _complete_at(first, runs, complete_at) if first and telling.triggers else None,
    )


def _complete_at(alert: Alert, runs: Sequence[Attacked], complete_at: Mapping[str, float]) -> float:
    """When the trace had been sent whose run made the alert certain: the one that ended at that time."""
    return complete_at[min(runs, key=lambda one: abs(one.end - alert.told_at)).trace]
