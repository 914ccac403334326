"""In which hours of the week functions run: one in which a function never ran is a weak sign."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.counts import Columns
from coldtrail.detectors.rates.table import NEVER, Rows, Table
from coldtrail.detectors.rates.tails import Floats

HOUR = 60
"""Minutes."""
WEEK_HOURS = 168
_FIRST_HOUR = 3 * 24
"""The epoch began on a Thursday; weeks are counted from Monday 00 h, UTC."""
_LEAST_WEEKS = 2.0
_MOST = 255
_ODD = 0.1
"""An hour in which a function runs less often than this is odd."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Hours(Table):
    """Weeks in which functions ran, by hour of the week."""

    weeks: NDArray[np.uint8]
    hour: Floats
    """The last in which it ran, since the epoch."""
    hours: NDArray[np.float32]
    """In which it ran since odd ones can be told, and the odd ones of these."""
    odd: NDArray[np.float32]
    told: Floats
    """The last odd hour that was told."""
    rows: ClassVar[dict[str, Rows]] = {
        "weeks": Rows(WEEK_HOURS, np.uint8),
        "hour": Rows(1, np.float64, -1.0),
        "hours": Rows(1, np.float32),
        "odd": Rows(1, np.float32),
        "told": Rows(1, np.float64, NEVER),
    }

    def ran(self, minute: int, columns: Columns, minutes: Floats) -> tuple[Columns, Floats]:
        """The functions that ran in an odd hour, with the strength of that: an hour is as odd as it is rare
        that the function runs in odd hours. `minutes` tells how long functions are known."""
        hour = minute // HOUR
        new = columns[self.hour[0, columns] != hour]
        if not len(new):
            return new, np.zeros(0)
        slot = hour_of_week(minute)
        known = minutes[self.hour[0, columns] != hour] / (HOUR * WEEK_HOURS)
        near = [(slot + step) % WEEK_HOURS for step in (-1, 0, 1)]
        usually = (self.weeks[near][:, new].sum(axis=0, dtype=np.float64) + 0.5) / (3.0 * known + 1.0)
        judged = known >= _LEAST_WEEKS
        odd = judged & (usually < _ODD)
        strength = -np.log10((self.odd[0, new] + 1.0) / (self.hours[0, new] + 2.0))
        told = odd & (strength >= 1.0) & (self.told[0, new] < hour - 24)
        self._learn(hour, slot, new)
        self.hours[0, new] += judged
        self.odd[0, new] += odd
        self.told[0, new[told]] = hour
        return new[told], strength[told].astype(np.float64)

    def _learn(self, hour: int, slot: int, new: Columns) -> None:
        self.hour[0, new] = hour
        self.weeks[slot, new] = np.minimum(self.weeks[slot, new].astype(np.int16) + 1, _MOST)


def hour_of_week(minute: int) -> int:
    """The hour of the week of a minute since the epoch."""
    return (minute // HOUR + _FIRST_HOUR) % WEEK_HOURS


def name_of_hour(minute: int) -> str:
    """Of the week, as people say it, UTC."""
    day, hour = divmod(hour_of_week(minute), 24)
    return f"{_DAYS[day]} {hour:02d}h"
