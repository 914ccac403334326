"""What attackers and benign occasions do to functions, with exact labels."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from benchmarks.worlds.days.functions import HTTP, TIMER, Function

DAY_MINUTES = 1_440.0
MEMORY_20, MEMORY_40, INIT, MINING, SENT = (
    "memory +20 %",
    "memory +40 %",
    "init x2",
    "mining",
    "bytes sent x10",
)
MEMORY_RAMP, DURATION_RAMP = "memory +1 %/day", "duration +1 %/day"
TIMES_5, TIMES_20, FIFTY = "x5 for 30 min", "x20 for 30 min", "50 calls in 5 min"
SILENCE_30, SILENCE_120 = "timer silent 30 min", "timer silent 120 min"
CHILD_5, WALLET_RATE, WALLET_SIZE = "child x5 for 60 min", "wallet by rate", "wallet by memory size"
CALLER = "new caller"
RAMPS = (MEMORY_RAMP, DURATION_RAMP)
_MINUTES = {
    TIMES_5: 30.0, TIMES_20: 30.0, FIFTY: 5.0, SILENCE_30: 30.0, SILENCE_120: 120.0, CHILD_5: 60.0,
    CALLER: 60.0,
}  # fmt: skip
EXPECTED: dict[str, frozenset[tuple[str, str]]] = {
    MEMORY_20: frozenset(
        {("resource_level", "memory"), ("resource_drift", "memory"), ("resource_release", "memory")}
    ),
    MEMORY_40: frozenset(
        {("resource_level", "memory"), ("resource_drift", "memory"), ("resource_release", "memory")}
    ),
    INIT: frozenset({("resource_level", "init"), ("resource_release", "init")}),
    MINING: frozenset({("mining", "cpu"), ("resource_level", "duration"), ("resource_level", "cpu")}),
    SENT: frozenset({("resource_level", "sent")}),
    MEMORY_RAMP: frozenset({("resource_drift", "memory"), ("resource_level", "memory")}),
    DURATION_RAMP: frozenset({("resource_drift", "duration"), ("resource_level", "duration")}),
    TIMES_5: frozenset({("surge", ""), ("demand", "")}),
    TIMES_20: frozenset({("surge", ""), ("demand", "")}),
    FIFTY: frozenset({("surge", ""), ("demand", "")}),
    SILENCE_30: frozenset({("silence", "gap")}),
    SILENCE_120: frozenset({("silence", "gap")}),
    CHILD_5: frozenset({("demand", ""), ("surge", "")}),
    WALLET_RATE: frozenset({("surge", ""), ("demand", ""), ("cost", "cost")}),
    WALLET_SIZE: frozenset({("cost", "cost")}),
    CALLER: frozenset(),
}
"""Kinds of findings, with what they measure, that tell an attack; for none, any of the detector."""
DETECTOR = {
    **dict.fromkeys((TIMES_5, TIMES_20, FIFTY, SILENCE_30, SILENCE_120, CHILD_5), "rates"),
    **dict.fromkeys(
        (MEMORY_20, MEMORY_40, INIT, MINING, SENT, *RAMPS, WALLET_SIZE, WALLET_RATE), "resources"
    ),
    CALLER: "callers",
}
"""Who is asked to find it."""


class Attack(Struct, frozen=True):
    """One attack on one function; times are in days since the world's beginning."""

    kind: str
    function: int
    begin: float
    end: float

    def covers(self, day: float) -> bool:
        """Whether it lasts at this time."""
        return self.begin <= day < self.end


def planted(
    random: Generator, functions: list[Function], first: int, last: int, share: float
) -> list[Attack]:
    """Attacks on a share of the functions, from the first to the last day: either a ramp, or one of each sort
    that can be done to that function, since what was met once is no news when it comes again."""
    found: list[Attack] = []
    turn = int(random.integers(100))
    for place in random.permutation(len(functions))[: int(share * len(functions))].tolist():
        function = functions[place]
        if random.random() < 0.25 and function.a_day >= 3:
            kind = RAMPS[int(random.integers(2))]
            begin = float(first + random.integers(0, max(last - first - 31, 1)))
            found.append(Attack(kind, place, begin, float(last)))
            continue
        kinds = possible(function)
        for day in range(first, last - 1, 10):
            if not kinds:
                break
            kind = kinds[turn % len(kinds)]
            kinds = [one for one in kinds if _sort(one) != _sort(kind)]
            turn += 1
            begin = day + float(random.uniform(0.3, 0.9))
            minutes = _MINUTES.get(kind, DAY_MINUTES)
            found.append(Attack(kind, place, begin, begin + minutes / DAY_MINUTES))
    return found


def _sort(kind: str) -> str:
    return "rates" if kind == WALLET_RATE else DETECTOR[kind]


def possible(function: Function) -> list[str]:
    """What an attacker can do to a function so that it makes a difference."""
    kinds = [MEMORY_20, MEMORY_40, MINING]
    if function.reported:
        kinds += [WALLET_SIZE]
    if function.reported and function.a_day * function.usage.cold_share >= 5:
        kinds.append(INIT)
    if function.usage.measured:
        kinds.append(SENT)
    if function.a_day >= 1:
        kinds += [WALLET_RATE, FIFTY]
    if function.rate.a_minute >= 0.1 and function.rate.kind != TIMER:
        kinds += [TIMES_5, TIMES_20]
    if function.rate.kind == TIMER and function.rate.period <= 5:
        kinds += [SILENCE_30, SILENCE_120, SILENCE_120]
    if function.parent is not None and function.rate.kind == HTTP and function.rate.a_minute >= 0.1:
        kinds += [CHILD_5, CHILD_5]
    if function.called:
        kinds += [CALLER, CALLER]
    return kinds


def on_counts(random: Generator, counts: np.ndarray, attack: Attack, day: int) -> None:
    """Change how often its function runs on a day."""
    minutes = day + np.arange(len(counts)) / DAY_MINUTES
    hit = np.flatnonzero((minutes >= attack.begin) & (minutes < attack.end))
    if not len(hit):
        return
    match attack.kind:
        case "x5 for 30 min" | "child x5 for 60 min":
            counts[hit] += random.poisson(4.0 * max(counts[hit].mean(), 0.1), len(hit))
        case "x20 for 30 min" | "wallet by rate":
            counts[hit] += random.poisson(19.0 * max(counts[hit].mean(), 0.05), len(hit))
        case "50 calls in 5 min":
            np.add.at(counts, random.choice(hit, 50), 1)
        case "timer silent 30 min" | "timer silent 120 min":
            counts[hit] = 0


def factors(attack: Attack | None, days: np.ndarray) -> dict[str, np.ndarray]:
    """How many times as much of each resource invocations at these times use."""
    if attack is None:
        return {}
    lasts = (days >= attack.begin) & (days < attack.end)

    def times(factor: float) -> np.ndarray:
        return np.where(lasts, factor, 1.0)

    ramp = np.where(lasts, 1.01 ** np.maximum(days - attack.begin, 0.0), 1.0)
    of: dict[str, dict[str, np.ndarray]] = {
        MEMORY_20: {"memory": times(1.2)},
        MEMORY_40: {"memory": times(1.4)},
        INIT: {"init": times(2.0)},
        MINING: {"duration": times(20.0), "cpu": times(20.0)},
        SENT: {"sent": times(10.0)},
        MEMORY_RAMP: {"memory": ramp},
        DURATION_RAMP: {"duration": ramp, "cpu": ramp},
        WALLET_SIZE: {"size": times(8.0)},
    }
    return of.get(attack.kind, {})
