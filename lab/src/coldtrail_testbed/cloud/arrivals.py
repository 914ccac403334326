"""The users of a run: they come one after the other, and overlap in virtual time."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from math import prod
from random import Random

from coldtrail_testbed.applications.model import Application, Browser
from coldtrail_testbed.cloud.density import Thin, everybody
from coldtrail_testbed.cloud.foundation import Foundation, generator_for

OpenBrowser = Callable[[], Browser]


class Arrivals:
    """Puts `number` users on the agenda: each visit goes on while later users come.

    `thin` says which of those who would come do so. `came` and `gone` count the users whose visits have begun
    and ended.
    """

    def __init__(
        self,
        application: Application,
        seed: int,
        number: int,
        base: Foundation,
        open_browser: OpenBrowser,
        thin: Thin = everybody,
    ) -> None:
        self._gap = application.gap
        self._gaps = generator_for(seed, "gaps")
        self._visit = application.users(generator_for(seed, "users"))
        self._base = base
        self._open_browser = open_browser
        self._number = number
        self._thin = thin
        self._marks: defaultdict[int, list[Callable[[], None]]] = defaultdict(list)
        self._hurries: list[tuple[float, float]] = []
        self._paused_until = 0.0
        self.came = 0
        self.gone = 0

    def begin(self) -> None:
        """None; the first user is on the way."""
        self._await_next()

    def when_came(self, share: float, activity: Callable[[], None]) -> None:
        """None; `activity` happens when `share` of all users have come."""
        self._marks[max(1, round(share * self._number))].append(activity)

    def hurry(self, factor: float, until: float) -> None:
        """None; users come `factor` times as often, up to virtual time `until`."""
        self._hurries.append((factor, until))

    def pause(self, until: float) -> None:
        """None; nobody comes before virtual time `until`."""
        self._paused_until = until

    def _await_next(self) -> None:
        self._base.agenda.add(self._next_time(self._base.clock.now()), self._arrive)

    def _next_time(self, time: float) -> float:
        while True:
            factor = prod(factor for factor, until in self._hurries if time < until)
            time += self._gap(time, self._gaps) / factor
            if self._thin(time):
                return time

    def _arrive(self) -> None:
        now = self._base.clock.now()
        if now < self._paused_until:
            self._base.agenda.add(self._paused_until, self._await_next)
            return
        self.came += 1
        for activity in self._marks.pop(self.came, ()):
            activity()
            self._base.clock.set(now)
        if self.came < self._number:
            self._await_next()
        self._go_on(self._visit(self._open_browser()))

    def _go_on(self, visit: Iterator[float]) -> None:
        pause = next(visit, None)
        if pause is None:
            self.gone += 1
        else:
            self._base.agenda.add(self._base.clock.now() + pause, lambda: self._go_on(visit))


def expected_times(
    application: Application, seed: int, number: int, start: float, thin: Thin = everybody
) -> list[float]:
    """When the users of a run come if nothing hurries them or holds them up, in UTC epoch seconds."""
    gaps: Random = generator_for(seed, "gaps")
    times: list[float] = []
    while len(times) < number:
        start += application.gap(start, gaps)
        if thin(start):
            times.append(start)
    return times
