"""Makes encounters of a day: windows of the cloud's metrics, reports, releases and calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.worlds.days.attacks import Attack, factors
from benchmarks.worlds.days.functions import ACCOUNT, REGION, Function
from benchmarks.worlds.days.living import Life
from coldtrail.records.encounter import Encounter
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Change, Report

BEGIN = 1_704_067_200.0
"""A Monday's midnight."""
DAY_S, MINUTE_S = 86_400.0, 60.0
Floats = NDArray[np.float64]
_TRIGGERS = {"timer": "EventBridge schedule", "http": "API Gateway", "queue": "SQS", "rare": "API Gateway"}


class Drawn:
    """What each invocation of a function on a day used."""

    def __init__(
        self, random: Generator, function: Function, life: Life, days: Floats, attack: Attack | None
    ):
        usage, number = function.usage, len(days)
        times = factors(attack, days)

        def of(name: str) -> Floats | float:
            return times.get(name, 1.0)

        heavy = np.where(random.random(number) < 0.01, random.pareto(2.5, number) + 1.0, 1.0)
        hour = 1.0 + 0.1 * np.cos(days * 2 * np.pi)
        level = np.exp(random.normal(0, usage.duration_scatter, number)) * heavy * hour
        self.usual_s = life.duration_s * np.ones(number) * of("duration")
        self.duration_s = np.minimum(self.usual_s * level, 900.0)
        leak = np.where(random.random(number) < 0.003, 1.0 + random.exponential(0.1, number), 1.0)
        memory = np.exp(random.normal(0, usage.memory_scatter, number)) * leak
        self.size_mb = usage.size_mb * np.broadcast_to(np.asarray(of("size")), number)
        self.memory_mb = np.minimum(life.memory_mb * memory * of("memory"), 4 * usage.size_mb)
        cold = random.random(number) < usage.cold_share
        slow = np.where(random.random(number) < usage.slow_share, usage.slow_times, 1.0)
        started = life.init_s * np.exp(random.normal(0, usage.init_scatter, number)) * slow * of("init")
        self.init_s = np.where(cold, started, np.nan)
        self.cpu_s = self.duration_s * usage.cpu_share
        self.sent = life.sent_bytes * np.exp(random.normal(0, 0.5, number)) * of("sent")


class Day(Struct):
    """What a function does on a day."""

    number: int
    counts: NDArray[np.int64]
    """By minute."""
    attack: Attack | None = None
    caller: str | None = None
    """The function that calls it."""
    called: NDArray[np.int64] | None = None
    """How often that one did, by minute."""


def invocations(random: Generator, function: Function, life: Life, day: Day) -> Iterator[Encounter]:
    """Windows of the metrics, and reports where they are kept."""
    minutes = np.flatnonzero(day.counts)
    numbers = day.counts[minutes]
    if function.reported:
        at = np.repeat(minutes, numbers) + random.random(int(numbers.sum()))
        drawn = Drawn(random, function, life, day.number + at / 1_440, day.attack)
        yield from _reports(function, life, BEGIN + day.number * DAY_S + at * MINUTE_S, drawn)
        yield from _windows(function, day, minutes, {})
        return
    sample = Drawn(random, function, life, day.number + minutes / 1_440, day.attack)
    median = sample.usual_s * (sample.duration_s / sample.usual_s) ** (1 / np.sqrt(numbers))
    used = {"memory_mb_max": sample.memory_mb, "duration_s_median": median}
    if function.usage.measured:
        used |= {"cpu_s": sample.cpu_s * numbers, "tx_bytes": sample.sent * numbers}
    yield from _windows(function, day, minutes, used)


def _windows(
    function: Function, day: Day, minutes: NDArray[np.int64], used: dict[str, Floats]
) -> Iterator[Encounter]:
    names = list(used)
    columns = [used[name].tolist() for name in names]
    known: dict[str, Any] = {"trigger": _TRIGGERS[function.rate.kind]}
    numbers = day.counts[minutes].tolist()
    called = day.called[minutes].tolist() if day.called is not None else None
    for place, (minute, number) in enumerate(zip(minutes.tolist(), numbers, strict=True)):
        start = BEGIN + day.number * DAY_S + minute * MINUTE_S
        told = {name: column[place] for name, column in zip(names, columns, strict=True)}
        if called is not None and day.caller is not None:
            known = {"traced": number, "callers": ((day.caller, min(called[place], number)),)}
        window = Window(
            *function.key, start_time=start, source="metrics", invocations=float(number), **told, **known
        )
        yield Encounter(start + MINUTE_S, window, function.key)


def _reports(function: Function, life: Life, at: Floats, drawn: Drawn) -> Iterator[Encounter]:
    measured = function.usage.measured
    columns = (at, drawn.duration_s, drawn.size_mb, drawn.memory_mb, drawn.init_s, drawn.cpu_s, drawn.sent)
    for time, duration, size, memory, init, cpu, sent in zip(*(one.tolist() for one in columns), strict=True):
        report = Report(
            time,
            f"{function.key.function}-{time:.3f}",
            function.key.function,
            account=ACCOUNT,
            region=REGION,
            version=life.version if function.versioned else "$LATEST",
            duration_s=duration,
            billed_s=duration,
            init_s=None if np.isnan(init) else init,
            cpu_s=cpu if measured else None,
            tx_bytes=sent if measured else None,
            memory_mb=size,
            memory_used_mb=memory,
        )
        yield Encounter(time, report, function.key)


def release(function: Function, life: Life, at: float) -> Encounter:
    """The known pipeline brings a version."""
    change = Change(
        f"release-{function.key.function}-{at:.0f}",
        at,
        ACCOUNT,
        REGION,
        function.key.function,
        "UpdateFunctionCode",
        version=life.version if function.versioned else None,
        code_sha256=f"{function.key.function}-{life.version}",
        principal="p-pipeline",
        access_key="p-pipeline-key",
    )
    return Encounter(at, change, None, function.key)
