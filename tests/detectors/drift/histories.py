"""Readings of an invented function, and the flows of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

import numpy as np

from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.readings import Reading, Readings
from coldtrail.detectors.drift.runs import Detection
from coldtrail.features.batch import Ints

START = 1_795_000_000.0
USUAL, SELDOM, NEVER = 101, 103, 107
Change = Callable[[Reading], Reading]


def history(runs: int, seed: int = 0, *, start: float = START, every_s: float = 20.0) -> list[Reading]:
    """Runs of function 1: uneven durations, absences between them, a rare path, failures, cold starts."""
    random = Random(seed)
    now = start
    out = []
    for _ in range(runs):
        now += random.expovariate(1 / every_s)
        own = 0.002 * random.lognormvariate(0.0, 0.2)
        rest = 0.1 * random.lognormvariate(0.0, 0.3)
        path = SELDOM if random.random() < 0.02 else USUAL
        failed = random.random() < 0.03
        out.append(Reading(1, now, random.random() < 0.02, True, failed, own + rest, own, 5, path, 1, 1.0))
    return out


def columns(readings: Iterable[Reading]) -> Readings:
    """The readings, one array a property."""
    rows = list(readings)
    fractions = {1, 5, 6, 10}
    kinds = [np.float64 if i in fractions else np.int64 for i in range(len(Readings._fields))]
    return Readings._make(np.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds))


def changed(readings: Iterable[Reading], after: int, change: Change) -> list[Reading]:
    """The readings, those from a place on changed."""
    return [change(one) if place >= after else one for place, one in enumerate(readings)]


def slower(reading: Reading) -> Reading:
    """A fifth longer, in its own code."""
    more = 0.2 * reading.duration
    return reading._replace(duration=reading.duration + more, own_time=reading.own_time + more)


def followed(change_points: ChangePoints, readings: Iterable[Reading]) -> list[Detection]:
    """The shifts found in readings."""
    some = columns(readings)
    return change_points.add(some, lying(len(some.start)))


def lying(runs: int, first: int = 0) -> Ints:
    """The places of flows that lie one after another, counted on from the first one's."""
    return np.arange(first, first + runs)
