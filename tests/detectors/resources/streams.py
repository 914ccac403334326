"""Invocations of a function over weeks, as the platform's reports tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

import numpy as np

from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources import ResourceDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Report

BEGIN = 1_700_006_400.0
"""A midnight."""
DAY_S = 86_400.0
KEY = FunctionKey("111122223333", "eu-west-1", "shop", "pay")
Factor = Callable[[float], float]


def steady(day: float) -> float:
    """Nothing changes."""
    return 1.0


def from_day(begin: float, times: float) -> Factor:
    """So many times as much from a day on."""
    return lambda day: times if day >= begin else 1.0


def reports(
    days: float,
    calls: int = 200,
    seed: int = 1,
    key: FunctionKey = KEY,
    begin: float = 0.0,
    version: Callable[[float], str] = lambda day: "1",
    **factors: Factor,
) -> list[Encounter]:
    """So many calls a day; `memory`, `duration`, `init`, `cpu`, `sent` are changed by factors of the day."""
    random = np.random.default_rng(seed)
    found = []
    for number, day in enumerate(np.sort(begin + random.uniform(0, days, int(days * calls)))):
        of = {name: factors.get(name, steady)(day) for name in ("memory", "duration", "init", "cpu", "sent")}
        duration = 0.2 * np.exp(random.normal(0, 0.9)) * of["duration"]
        told = Report(
            BEGIN + day * DAY_S,
            f"r-{seed}-{number}",
            key.function,
            version=version(day),
            duration_s=duration,
            billed_s=duration,
            init_s=0.5 * np.exp(random.normal(0, 0.1)) * of["init"] if number % 10 == 0 else None,
            cpu_s=duration * 0.3 * of["cpu"],
            memory_mb=512.0,
            memory_used_mb=100.0 * np.exp(random.normal(0, 0.03)) * of["memory"],
            tx_bytes=50_000.0 * np.exp(random.normal(0, 0.3)) * of["sent"],
        )
        found.append(Encounter(BEGIN + day * DAY_S, told, key))
    return found


def windows(days: float, seed: int = 1, memory: Factor = steady) -> list[Encounter]:
    """Minutes of which the cloud counts alone tell."""
    random = np.random.default_rng(seed)
    found = []
    for minute in range(0, int(days * 1_440), 5):
        told = Window(
            *KEY,
            start_time=BEGIN + minute * 60.0,
            source="metrics",
            invocations=3.0,
            memory_mb_max=100.0 * np.exp(random.normal(0, 0.03)) * memory(minute / 1_440),
            duration_s_median=0.2 * np.exp(random.normal(0, 0.3)),
        )
        found.append(Encounter(BEGIN + (minute + 1) * 60.0, told, KEY))
    return found


def told(
    encounters: Iterable[Encounter], until: float = inf, settings: BaselineSettings | None = None
) -> list[Signal]:
    """What a fresh detector finds."""
    detector = ResourceDetector(settings or BaselineSettings())
    return detector.see(sorted(encounters, key=lambda one: one.at), until)


def kinds(signals: Iterable[Signal]) -> list[tuple[str, str]]:
    """The kinds and measures of those that are alerts by themselves."""
    return [(one.finding.kind, getattr(one.finding.seen, "of", "")) for one in signals if one.alone]


def day_of(signal: Signal) -> float:
    """The day on which it was certain, from 0 on."""
    return (signal.at - BEGIN) / DAY_S
