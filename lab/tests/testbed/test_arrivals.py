from collections.abc import Iterator
from random import Random
from typing import Any

from coldtrail_testbed.applications.model import Application, Browser, Visit
from coldtrail_testbed.cloud.arrivals import Arrivals, expected_times
from coldtrail_testbed.cloud.foundation import Foundation

from .conftest import START


class _Log:
    """Users that write down when they act: each acts twice, 25 s apart."""

    def __init__(self, base: Foundation) -> None:
        self.base = base
        self.acts: list[tuple[int, float]] = []
        self.users = 0

    def make_visit(self, _generator: Random) -> Visit:
        def visit(_browser: Browser) -> Iterator[float]:
            self.users += 1
            user = self.users
            for _ in range(2):
                self.acts.append((user, self.base.clock.now() - START))
                yield 25

        return visit


def _arrivals(base: Foundation, number: int) -> tuple[Arrivals, _Log]:
    log = _Log(base)
    return Arrivals(_application(log.make_visit), 1, number, base, lambda: NotImplemented), log


def _application(users: Any, gap: Any = lambda _time, _generator: 10.0) -> Application:
    return Application("a", "an application", (), users, gap)


def test_users_overlap(foundation: Foundation) -> None:
    arrivals, log = _arrivals(foundation, 3)
    arrivals.begin()
    foundation.agenda.settle()
    assert log.acts == [(1, 10), (2, 20), (3, 30), (1, 35), (2, 45), (3, 55)]
    assert (arrivals.came, arrivals.gone) == (3, 3)


def test_a_sale_hurries_users_and_a_quiet_spell_holds_them_up(foundation: Foundation) -> None:
    arrivals, log = _arrivals(foundation, 6)
    arrivals.when_came(1 / 3, lambda: arrivals.hurry(5, START + 23))
    arrivals.when_came(5 / 6, lambda: arrivals.pause(START + 1000))
    arrivals.begin()
    foundation.agenda.settle()
    came = [time for user, time in dict(reversed(log.acts)).items()]
    assert sorted(came) == [10, 20, 22, 24, 34, 1010]


def test_the_expected_times_are_the_real_ones(foundation: Foundation) -> None:
    def gap(_time: float, generator: Random) -> float:
        return generator.uniform(5, 50)

    log = _Log(foundation)
    application = _application(log.make_visit, gap)
    Arrivals(application, 7, 4, foundation, lambda: NotImplemented).begin()
    foundation.agenda.settle()
    came = sorted(dict(reversed(log.acts)).values())
    assert [time - START for time in expected_times(application, 7, 4, START)] == came


def test_hurries_that_overlap_multiply(foundation: Foundation) -> None:
    arrivals, log = _arrivals(foundation, 4)
    arrivals.hurry(2, START + 1000)
    arrivals.hurry(5, START + 2)
    arrivals.begin()
    foundation.agenda.settle()
    assert sorted(dict(reversed(log.acts)).values()) == [1, 2, 7, 12]


def test_what_happens_at_a_users_coming_takes_no_time_from_the_user(foundation: Foundation) -> None:
    arrivals, log = _arrivals(foundation, 2)
    arrivals.when_came(0.5, lambda: foundation.clock.set(START + 300))
    arrivals.begin()
    foundation.agenda.settle()
    assert log.acts == [(1, 10), (2, 20), (1, 35), (2, 45)]
