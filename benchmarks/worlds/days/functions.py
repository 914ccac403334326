"""Draws functions: what starts them how often, what they use, and how both wander.

Rates are those of the public Azure traces of 2019: half are timers, the median runs once in ten minutes, the
busiest hundredth a hundred times a minute. The 99th percentile of durations is 7.9 times the median, that of
memory 1.14 times (https://github.com/Azure/AzurePublicDataset; 552 functions of Lambda).
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from coldtrail.records.identity import FunctionKey

ACCOUNT, REGION = "111122223333", "eu-west-1"
TIMER, HTTP, QUEUE, RARE = "timer", "http", "queue", "rare"
_CLASSES = (TIMER, HTTP, QUEUE, RARE)
_SHARES = (0.5, 0.24, 0.12, 0.14)
_PERIODS = (1, 5, 15, 60, 1_440)
_PERIOD_SHARES = (0.12, 0.38, 0.25, 0.2, 0.05)
REPORTED_A_DAY = 400.0
"""Of a function that runs more often, the cloud's metrics tell what it uses, and no reports."""


class Rate(Struct, frozen=True):
    """What starts a function how often."""

    kind: str
    a_minute: float
    period: int = 0
    """Of a timer, in minutes."""
    offset: int = 0
    amplitude: float = 0.0
    """Of the daily cycle, from 0 to 1."""
    peak: float = 0.0
    """The hour of the day at which it stands highest."""
    weekend: float = 1.0
    restless: float = 0.0
    """Standard deviation of the logarithm of the rate within hours."""


class Usage(Struct, frozen=True):
    """What an invocation uses: medians, scatter within days, and scatter of days."""

    size_mb: float
    memory_mb: float
    memory_scatter: float
    memory_days: float
    duration_s: float
    duration_scatter: float
    duration_days: float
    init_s: float
    init_scatter: float
    slow_share: float
    """Of starts, that takes several times as long: where code has to be fetched, or an address given."""
    slow_times: float
    cpu_share: float
    sent_bytes: float
    cold_share: float
    measured: bool
    """Whether processor and network are measured."""


class Function(Struct, frozen=True):
    """One function."""

    key: FunctionKey
    rate: Rate
    usage: Usage
    versioned: bool
    """Whether a release has a number of its own."""
    days_between_releases: float
    parent: int | None = None
    """The function that calls it, by its place."""
    fan: float = 1.0
    """Its calls for each of the parent."""
    called: bool = False
    """Whether the audit log tells who invokes it."""

    @property
    def a_day(self) -> float:
        """How often it runs, about."""
        return self.rate.a_minute * 1_440

    @property
    def reported(self) -> bool:
        """Whether the platform's reports are kept."""
        return self.a_day <= REPORTED_A_DAY


def drawn_functions(random: Generator, number: int) -> list[Function]:
    """So many functions, a third of those with HTTP called by another."""
    found: list[Function] = []
    entries: list[int] = []
    for place in range(number):
        kind = str(random.choice(_CLASSES, p=_SHARES))
        rate = _RATES[kind](random)
        parent, fan, application = None, 1.0, f"app-{place}"
        if kind == HTTP and entries and random.random() < 0.4:
            parent, fan = int(random.choice(entries[-3:])), float(random.uniform(0.3, 1.5))
            above = found[parent]
            rate = Rate(HTTP, above.rate.a_minute * fan)
            application = above.key.application
        elif kind == HTTP and rate.a_minute > 0.05:
            entries.append(place)
        key = FunctionKey(ACCOUNT, REGION, application, f"{kind}-{place}")
        found.append(
            Function(
                key,
                rate,
                _usage(random),
                versioned=bool(random.random() < 0.5),
                days_between_releases=float(np.exp(random.normal(np.log(20.0), 0.8))),
                parent=parent,
                fan=fan,
                called=bool(random.random() < 0.2 and kind in (HTTP, RARE)),
            )
        )
    return found


def _timer(random: Generator) -> Rate:
    period = int(random.choice(_PERIODS, p=_PERIOD_SHARES))
    return Rate(TIMER, 1.0 / period, period, int(random.integers(period)))


def _http(random: Generator) -> Rate:
    return Rate(
        HTTP,
        float(np.clip(np.exp(random.normal(np.log(0.3), 1.8)), 0.005, 60.0)),
        amplitude=float(random.uniform(0.2, 0.95)),
        peak=float(random.uniform(0, 24)),
        weekend=float(random.uniform(0.3, 1.1)),
        restless=float(random.uniform(0.1, 0.5)),
    )


def _queue(random: Generator) -> Rate:
    return Rate(
        QUEUE,
        float(np.clip(np.exp(random.normal(np.log(0.2), 1.5)), 0.01, 20.0)),
        amplitude=float(random.uniform(0.0, 0.8)),
        peak=float(random.uniform(0, 24)),
        weekend=float(random.uniform(0.3, 1.0)),
        restless=float(random.uniform(0.3, 1.0)),
    )


def _rare(random: Generator) -> Rate:
    return Rate(
        RARE,
        float(random.uniform(0.5, 8.0)) / 1_440,
        amplitude=0.9,
        peak=13.0,
        weekend=0.2,
        restless=0.3,
    )


_RATES = {TIMER: _timer, HTTP: _http, QUEUE: _queue, RARE: _rare}


def _usage(random: Generator) -> Usage:
    size = float(random.choice([128, 256, 512, 1_024, 2_048], p=[0.4, 0.25, 0.2, 0.1, 0.05]))
    return Usage(
        size_mb=size,
        memory_mb=size * float(random.uniform(0.3, 0.75)),
        memory_scatter=float(np.clip(np.exp(random.normal(np.log(0.056), 0.6)), 0.005, 0.3)),
        memory_days=float(np.clip(np.exp(random.normal(np.log(0.008), 0.7)), 0.001, 0.06)),
        duration_s=float(np.clip(np.exp(random.normal(np.log(0.15), 1.5)), 0.003, 60.0)),
        duration_scatter=float(np.clip(np.exp(random.normal(np.log(0.89), 0.4)), 0.1, 2.0)),
        duration_days=float(np.clip(np.exp(random.normal(np.log(0.05), 0.7)), 0.01, 0.3)),
        init_s=float(np.clip(np.exp(random.normal(np.log(0.4), 0.6)), 0.1, 8.0)),
        init_scatter=float(random.uniform(0.05, 0.3)),
        slow_share=float(random.uniform(0.0, 0.12)),
        slow_times=float(np.exp(random.normal(np.log(4.0), 0.4))),
        cpu_share=float(random.uniform(0.05, 0.9)),
        sent_bytes=float(np.exp(random.normal(np.log(20_000), 1.5))),
        cold_share=float(random.uniform(0.02, 0.3)),
        measured=bool(random.random() < 0.25),
    )
