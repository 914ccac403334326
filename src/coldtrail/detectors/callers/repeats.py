"""Calls that repeat what is familiar: they are looked up by their tokens, and only counted.

Where nothing of a call was strange, nothing of its like is for the rest of the day, unless a value of it is
forgotten: what is familiar stays so, and an hour alone is never strange. All that its like still changes are
counts of calls, the hours, who was seen last and when each was last at home.
"""

from __future__ import annotations

from msgspec import Struct

from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.features import COUNTRY, HOUR
from coldtrail.detectors.callers.habits import Habit, Habits
from coldtrail.detectors.callers.judging import Sight, Subject
from coldtrail.detectors.callers.profile import hour_key
from coldtrail.detectors.callers.tokens import Token

_MOST, _MOST_FORGOTTEN = 16_384, 4_096
"""About 1.6 KB a call, whoever makes names."""


class Repeat(Struct):
    """A call, and who learned of it."""

    hour: int = 0
    """Of the last one, since the epoch."""
    learners: list[tuple[Habit, int]] = []
    """Each with how many hours of the week it keeps, none where the call tells none."""
    principals: list[tuple[int, Habit]] = []
    """The principal and its role, by their keys."""
    account: tuple[int, Habit] | None = None
    network: tuple[int, int | None] | None = None
    """The network, and the principal that makes it known."""
    country: int | None = None
    at_home: list[Habit] = []
    """Those of principals, role and account that are known for the country."""
    values: tuple[int, ...] = ()
    is_strange: bool = False

    def add(self, subject: Subject, seen: Sight, episode: Episode | None) -> None:
        """Somebody who learned of it, and found it strange or not."""
        self.hour = seen.hour
        self.is_strange |= episode is not None
        self.learners.append((subject.habit, 0 if seen.keys[HOUR] is None else subject.kinds[HOUR].most))
        new = [key for key in seen.keys[:HOUR] if key is not None and key not in self.values]
        self.values += (*new,)

    def is_of(self, habits: Habits) -> bool:
        """Whether nobody of it was forgotten meanwhile; they are those that were seen last now."""
        for key, habit in self.principals:
            if habits.made(key) is not habit:
                return False
        return self.account is None or habits.account(self.account[0]) is self.account[1]

    def begin_hour(self, at: float, day: int, hour: int) -> None:
        """What the first one of an hour changes."""
        self.hour = hour
        for habit, most in self.learners:
            habit.hours |= 1 << hour % 24
            if most:
                habit.profile.learn(HOUR, hour_key(at), day, hour, most)
        self.find_home()

    def find_home(self) -> None:
        """Notes who is known for the country at this hour."""
        if self.country is None or self.account is None:
            return
        habits = [*(habit for _, habit in self.principals), self.account[1]]
        self.at_home = [one for one in habits if one.profile.is_familiar(COUNTRY, self.country, self.hour)]


class Repeats:
    """Those of the day, bounded."""

    def __init__(self) -> None:
        self._known: dict[Token, Repeat] = {}
        self._forgotten: set[int] = set()
        self._day = self._hour = 0

    def count(self, token: Token, at: float, habits: Habits) -> bool:
        """Whether the call repeats what is familiar; if so it is counted, and there is no more to do."""
        day, hour = int(at // 86_400), int(at // 3_600)
        if day != self._day or hour < self._hour:
            self._clear()
        self._day, self._hour = day, hour
        repeat = self._known.get(token)
        if repeat is None or not self._forgotten.isdisjoint(repeat.values) or not repeat.is_of(habits):
            return False
        if hour != repeat.hour:
            repeat.begin_hour(at, day, hour)
        for habit, _ in repeat.learners:
            habit.profile.begin(day, hour)
        for habit in repeat.at_home:
            habit.home_at = at
        if repeat.network is not None:
            habits.network(*repeat.network, day)
        return True

    def keep(self, token: Token, repeat: Repeat) -> None:
        """Remembers a call of which nothing was strange."""
        if repeat.is_strange:
            return
        if len(self._known) >= _MOST:
            self._clear()
        repeat.find_home()
        self._known[token] = repeat

    def forget(self, values: list[int]) -> None:
        """Calls with these values are judged again."""
        self._forgotten.update(values)
        if len(self._forgotten) > _MOST_FORGOTTEN:
            self._clear()

    def _clear(self) -> None:
        self._known.clear()
        self._forgotten.clear()
