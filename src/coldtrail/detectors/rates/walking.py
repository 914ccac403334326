"""All that is known of rates, minute by minute: what is counted, learned and forgotten, in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.callers import Callers
from coldtrail.detectors.rates.counts import DAY, GENERATION_DAYS, HELD, Columns, Counts, Flags
from coldtrail.detectors.rates.functions import Functions
from coldtrail.detectors.rates.gaps import Gaps
from coldtrail.detectors.rates.hours import HOUR, Hours
from coldtrail.detectors.rates.levels import Levels, classes_of, kind_of
from coldtrail.detectors.rates.surges import READY_ACTIVE, READY_MINUTES
from coldtrail.detectors.rates.table import Table
from coldtrail.detectors.rates.tails import Floats
from coldtrail.detectors.rates.told import Told
from coldtrail.errors import BundleError
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.stage import State, array, joined, part
from coldtrail.records.window import Window

_MINUTE_S = 60.0
_MOST = 1e9
"""Invocations of a window; more is no count."""
_MOST_MINUTES = 1e9
_TAKEN_OVER = 10.0
"""Minutes by which what takes over from a function may overlap with it, or be late."""
_WHOLE_DAY = 0.75 * DAY
"""A day of which a function was judged for less says little of how often days alarm."""


class Walking:
    """The tables of a walk through time, in step with each other."""

    def __init__(self, alarms_a_function_day: float) -> None:
        self.functions = Functions()
        self.counts = Counts()
        self.gaps = Gaps()
        self.hours = Hours()
        self.callers = Callers()
        self.told = Told()
        self.levels = Levels(alarms_a_function_day)
        self.minute = -1
        """The last one that was counted, since the epoch; -1 before the first."""

    def __len__(self) -> int:
        return len(self.functions.keys)

    @property
    def _tables(self) -> dict[str, Table]:
        return {
            "counts": self.counts, "gaps": self.gaps, "hours": self.hours, "callers": self.callers,
            "told": self.told,
        }  # fmt: skip

    def step(self, minute: int, encounters: Sequence[Encounter]) -> Columns:
        """Counts what windows that end with a minute tell; returns the functions that ran in it. Nothing is
        counted of windows that come too late: something else may have counted their minutes already."""
        windows = [
            one.what
            for one in encounters
            if isinstance(one.what, Window) and one.what.start_time + one.what.period_s > minute * _MINUTE_S
        ]
        if minute < self.minute or not windows:
            return np.zeros(0, np.intp)
        columns = np.array([self._column(one) for one in windows], np.intp)
        self._go_to(minute, columns)
        more = self.functions.cover(minute, columns)
        of = slice(0, len(self))
        self.counts.minutes[0, of] += more
        self.gaps.gap[0, of] += more
        for window, column in zip(windows, columns.tolist(), strict=True):
            if window.trigger is not None or window.callers or window.source == "flows":
                self._take_traits(window, column)
        return self._count(minute, windows, columns)

    def _count(self, minute: int, windows: list[Window], columns: Columns) -> Columns:
        told = np.array([one.invocations for one in windows], np.float64)
        minutes = np.array([one.period_s for one in windows], np.float64) / _MINUTE_S
        ran = (told > 0) & (told <= _MOST) & (minutes >= 1)
        some = np.unique(columns[ran])
        if len(some) == np.count_nonzero(ran) and (minutes[ran] == 1.0).all():
            # As below, of windows of a minute, one a function.
            sums = np.zeros(len(self))
            sums[columns[ran]] = told[ran]
            if len(some):
                self.counts.add(minute, some, sums[some])
            return some
        for period in np.unique(np.minimum(minutes[ran], HELD)):
            of = ran & (np.minimum(minutes, HELD) == period)
            found, where = np.unique(columns[of], return_inverse=True)
            sums = np.bincount(where, told[of]) / period
            for ago in range(int(period)):
                self.counts.add(minute, found, sums, ago)
        return some

    def end(self, minute: int, ran: Columns) -> None:
        """Learns when functions ran, once a minute is judged."""
        echo = self.counts.held[(minute - HOUR) % HELD, ran] > 0
        self.gaps.ran(minute, ran, self.functions.last[0, ran] >= 0, echo)
        self.functions.last[0, ran] = minute

    def classes(self, columns: Columns) -> Columns:
        """The classes of functions."""
        return classes_of(self.functions.kind[0, columns], self.a_minute(columns))

    def a_minute(self, columns: Columns) -> Floats:
        """How often functions run a minute."""
        runs = self.counts.past[0, columns] + self.counts.sums[3, columns]
        a_minute: Floats = runs / np.maximum(self.counts.minutes[0, columns], 1.0)
        return a_minute

    def moved_to(self, column: int, minute: int) -> FunctionKey | None:
        """Where a function that pauses runs instead: one of its name in another region that began to run, or
        ran again after a silence, about when it ran last, as in a failover and back; None for nowhere."""
        since = minute - self.gaps.gap[0, column]
        for other in self.functions.elsewhere(column):
            began = max(minute - self.counts.minutes[0, other], self.gaps.told_until[0, other])
            paused = self.gaps.longest_gap(np.array([other]))[0] + _TAKEN_OVER
            if began >= since - _TAKEN_OVER and self.gaps.gap[0, other] <= paused:
                return self.functions.keys[other]
        return None

    def ready(self) -> Flags:
        """The functions of which enough is known."""
        of = slice(0, len(self))
        active = self.counts.past_active[0, of] + self.counts.active[3, of]
        ready: Flags = (self.counts.minutes[0, of] >= READY_MINUTES) & (active >= READY_ACTIVE)
        return ready

    def _column(self, window: Window) -> int:
        key = window.key
        column = self.functions.columns.get(key)
        return self._new_column(key) if column is None else column

    def _new_column(self, key: FunctionKey) -> int:
        column = self.functions.column(key)
        if column < 0:
            column = self.functions.oldest()
            self.functions.replace(column, key)
            for table in self._tables.values():
                table.forget(column)
        for table in self._tables.values():
            table.make_room(len(self))
        self.counts.minutes[0, column] = self.functions.minutes_at_first(column)
        return column

    def _take_traits(self, window: Window, column: int) -> None:
        """Takes what started a function, and which part of it is traced."""
        kind = kind_of(window.trigger)
        if kind:
            self.functions.kind[0, column] = kind
        rate = window.sampling_rate if window.source == "flows" else None
        self.functions.share[0, column] = 1.0 if rate is None else min(max(rate, 1e-4), 1.0)
        if window.traced and window.callers:
            near = window.key
            found = [(self.functions.find(near, name), runs) for name, runs in window.callers]
            self.callers.note(
                column, window.traced, [one for one in found if one[0] >= 0 and one[0] != column]
            )
        elif window.traced:
            self.callers.traced[0, column] += window.traced

    def _go_to(self, minute: int, columns: Columns) -> None:
        """Ends the minutes before."""
        if self.minute < 0:
            self.minute = minute
        covered = self.functions.covered_until(minute, columns)
        days = minute // DAY - self.minute // DAY
        generation = minute // DAY // GENERATION_DAYS > self.minute // DAY // GENERATION_DAYS
        for _ in range(min(minute - self.minute, HELD + 1)):
            self.callers.close(self.minute, self.counts)
            self.counts.close(self.minute, covered | self.functions.covered(self.minute))
            self.minute += 1
            self.counts.open(self.minute)
        self.minute = minute
        if days:
            self._end_days(days, generation)

    def _end_days(self, days: int, generation: bool) -> None:
        of = slice(0, len(self))
        everyone = np.arange(len(self))
        whole = self.ready() & (self.counts.minutes[0, of] >= READY_MINUTES + _WHOLE_DAY)
        judged = np.stack([whole, whole, whole & self.callers.known(everyone)])
        judged &= ~self.told.goes_on((self.minute // DAY - days) * DAY)
        self.levels.end_day(self.told.maxima[:, of], judged, self.classes(everyone))
        self.told.end_day()
        for table in (self.counts, self.gaps, self.callers):
            table.end_days(days, generation)

    def snapshot(self) -> State:
        """All that is kept."""
        states = {name: table.state() for name, table in self._tables.items()}
        minute: NDArray[np.int64] = np.array([self.minute], np.int64)
        whole = states | {"functions": self.functions.state(), "levels": self.levels.state()}
        return joined(whole) | {"minute": minute}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self.functions.restore(part(state, "functions"))
        for name, table in self._tables.items():
            table.restore(part(state, name), len(self))
        if (self.callers.caller[:, : len(self)] >= len(self)).any():
            raise BundleError("The state is damaged (a caller that is not known).")
        self.levels.restore(part(state, "levels"))
        self.minute = int(array(state, "minute", np.int64, 1)[0])
        if not -1 <= self.minute <= _MOST_MINUTES:
            raise BundleError("The state is damaged (a minute out of range).")
