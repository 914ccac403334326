"""How often each function ran: minute by minute for two hours, and what is usual in windows of 1, 5, 30 and
120 minutes.

A window is compared with what lies before it, so that a surge explains nothing of itself. What is usual
is known from the sums of all blocks of a window's length and from the largest window so far. Memory is slow:
it halves within four weeks, the largest is kept for five to ten, and of minutes that were just called strange
no more is learned than twice the largest known before.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.table import NEVER, NOT_YET, Rows, Table
from coldtrail.detectors.rates.tails import Floats

SCALES = (1, 5, 30, 120)
"""Minutes."""
LENGTHS: Floats = np.array(SCALES, np.float64)[:, None]
HELD = SCALES[-1]
DAY = 1_440
"""Minutes."""
_KEPT_A_DAY = 0.5 ** (1 / 28)
GENERATION_DAYS = 35
"""A month and some: what comes once a month is known when it comes again."""
_LEARNED = 2.0
"""Of the largest known before, the most that is learned of a strange minute."""
_GROWN = 4.0
"""Of the largest known before, the most that is taken for the largest after something strange."""
Columns = NDArray[np.intp]
Flags = NDArray[np.bool_]


class Counts(Table):
    """Counts by the minute, and what is usual."""

    minutes: Floats
    """Of telemetry that would have told of the function."""
    held: NDArray[np.float32]
    """Invocations of the last minutes; that of a minute stands at its number modulo `HELD`."""
    sums: Floats
    """Of the last minutes, by scale."""
    active: NDArray[np.int16]
    """Minutes of these in which it ran."""
    past: Floats
    """Invocations before the held minutes."""
    past_active: NDArray[np.int32]
    blocks: NDArray[np.float32]
    """How many are learned, by scale, and the sums of them and of their squares."""
    block_sums: Floats
    block_squares: Floats
    last: NDArray[np.float32]
    """The block before, which is not learned yet; -1 where there is none."""
    most: NDArray[np.float32]
    """The largest window so far, by scale, of this generation and of the one before."""
    most_before: NDArray[np.float32]
    last_most: NDArray[np.float32]
    """The largest window within the block before, which is not learned yet, and within this one."""
    new_most: NDArray[np.float32]
    known_most: NDArray[np.float32]
    """The largest when something strange began."""
    strange_since: Floats
    """The first and the last minute of what was strange last."""
    strange_until: Floats
    rows: ClassVar[dict[str, Rows]] = {
        "minutes": Rows(1, np.float64),
        "held": Rows(HELD, np.float32),
        "sums": Rows(4, np.float64),
        "active": Rows(4, np.int16),
        "past": Rows(1, np.float64),
        "past_active": Rows(1, np.int32),
        "blocks": Rows(4, np.float32),
        "block_sums": Rows(4, np.float64),
        "block_squares": Rows(4, np.float64),
        "last": Rows(4, np.float32, -1.0),
        "most": Rows(4, np.float32),
        "most_before": Rows(4, np.float32),
        "last_most": Rows(4, np.float32),
        "new_most": Rows(4, np.float32),
        "known_most": Rows(4, np.float32),
        "strange_since": Rows(1, np.float64, NOT_YET),
        "strange_until": Rows(1, np.float64, NEVER),
    }

    def open(self, minute: int) -> None:
        """Begins a minute."""
        of = slice(0, self.functions)
        leaving = self.held[minute % HELD, of]
        strange = (self.strange_since[0, of] <= minute - HELD) & (self.strange_until[0, of] >= minute - HELD)
        learned = np.minimum(leaving, _LEARNED * np.maximum(self.known_most[0, of], 1.0))
        self.past[0, of] += np.where(strange, learned, leaving)
        self.past_active[0, of] += leaving > 0
        for row, scale in enumerate(SCALES):
            gone = self.held[(minute - scale) % HELD, of]
            self.sums[row, of] -= gone
            self.active[row, of] -= gone > 0
        self.held[minute % HELD, of] = 0.0
        if not minute % HELD:
            self._sum_anew(minute)

    def _sum_anew(self, minute: int) -> None:
        """Sums of fractions drift otherwise."""
        for row, scale in enumerate(SCALES):
            held = [(minute - back) % HELD for back in range(scale)]
            self.sums[row] = self.held[held].sum(axis=0, dtype=np.float64)

    def add(self, minute: int, columns: Columns, counts: Floats, ago: int = 0) -> None:
        """Counts what ran in a minute, or so many minutes ago; no column comes twice."""
        row = (minute - ago) % HELD
        before = self.held[row, columns]
        self.held[row, columns] += counts.astype(np.float32)
        added = self.held[row, columns].astype(np.float64) - before
        for scale in np.flatnonzero(np.array(SCALES) > ago):
            self.sums[scale, columns] += added
            self.active[scale, columns] += before == 0

    def close(self, minute: int, covered: Flags) -> None:
        """Ends a minute; `covered` tells of each function whether telemetry of its account came."""
        of = slice(0, self.functions)
        np.maximum(self.new_most[:, of], self.sums[:, of], out=self.new_most[:, of])
        for row, scale in enumerate(SCALES):
            if not (minute + 1) % scale:
                self._learn(row, scale, minute, covered & (self.minutes[0, of] >= scale))

    def _learn(self, row: int, scale: int, minute: int, covered: Flags) -> None:
        """Learns the block before the one that ends here: the one that ends here still shares minutes with
        windows that are to be judged."""
        of = slice(0, self.functions)
        last, known = self.last[row, of], self.known_most[row, of]
        strange = (self.strange_until[0, of] > minute - 2 * scale) & (
            self.strange_since[0, of] <= minute - scale
        )
        kept = np.where(strange, np.minimum(last, _LEARNED * np.maximum(known, 1.0)), last)
        kept = np.where(last >= 0, kept, 0.0).astype(np.float64)
        self.blocks[row, of] += last >= 0
        self.block_sums[row, of] += kept
        self.block_squares[row, of] += kept * kept
        self.last[row, of] = np.where(covered, self.sums[row, of], -1.0)
        most = self.last_most[row, of]
        most = np.where(strange, np.minimum(most, _GROWN * np.maximum(known, 1.0)), most)
        np.maximum(self.most[row, of], most, out=self.most[row, of])
        self.last_most[row, of] = self.new_most[row, of]
        self.new_most[row, of] = 0.0

    def call_strange(self, columns: Columns, since: Floats, until: int) -> None:
        """Tells that minutes of functions were strange; a quiet day ends what came before."""
        fresh = self.strange_until[0, columns] < until - DAY
        new = columns[fresh]
        self.known_most[:, new] = self.largest(new)
        self.strange_since[0, columns] = np.where(
            fresh, since, np.minimum(since, self.strange_since[0, columns])
        )
        self.strange_until[0, columns] = until

    def largest(self, columns: Columns) -> NDArray[np.float32]:
        """The largest window so far, by scale and function."""
        largest: NDArray[np.float32] = np.maximum(self.most[:, columns], self.most_before[:, columns])
        return largest

    def before(self, columns: Columns) -> tuple[Floats, Floats]:
        """Invocations and minutes before the windows that end now, by scale and function."""
        sums = self.sums[:, columns]
        invocations = self.past[0, columns] + sums[3] - sums
        return np.maximum(invocations, 0.0), np.maximum(self.minutes[0, columns] - LENGTHS, 0.0)

    def active_before(self, columns: Columns) -> NDArray[np.int32]:
        """Minutes in which functions ran before these windows."""
        active = self.active[:, columns].astype(np.int32)
        before: NDArray[np.int32] = self.past_active[0, columns] + active[3] - active
        return before

    def end_days(self, days: int, new_generation: bool) -> None:
        """Forgets as much as within so many days."""
        kept = _KEPT_A_DAY ** min(days, 10_000)
        for name in ("minutes", "past", "blocks", "block_sums", "block_squares"):
            self._of(name)[...] *= kept
        if new_generation:
            self.most_before[...] = self.most
            self.most[...] = 0.0
