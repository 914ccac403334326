"""What is usual of all subjects of a kind: how often they show something new, and how strange they get.

A strength is read off here: the share of benign hours of such subjects that held something as strange, never
a chance that a model makes up.
"""

from __future__ import annotations

from math import log10

from msgspec import Struct

from coldtrail.detectors.callers.features import FEATURES, Kind

_STEP = 0.25
_BINS = 60
_LEAN_DAYS = 30.0
_MATURE_DAYS = 7
"""Subjects with fewer active days tell nothing of how often something new comes later."""
_MOST_DAYS = 50_000.0
"""Then all is halved: the past counts less."""
_FIRST_HOURS = 48.0
_HOURS_A_DAY = 24.0
_OF_ATTACKS = 0.25
"""What was told as an attack counts so much as benign: should it be told often, it is told no more."""
_TOO_OFTEN_A_DAY, _FIRST_TIMES = 0.003, 3.0


class Pool(Struct, array_like=True):
    """All subjects of a kind together."""

    days: float = 0.0
    """On which one was active, each for itself."""
    mature_days: float = 0.0
    news: list[float] = []
    """By feature, days of mature subjects that brought a value which these never showed."""
    reached: list[float] = []
    """By steps of the score, how often it was reached."""

    def __post_init__(self) -> None:
        self.news = self.news or [0.0] * FEATURES
        self.reached = self.reached or [0.0] * _BINS

    def add_day(self, days: int) -> None:
        """A subject with so many active days has begun another."""
        self.days += 1.0
        if days > _MATURE_DAYS:
            self.mature_days += 1.0
        if self.days > _MOST_DAYS:
            self.days, self.mature_days = self.days / 2, self.mature_days / 2
            self.news = [one / 2 for one in self.news]
            self.reached = [one / 2 for one in self.reached]

    def add_news(self, feature: int, days: int) -> None:
        """A day of a subject with so many brought a value of the feature which it never showed."""
        if days > _MATURE_DAYS:
            self.news[feature] += 1.0

    def usual(self, feature: int, kind: Kind) -> float:
        """The share of days that bring a new value."""
        before = _LEAN_DAYS * kind.new_a_day
        return (self.news[feature] + before) / (self.mature_days + _LEAN_DAYS)

    def reach(self, before: float, now: float) -> None:
        """Something that scored `before`, 0 at first, scores higher now."""
        for bin in range(_bin(before) + 1 if before > 0.0 else 0, _bin(now) + 1):
            self.reached[bin] += 1.0

    def forget(self, score: float) -> None:
        """What reached the score was told as an attack: it tells little of what is benign."""
        for bin in range(_bin(score) + 1):
            self.reached[bin] -= 1.0 - _OF_ATTACKS

    def strength(self, score: float) -> float:
        """Minus the decimal logarithm of the chance that a benign hour of a subject holds such a score, which
        was reached just now."""
        hours = self.days * _HOURS_A_DAY
        return -log10(max(self.reached[_bin(score)], 1.0) / (hours + _FIRST_HOURS))

    def is_usual(self, score: float) -> bool:
        """Whether such a score comes so often that nobody wants to be told of it alone."""
        return self.reached[_bin(score)] > _TOO_OFTEN_A_DAY * self.days + _FIRST_TIMES


def _bin(score: float) -> int:
    return min(int(score / _STEP), _BINS - 1)
