"""How densely users come: as they do by nature, or spread over days."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.cloud.foundation import generator_for

_DAY_S = 86_400.0
# Fewer people come on Saturdays and Sundays.
_WEEKEND = 0.6
_SATURDAY = 5
_DAYS_DRAWN = 10

Thin = Callable[[float], bool]
"""Whether a user who would come at a UTC epoch time does come."""


def everybody(_time: float) -> bool:
    """True: users come as densely as they do by nature."""
    return True


class SpreadOverDays:
    """Thins the users out, so that about `visits` of them come in `days` from `start` on.

    The hours of the day keep their shares (a thinned Poisson process is one), weekends are quieter.
    `share` is the part that comes on a working day.
    """

    def __init__(self, application: Application, seed: int, visits: int, days: float, start: float) -> None:
        self._generator = generator_for(seed, "thinning")
        weights = sum(_weight(start + (day + 0.5) * _DAY_S) for day in range(max(1, round(days))))
        expected = users_a_day(application, start) * weights * days / max(1, round(days))
        self.share = min(1.0, visits / expected)

    def __call__(self, time: float) -> bool:
        """Whether a user who would come at `time` does come; each answer is a draw of its own."""
        return self._generator.random() < self.share * _weight(time)


def users_a_day(application: Application, start: float) -> float:
    """How many users come in a day by nature: the mean of some days, the same for every run."""
    generator, time, users = Random("a day"), start, 0  # noqa: S311 - repeatable on purpose
    while time < start + _DAYS_DRAWN * _DAY_S:
        time += application.gap(time, generator)
        users += 1
    return users / _DAYS_DRAWN


def _weight(time: float) -> float:
    return _WEEKEND if datetime.fromtimestamp(time, UTC).weekday() >= _SATURDAY else 1.0
