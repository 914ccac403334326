"""The one event loop of a run: everything that happens is an activity with a virtual start."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.running import RunningInstances

Activity = Callable[[], None]


@dataclass(frozen=True, order=True)
class _Entry:
    """An activity in its place: by start, then by the order in which it was added."""

    start: float
    order: int
    activity: Activity = field(compare=False)
    root: str | None = field(compare=False, default=None)
    background: bool = field(compare=False, default=False)
    period_s: float = field(compare=False, default=0.0)
    attack: str | None = field(compare=False, default=None)


class Agenda:
    """Activities in the order of (start, insertion); those that overlap in virtual time still run in turn.

    The clock is set to an activity's start when it runs, which may be before the end of the one before it.
    An activity that is added by a recurring one, however far down, is background: it runs, but keeps nothing
    alive. Recurring activities only run while somebody else's work is still ahead. An activity that an
    intruder's own call adds still belongs to that call.
    """

    def __init__(self, clock: VirtualClock, running: RunningInstances | None = None) -> None:
        self._clock = clock
        self._running = running or RunningInstances()
        self._once: list[_Entry] = []
        self._recurring: list[_Entry] = []
        self._order = count()
        self._foreground = 0
        self._in_background = False
        self._pending: Counter[str] = Counter()

    def add(
        self, start: float, activity: Activity, *, root: str | None = None, background: bool = False
    ) -> None:
        """None; `activity` runs once at virtual time `start`, as a part of the trace `root` if it has one."""
        background, attack = background or self._in_background, self._running.intruding
        entry = _Entry(start, next(self._order), activity, root, background, attack=attack)
        heapq.heappush(self._once, entry)
        self._foreground += not entry.background
        if root:
            self._pending[root] += 1

    def every(self, first: float, period_s: float, activity: Activity) -> None:
        """None; `activity` runs at `first` and then every `period_s` seconds, as long as the run goes on."""
        entry = _Entry(first, next(self._order), activity, background=True, period_s=period_s)
        heapq.heappush(self._recurring, entry)

    def is_pending(self, root: str) -> bool:
        """Whether an activity of the trace `root` has still to run."""
        return root in self._pending

    def run_next(self) -> bool:
        """Whether an activity was left to run; it has, and the clock stands at its end."""
        entry = self._take(recurring=self._foreground > 0)
        if entry:
            self._run(entry)
        return entry is not None

    def settle(self) -> None:
        """None; everything has run, what it started included, and the clock stands at the latest end."""
        latest = self._clock.now()
        while self.run_next():
            latest = max(latest, self._clock.now())
        self._clock.set(latest)

    def run_until(self, time: float) -> None:
        """None; all that starts up to `time` has run, recurring activities too, and the clock is there."""
        while entry := self._take(recurring=True, latest=time):
            self._run(entry)
        self._clock.set(time)

    def _take(self, *, recurring: bool, latest: float = float("inf")) -> _Entry | None:
        queue = self._once
        if recurring and self._recurring and (not queue or self._recurring[0] < queue[0]):
            queue = self._recurring
        if not queue or queue[0].start > latest:
            return None
        return heapq.heappop(queue)

    def _run(self, entry: _Entry) -> None:
        if entry.period_s:
            self.every(entry.start + entry.period_s, entry.period_s, entry.activity)
        else:
            self._foreground -= not entry.background
        self._clock.set(entry.start)
        self._in_background = entry.background
        try:
            with self._running.intrusion(entry.attack):
                entry.activity()
        finally:
            self._in_background = False
            self._forget(entry.root)

    def _forget(self, root: str | None) -> None:
        if root:
            self._pending[root] -= 1
            if not self._pending[root]:
                del self._pending[root]
