"""One world: its functions, what is done to them, and its telemetry day by day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from benchmarks.worlds.days import counts as counting
from benchmarks.worlds.days.attacks import CALLER, DETECTOR, on_counts, planted
from benchmarks.worlds.days.counts import MINUTES
from benchmarks.worlds.days.functions import HTTP, drawn_functions
from benchmarks.worlds.days.living import Life
from benchmarks.worlds.days.telling import BEGIN, DAY_S, Day, invocations, release
from benchmarks.worlds.days.visitors import Visitors
from coldtrail.records.encounter import Encounter

SALE_TIMES, SALE_HOURS = 10.0, 4
ATTACKED = 0.6
"""The share of functions that are attacked."""


class Size(Struct, frozen=True):
    """How large a world is."""

    functions: int = 100
    days: int = 60
    learned_days: int = 21


class World:
    """A seed gives the same world."""

    def __init__(self, seed: int, size: Size) -> None:
        self.size = size
        self._random = np.random.default_rng(seed)
        self.functions = drawn_functions(self._random, size.functions)
        self.attacks = planted(self._random, self.functions, size.learned_days + 4, size.days, ATTACKED)
        self.sale = self._sale()
        self._lives = [Life(function) for function in self.functions]
        self._visitors = {
            place: Visitors(self._random, place)
            for place, function in enumerate(self.functions)
            if function.called
        }

    def _sale(self) -> tuple[frozenset[int], float, float]:
        """The functions of an application that has a sale, and from when to when it lasts."""
        parents = {function.parent for function in self.functions} - {None}
        day = self.size.learned_days + int(
            self._random.integers(2, max(self.size.days - self.size.learned_days, 3))
        )
        begin = min(day, self.size.days - 1) + 0.4
        if not parents:
            return frozenset(), begin, begin
        entry = int(self._random.choice(sorted(one for one in parents if one is not None)))
        whose = self.functions[entry].key.application
        part = frozenset(
            place
            for place, one in enumerate(self.functions)
            if one.key.application == whose and one.rate.kind == HTTP
        )
        return part, begin, begin + SALE_HOURS / 24

    def days(self) -> Iterator[tuple[float, list[Encounter]]]:
        """The encounters of each day by their times, with the time by which all of them have come."""
        late: list[Encounter] = []
        for day in range(self.size.days):
            end = BEGIN + (day + 1) * DAY_S
            found = sorted([*late, *self._day(day)], key=lambda one: one.at)
            late = [one for one in found if one.at >= end]
            yield end, [one for one in found if one.at < end]

    def _day(self, day: int) -> Iterator[Encounter]:
        sale = np.ones((len(self.functions), MINUTES))
        part, begin, end = self.sale
        minutes = day + np.arange(MINUTES) / MINUTES
        for place in part:
            sale[place, (minutes >= begin) & (minutes < end)] = SALE_TIMES
        counts = counting.of_day(self._random, self.functions, day, sale)
        usual = counts.copy()
        today = [one for one in self.attacks if one.begin < day + 1 and one.end > day]
        for attack in today:
            on_counts(self._random, counts[attack.function], attack, day)
        by_function = {one.function: one for one in today if DETECTOR[one.kind] == "resources"}
        for place, function in enumerate(self.functions):
            life = self._lives[place]
            if life.next_day(self._random):
                yield release(function, life, BEGIN + day * DAY_S + 0.5)
            of = Day(day, counts[place], by_function.get(place))
            if function.parent is not None:
                of.caller = self.functions[function.parent].key.function
                of.called = usual[place]
            yield from invocations(self._random, function, life, of)
            if place in self._visitors:
                strangers = [one for one in today if one.function == place and one.kind == CALLER]
                yield from self._visitors[place].of_day(self._random, function, day, strangers)
