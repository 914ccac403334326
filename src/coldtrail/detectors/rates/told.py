"""What was told of functions: one thing is told once, and again when it grows tenfold or comes back after a
quiet day."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.counts import DAY, Columns, Flags
from coldtrail.detectors.rates.levels import CHANNELS
from coldtrail.detectors.rates.table import NEVER, Rows, Table
from coldtrail.detectors.rates.tails import Floats

_GROWS = 10.0
_WEAK = 0.75
"""Of the limit, from which on a score is told as a weak sign."""


class News(NamedTuple):
    """Which of some functions are to be told of."""

    alone: Flags
    weak: Flags


class Told(Table):
    """By channel, what was told last and the largest score of the day."""

    maxima: NDArray[np.float32]
    until: Floats
    """The last minute of what was told, as it lasted."""
    since: Floats
    """When it was told."""
    rate: NDArray[np.float32]
    """The most invocations a minute when it was told."""
    weak: Floats
    """The minute of the last weak sign."""
    rows: ClassVar[dict[str, Rows]] = {
        "maxima": Rows(CHANNELS, np.float32),
        "until": Rows(CHANNELS, np.float64, NEVER),
        "since": Rows(CHANNELS, np.float64, NEVER),
        "rate": Rows(CHANNELS, np.float32),
        "weak": Rows(1, np.float64, NEVER),
    }

    def note(self, channel: int, columns: Columns, scores: Floats) -> None:
        """Keeps the largest scores of the day."""
        self.maxima[channel, columns] = np.maximum(self.maxima[channel, columns], scores)

    def news(
        self,
        channel: int,
        minute: int,
        columns: Columns,
        scores: Floats,
        rates: Floats,
        over: Flags,
        limits: Floats,
    ) -> News:
        """What is to be told of functions with these scores and invocations a minute; `over` tells which are
        strange enough."""
        grown = rates >= _GROWS * self.rate[channel, columns]
        alone = over & ((self.until[channel, columns] < minute - DAY) | grown)
        self.until[channel, columns[over]] = minute
        self.rate[channel, columns[alone]] = rates[alone]
        self.since[channel, columns[alone]] = minute
        quiet = np.maximum(self.until[channel, columns], self.weak[0, columns]) < minute - DAY
        weak = ~over & (scores >= _WEAK * limits) & quiet
        self.weak[0, columns[weak]] = minute
        return News(alone, weak)

    def goes_on(self, minute: int) -> Flags:
        """By channel, the functions of which nothing could be news on the day that begins with a minute:
        what was told before went on."""
        of = slice(0, self.functions)
        going: Flags = (self.since[:, of] < minute) & (self.until[:, of] >= minute)
        return going

    def end_day(self) -> None:
        """Begins a day."""
        self.maxima[...] = 0.0
