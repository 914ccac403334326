"""Simulated applications whose first function calls others: a sale, and attacks on one function.

The rate of each application follows the hour of the day and wanders; each child runs so many times for each
run of the first function. Development seeds are below 1,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np

from benchmarks.azure.figures import Figure, share
from benchmarks.azure.reading import BEGIN, MINUTE_S, Counts
from coldtrail.config import BaselineSettings
from coldtrail.detectors.rates.detector import RatesDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.window import Window

_APPLICATIONS = 60
_CHILDREN = 5
_DAYS = 2
_DAY = 1_440
_AT = _DAYS * _DAY - 180
_SALE, _ATTACK = 10.0, 5.0
_MINUTES = 30


def rows(seed: int = 11) -> Iterator[tuple[str, Figure, str]]:
    """What is to be told of children, with its figure and the wanted one."""
    usual = _told(_applications(seed, sale=False, attack=False))
    yield "no sale: children that alarm in two days", _children(usual), ""
    sale = _told(_applications(seed, sale=True, attack=False))
    yield "sale x10: children that alarm", _children(sale), ".01"
    yield "sale x10: told once, as an application", _first(sale), ""
    yield "x5 on one child", _attacked(_told(_applications(seed, sale=False, attack=True))), ".97"


def _applications(seed: int, *, sale: bool, attack: bool) -> list[Encounter]:
    random = np.random.default_rng(seed)
    seen: list[Encounter] = []
    for number in range(_APPLICATIONS):
        rates = _rates(random)
        if sale:
            rates[_AT : _AT + 4 * _MINUTES] *= _SALE
        first = random.poisson(rates)
        seen += _windows(number, "first", first, None)
        for child in range(_CHILDREN):
            factor = random.uniform(0.2, 3.0)
            counts = random.binomial(5 * first, factor / 5.0).astype(np.float64)
            if attack and child == 0:
                counts[_AT : _AT + _MINUTES] *= _ATTACK
            seen += _windows(number, f"child-{child}", counts, "first")
    return sorted(seen, key=lambda one: one.at)


def _rates(random: np.random.Generator) -> Counts:
    """Of a first function, by the minute."""
    minutes = np.arange(_DAYS * _DAY)
    day = 1.0 + 0.6 * np.sin(2 * np.pi * minutes / _DAY)
    wandering = np.exp(np.cumsum(random.normal(0.0, 0.01, len(minutes))))
    rates: Counts = 10 ** random.uniform(0.0, 2.0) * day * wandering
    return rates


def _windows(number: int, name: str, counts: Counts, caller: str | None) -> Iterator[Encounter]:
    key = FunctionKey("111122223333", "eu-west-1", f"application-{number}", name)
    for minute in np.flatnonzero(counts).tolist():
        calls = int(counts[minute])
        start = BEGIN + minute * MINUTE_S
        told = Window(
            *key,
            start_time=start,
            source="flows",
            invocations=float(calls),
            traced=calls,
            callers=((caller, calls),) if caller else (),
        )
        yield Encounter(start + MINUTE_S, told, key)


def _told(seen: list[Encounter]) -> list[Signal]:
    return [one for one in RatesDetector(BaselineSettings()).see(seen, inf) if one.alone]


def _children(signals: list[Signal]) -> Figure:
    found = {
        (one.finding.subject.application_name, one.finding.subject.function_name)
        for one in signals
        if one.finding.subject.function_name.startswith("child")
    }
    return share(
        [
            [(f"application-{number}", f"child-{child}") in found for child in range(_CHILDREN)]
            for number in range(_APPLICATIONS)
        ]
    )


def _first(signals: list[Signal]) -> Figure:
    found = {
        one.finding.subject.application_name
        for one in signals
        if one.finding.subject.kind == "application" and one.finding.kind == "surge"
    }
    return share([[f"application-{number}" in found] for number in range(_APPLICATIONS)])


def _attacked(signals: list[Signal]) -> Figure:
    begin = BEGIN + _AT * MINUTE_S
    found = {
        one.finding.subject.application_name
        for one in signals
        if one.finding.subject.function_name == "child-0" and begin < one.at <= begin + 60 * _MINUTES
    }
    return share([[f"application-{number}" in found] for number in range(_APPLICATIONS)])
