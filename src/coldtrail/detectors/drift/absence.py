"""What a function did now and then, and does no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from coldtrail.detectors.drift.absence_limits import FAILURES, WHOLE, by_function
from coldtrail.detectors.drift.baselines import AbsenceLimit, AbsenceLimits
from coldtrail.detectors.drift.clocks import Clocks, Line, Time
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.readings import NO_FAILURES, NO_STEP, SILENCE
from coldtrail.detectors.drift.runs import Detection, Runs
from coldtrail.features.batch import Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.stage import State, joined, packed, part, unpacked

MOST_SHOWN = 20
"""Flows named of those before an absence."""


class _Thing(Struct):
    """What is remembered of a thing that is awaited."""

    since: Time
    """When it was last shown, or its function first seen."""
    places: tuple[int, ...]
    """Where the function's last flows up to then lie, the last one first."""
    certain: float | None = None
    """Start of the run at which the present absence became too long."""
    length: float = 0.0
    """Of the longest absence that was too long and has ended."""
    longest: Detection | None = None


class _Mine(NamedTuple):
    """Where the flows of a function lie: its runs among some, and the last ones before."""

    places: Ints
    before: int
    """How many of these came before."""

    def upto(self, at: int) -> tuple[int, ...]:
        """Of the last flows up to one of the runs, the last one first."""
        end = self.before + at + 1
        return tuple(self.places[max(end - MOST_SHOWN, 0) : end][::-1].tolist())


