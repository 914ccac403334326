"""Work that the cloud does later: one activity at a time, in virtual order."""

import heapq
from collections.abc import Callable
from itertools import count

from coldtrail_testbed.clock import VirtualClock

Activity = Callable[[], None]


class Agenda:
    """Activities with their virtual start; two that overlap in virtual time still run one after the other."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._waiting: list[tuple[float, int, Activity]] = []
        self._order = count()

    def add(self, start: float, activity: Activity) -> None:
        """None; `activity` runs at virtual time `start`."""
        heapq.heappush(self._waiting, (start, next(self._order), activity))

    def settle(self) -> None:
        """None; everything has run, what it started included, and the clock stands at the latest end."""
        latest = self._clock.now()
        while self._waiting:
            start, _, activity = heapq.heappop(self._waiting)
            self._clock.set(start)
            activity()
            latest = max(latest, self._clock.now())
        self._clock.set(latest)
