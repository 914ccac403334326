"""How long functions pause, and whether one pauses longer than ever.

Only of functions that a clock drives or that never pause for long is a silence told. A clock is known by the
trigger, by gaps that hardly differ, or by runs that come again on the hour, as those of two clocks do.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.counts import DAY, Columns, Flags
from coldtrail.detectors.rates.table import NEVER, Rows, Table
from coldtrail.detectors.rates.tails import Floats

_LONGER = 1.3
_AND_MINUTES = 8.0
"""A silence is longer than the longest gap by both: short outages of the platform are of no function."""
_REGULAR = 0.2
"""Squared coefficient of variation of the gaps, up to which a clock seems to drive a function."""
_LEAST_GAPS = 6
_LEAST_GAPS_OF_TIMER = 4
_LEAST_ECHOES = 4.0
_ECHO_SHARE = 0.4
"""Of the runs, those that came an hour before as well to the minute, which a clock by the hour has, and"""
_ECHO_TIMES = 8.0
"""so many times as many of them as chance would bring."""
_LEAST_MINUTES = 120.0
_LEAST_COVERED = 0.5
"""Of the time until a function ran last, and the minutes, that its gaps must cover: who ran for an hour has
no clock."""
_BUSY_GAP = 5.0
_NEAR = 0.5
"""A lower ratio is of no interest."""
_KEPT_A_DAY = 0.5 ** (1 / 28)
_BUSY_MINUTES = 3 * DAY * _KEPT_A_DAY**3
"""Three days: what people use sleeps at night."""
_GROWN = 2.0


class Gaps(Table):
    """Gaps between minutes in which functions ran, in minutes for which there is telemetry."""

    gap: Floats
    """Minutes since it ran last."""
    longest: NDArray[np.float32]
    """Of this generation and of the one before."""
    longest_before: NDArray[np.float32]
    number: NDArray[np.float32]
    """Of gaps, their sum and that of their squares."""
    total: Floats
    squares: Floats
    echoes: NDArray[np.float32]
    """Runs that came an hour before as well."""
    told: NDArray[np.float32]
    """The gap when its silence was told; 0 where it was not."""
    told_until: Floats
    """When the last silence that was told ended."""
    rows: ClassVar[dict[str, Rows]] = {
        "gap": Rows(1, np.float64),
        "longest": Rows(1, np.float32),
        "longest_before": Rows(1, np.float32),
        "number": Rows(1, np.float32),
        "total": Rows(1, np.float64),
        "squares": Rows(1, np.float64),
        "echoes": Rows(1, np.float32),
        "told": Rows(1, np.float32),
        "told_until": Rows(1, np.float64, NEVER),
    }

    def ran(self, minute: int, columns: Columns, again: Flags, echo: Flags) -> None:
        """Ends the gaps of functions that ran; `again` tells who had run before, `echo` an hour before."""
        self.echoes[0, columns] += echo
        known = columns[again]
        gap = np.maximum(self.gap[0, known], 1.0)
        told = self.told[0, known] > 0
        kept = np.where(told, np.minimum(gap, _GROWN * self.longest_gap(known) + _AND_MINUTES), gap)
        self.longest[0, known] = np.maximum(self.longest[0, known], kept)
        self.number[0, known] += ~told
        self.total[0, known] += np.where(told, 0.0, gap)
        self.squares[0, known] += np.where(told, 0.0, gap * gap)
        self.told_until[0, known] = np.where(told, minute, self.told_until[0, known])
        self.told[0, known] = 0.0
        self.gap[0, columns] = 0.0

    def longest_gap(self, columns: Columns) -> Floats:
        """The longest gap so far."""
        longest: Floats = np.maximum(self.longest[0, columns], self.longest_before[0, columns]).astype(
            np.float64
        )
        return longest

    def ratios(self, minutes: Floats, timers: Flags, others: Flags) -> Floats:
        """Of all functions the present gap over the one from which on it is a silence; 0 for functions of
        which none is told. `minutes` is how long each is known, `timers` and `others` those whose trigger is
        told, to be one or not."""
        of = slice(0, self.functions)
        longest = np.maximum(self.longest[0, of], self.longest_before[0, of])
        ratios: Floats = self.gap[0, of] / (_LONGER * longest + _AND_MINUTES)
        if not (ratios > _NEAR).any():
            return np.zeros(self.functions)
        return np.where(self._told_of(minutes, timers, others), ratios, 0.0)

    def _told_of(self, minutes: Floats, timers: Flags, others: Flags) -> Flags:
        of = slice(0, self.functions)
        number, total = self.number[0, of].astype(np.float64), self.total[0, of]
        mean = total / np.maximum(number, 1.0)
        spread = self.squares[0, of] / np.maximum(number, 1.0) - mean * mean
        covered = (total >= _LEAST_MINUTES) & (total >= _LEAST_COVERED * (minutes - self.gap[0, of]))
        regular = (spread <= _REGULAR * mean * mean) & (number >= _LEAST_GAPS) & covered & ~others
        hourly = self._hourly(number, minutes) & covered & ~others
        driven = timers & (number >= _LEAST_GAPS_OF_TIMER) & covered
        longest = np.maximum(self.longest[0, of], self.longest_before[0, of])
        busy = (minutes >= _BUSY_MINUTES) & (longest <= _BUSY_GAP) & (number >= 100)
        found: Flags = regular | hourly | driven | busy
        return found

    def _hourly(self, number: Floats, minutes: Floats) -> Flags:
        echoes = self.echoes[0, : self.functions].astype(np.float64)
        often = (echoes >= _LEAST_ECHOES) & (echoes >= _ECHO_SHARE * number)
        found: Flags = often & (echoes * minutes >= _ECHO_TIMES * number * number)
        return found

    def to_tell(self, minute: int, ratios: Floats) -> Columns:
        """The functions whose silence is news: longer than ever and not told yet, within a day, unless it has
        grown tenfold since."""
        of = slice(0, self.functions)
        told = self.told[0, of]
        new = (told == 0) & (self.told_until[0, of] < minute - DAY)
        found = np.flatnonzero((ratios > 1.0) & (new | ((told > 0) & (self.gap[0, of] >= 10.0 * told))))
        self.told[0, found] = self.gap[0, found]
        return found

    def end_days(self, days: int, new_generation: bool) -> None:
        """Forgets as much as within so many days."""
        kept = _KEPT_A_DAY ** min(days, 10_000)
        for name in ("number", "total", "squares", "echoes"):
            self._of(name)[...] *= kept
        if new_generation:
            self.longest_before[...] = self.longest
            self.longest[...] = 0.0
