"""What all sources counted of one minute of a function."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.assembly.counted import Counted, commonest, count_name
from coldtrail.records.identity import FunctionKey

MINUTE_S = 60.0


class Minute(Struct):
    """What all sources counted of one minute."""

    metrics: dict[str, Counted] = {}
    """By version; that of an empty one is of all."""
    period_s: float = MINUTE_S
    reports: Counted | None = None
    insights: Counted | None = None
    flows: Counted | None = None
    traced: int = 0
    samples: Counted | None = None
    trigger: str | None = None
    """As metrics tell it."""
    triggers: dict[str, int] = {}
    """Of flows, with their number, as the callers."""
    callers: dict[str, int] = {}


Minutes = list[tuple[FunctionKey, dict[float, Minute]]]
"""By their starts."""


def add(minute: Minute, other: Minute) -> None:
    """Adds what flows tell that were counted elsewhere."""
    minute.traced += other.traced
    if other.flows is not None:
        if minute.flows is None:
            minute.flows = Counted()
        minute.flows.add(other.flows)
    for names, more in ((minute.callers, other.callers), (minute.triggers, other.triggers)):
        for name, number in more.items():
            count_name(names, name, number)


def trigger_of(minutes: list[Minute]) -> str | None:
    """What started most runs of a minute: as metrics tell it, else as flows do."""
    told = [one.trigger for one in minutes if one.trigger is not None]
    return min(told, default=None) or commonest(names_of([one.triggers for one in minutes]))


def names_of(parts: list[dict[str, int]]) -> dict[str, int]:
    """What was counted by name in all parts."""
    if len(parts) == 1:
        return parts[0]
    names: dict[str, int] = {}
    for part in parts:
        for name, number in part.items():
            count_name(names, name, number)
    return names