class Absence:
    """Takes runs in the order of their start, and tells of each thing awaited its longest absence.

    A thing is a function as a whole, or what it does now and then. Its absence is told when it is too long,
    and again when it has ended; the last word on a thing counts. Alarmed runs only show things: that they
    lack one has been told.
    """

    def __init__(self, limits: AbsenceLimits, words: Vocabulary) -> None:
        self._limits = limits
        self._clocks = Clocks(limits, words)
        self._things: dict[int, dict[int, _Thing]] = {}
        """By function and kind."""
        self._last: dict[int, tuple[int, ...]] = {}
        """By function, where its last flows lie, the last one last."""

    def push(self, batch: Sequence[Runs]) -> list[Detection]:
        """The absences that the runs make too long, or end."""
        return [one for runs in batch if len(runs) for one in self._follow(runs)]

    def advance(self, watermark: float) -> list[Detection]:
        """At the end of all input, the absences that have not ended; each is the longest of its thing."""
        if watermark < inf:
            return []
        every = ((f, k, thing) for f, kinds in self._things.items() for k, thing in kinds.items())
        return [one for f, k, thing in every if (one := self._lasting(f, k, thing, thing.length))]

    def stopped(self) -> list[Detection]:
        """What is done no more at the end of the runs, and each function's longest silence."""
        out: list[Detection] = []
        for function, kinds in self._things.items():
            for kind, thing in kinds.items():
                longest, length = (thing.longest, thing.length) if kind == WHOLE else (None, 0.0)
                found = self._lasting(function, kind, thing, length) or longest
                out += [found] if found else []
        return in_order(out)

    def _follow(self, runs: Runs) -> Iterator[Detection]:
        together, own = self._clocks.each_together(runs), self._clocks.each_own(runs)
        for function, rows, kinds in by_function(runs.readings.function, runs.shown, self._limits):
            mine = self._mine(function, runs.place[rows])
            line = together.get(self._clocks.application(function))
            if WHOLE in self._limits[function] and line is not None:
                shown = np.searchsorted(line.rows, rows)
                yield from self._pass(function, WHOLE, line, shown, mine, np.arange(len(rows)))
            for kind in self._limits[function]:
                if kind != WHOLE:
                    shown = kinds.get(kind, rows[:0])
                    yield from self._pass(function, kind, own[function], shown, mine, shown)
        for function, things in self._things.items():
            line = together.get(self._clocks.application(function))
            if WHOLE in things and line is not None:
                yield from self._wait(function, WHOLE, line)

    def _mine(self, function: int, places: Ints) -> _Mine:
        before = self._last.get(function, ())
        mine = _Mine(np.concatenate([np.array(before, np.int64), places]), len(before))
        self._last[function] = tuple(mine.places[-MOST_SHOWN:].tolist())
        return mine

    def _pass(
        self, function: int, kind: int, line: Line, shown: Ints, mine: _Mine, at: Ints
    ) -> Iterator[Detection]:
        """The absences of a thing among runs of its clock; `shown` are those that show it, among the
        function's own they stand `at`."""
        thing = self._things.setdefault(function, {}).get(kind)
        if thing is None:
            first = line.time(int(shown[0])) if kind == WHOLE else Time(start=float(line.start[0]))
            thing = self._things[function][kind] = _Thing(first, mine.upto(0))
        limit = self._limits[function][kind]
        clock = line.clock[shown]
        before = np.concatenate([[thing.since.clock], clock[:-1]])
        for i in np.flatnonzero(clock > before[: len(clock)] + limit.runs).tolist():
            if i:
                self._show(thing, line.time(int(shown[i - 1])), mine.upto(int(at[i - 1])))
            end, certain = line.time(int(shown[i])), thing.certain
            if certain is None:
                certain = line.passes(thing.since.clock + limit.runs)
            assert certain is not None
            if end.clock - thing.since.clock > thing.length:
                thing.length = end.clock - thing.since.clock
                thing.longest = _detection(function, kind, limit, thing, certain, end)
                yield thing.longest
        if len(shown):
            self._show(thing, line.time(int(shown[-1])), mine.upto(int(at[-1])))
        if kind != WHOLE:
            yield from self._wait(function, kind, line)

    def _show(self, thing: _Thing, since: Time, places: tuple[int, ...]) -> None:
        thing.since, thing.places, thing.certain = since, places, None

    def _wait(self, function: int, kind: int, line: Line) -> Iterator[Detection]:
        """The absence of a thing that has become too long among runs of its clock, and has not ended."""
        thing, limit = self._things[function][kind], self._limits[function][kind]
        if thing.certain is None:
            thing.certain = line.passes(thing.since.clock + limit.runs)
            found = self._lasting(function, kind, thing, thing.length)
            if found is not None:
                yield found

    def _lasting(self, function: int, kind: int, thing: _Thing, length: float) -> Detection | None:
        """The absence that has not ended, where it is too long and longer than that."""
        now = self._clocks.own[function]
        if kind == WHOLE:
            now = self._clocks.together[self._clocks.application(function)]
        if thing.certain is None or now.clock - thing.since.clock <= length:
            return None
        return _detection(function, kind, self._limits[function][kind], thing, thing.certain, now)

    def places(self) -> list[list[int]]:
        """Where the flows lie that an absence may still show, those of each by themselves."""
        out = [list(last[::-1]) for last in self._last.values()]
        for kinds in self._things.values():
            for thing in kinds.values():
                out.append(list(thing.places))
                out += [list(thing.longest.places)] if thing.longest else []
        return out

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        state = {"things": packed(self._things), "last": packed(self._last)}
        return joined({"clocks": self._clocks.snapshot()}) | state

    def restore(self, state: State) -> None:
        """Remember what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._clocks.restore(part(state, "clocks"))
        self._things = unpacked(state, "things", dict[int, dict[int, _Thing]])
        self._last = unpacked(state, "last", dict[int, tuple[int, ...]])


def in_order(found: Sequence[Detection]) -> list[Detection]:
    """Things that have stopped, in the order in which that became certain."""
    return sorted(found, key=lambda one: (one.found, one.function, one.effect.kind))


def _detection(
    function: int, kind: int, limit: AbsenceLimit, thing: _Thing, certain: float, end: Time
) -> Detection:
    measure = {WHOLE: SILENCE, FAILURES: NO_FAILURES}.get(kind, NO_STEP)
    after = end.start - thing.since.start if kind == WHOLE else 0.0
    return Detection(
        function,
        measure,
        thing.since.start,
        certain,
        int(end.runs - thing.since.runs),
        Effect(limit.usual, after, kind),
        thing.places[0],
        thing.places,
    )
