"""The detector learns the first half of the minutes and is judged on the second, as it is and attacked."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

import numpy as np

from benchmarks.azure.attacks import Attack
from benchmarks.azure.reading import BEGIN, MINUTE_S, Functions, encounters, part
from coldtrail.config import BaselineSettings
from coldtrail.detectors.rates.detector import RatesDetector
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State

_STARTS = 8
BUSY = 1.0
"""Invocations a minute."""


class Learned(NamedTuple):
    """What the detector knows after the first half."""

    functions: Functions
    half: int
    state: State
    ready: frozenset[str]
    with_trigger: bool
    budget: float


class Trial(NamedTuple):
    """One function attacked from a minute on, and how many minutes later it was told, None for never."""

    name: str
    trigger: str
    a_minute: float
    delay: float | None


def learn(some: Functions, budget: float, *, with_trigger: bool = True) -> Learned:
    """What the detector knows after half of the minutes."""
    half = some.counts.shape[1] // 2
    first = part(some, range(len(some.names)), some.counts[:, :half])
    made = RatesDetector(BaselineSettings(alarms_a_function_day=budget))
    seen = encounters(first, 0, with_trigger=with_trigger)
    made.see(seen, inf)
    known = {one.actor.function for one in seen if one.actor is not None}
    ready = known - {key.function for key in made.not_ready()}
    return Learned(some, half, made.snapshot(), frozenset(ready), with_trigger, budget)


def alarms(learned: Learned) -> list[Signal]:
    """What is told alone of the second half as it is."""
    return [one for one in _told(learned, learned.functions.counts[:, learned.half :]) if one.alone]


def attacked(learned: Learned, attack: Attack) -> Iterator[Trial]:
    """The trials of an attack on all its functions that are ready, from several minutes on."""
    some, half = learned.functions, learned.half
    usual = some.counts[:, :half].mean(axis=1, keepdims=True)
    last = some.counts.shape[1] - half - attack.minutes - 1
    for start in np.linspace(2, last, _STARTS).astype(int).tolist():
        counts = some.counts[:, half:].copy()
        of = slice(start, start + attack.minutes)
        some_of = attack.of(some)
        counts[some_of, of] = attack.change(usual[some_of], counts[some_of, of])
        counts = counts[:, : start + attack.minutes]
        told = _delays(_told(learned, counts), attack.kind, BEGIN + (half + start) * MINUTE_S)
        for number, name in enumerate(some.names):
            calls = some.counts[number, half + start : half + start + attack.minutes].sum()
            if some_of[number] and name in learned.ready and (calls or not attack.needs_calls):
                yield Trial(name, some.triggers[number], float(usual[number, 0]), told.get(name))


def _told(learned: Learned, counts: np.ndarray) -> list[Signal]:
    made = RatesDetector(BaselineSettings(alarms_a_function_day=learned.budget))
    made.restore(learned.state)
    second = part(learned.functions, range(len(counts)), counts)
    return made.see(encounters(second, learned.half, with_trigger=learned.with_trigger), inf)


def _delays(signals: list[Signal], kind: str, begin: float) -> dict[str, float]:
    """By function, the minutes until its first alarm of this kind."""
    found: dict[str, float] = {}
    for one in sorted(signals, key=lambda one: one.at):
        if one.alone and one.finding.kind == kind and one.at > begin:
            found.setdefault(one.finding.subject.function_name, (one.at - begin) / MINUTE_S)
    return found
