"""Functions that run so often a minute, as the detector sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any

from coldtrail.config import BaselineSettings
from coldtrail.detectors.rates.detector import RatesDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.window import Window

BEGIN = 28_330_560
"""A Monday at 0 h, in minutes since the epoch."""
ACCOUNT, REGION = "111122223333", "eu-west-1"
HOUR, DAY = 60, 1_440


def key(name: str, account: str = ACCOUNT, region: str = REGION) -> FunctionKey:
    return FunctionKey(account, region, "shop", name)


def window(name: str, minute: int, invocations: float, **fields: Any) -> Encounter:
    """What ran in a minute, counted from `BEGIN`."""
    whose = key(name, fields.pop("account", ACCOUNT), fields.pop("region", REGION))
    start = 60.0 * (BEGIN + minute)
    plain = {"start_time": start, "source": "metrics", "invocations": float(invocations)}
    told = Window(*whose, **plain | fields)
    return Encounter(start + told.period_s, told, whose)


def windows(counts: Mapping[str, Iterable[float]], first: int = 0, **fields: Any) -> Iterator[Encounter]:
    """What ran minute by minute; where nothing ran nothing is told."""
    for minute, together in enumerate(zip(*counts.values(), strict=True), first):
        for name, number in zip(counts, together, strict=True):
            if number:
                yield window(name, minute, number, **fields)


def detector(**settings: Any) -> RatesDetector:
    return RatesDetector(BaselineSettings(**settings))


def signals(seen: Iterable[Encounter]) -> list[Signal]:
    return detector().see(sorted(seen, key=lambda one: one.at), inf)


def alone(seen: Iterable[Encounter]) -> list[Signal]:
    return [one for one in signals(seen) if one.alone]
