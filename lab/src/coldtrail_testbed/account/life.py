"""The ordinary life of an account: a release now and then, and people who look into the console."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.account.console import look_around, sign_in
from coldtrail_testbed.account.people import Person
from coldtrail_testbed.cloud.foundation import generator_for

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_SATURDAY = 5
_AT_HOME = 0.35
_WITH_THE_TOOL = 0.3
_LOOKS_IN = 0.45
_RELEASES = 0.5
_RELEASE_HOURS = (8.0, 15.5)
_MOST_FUNCTIONS = 3
_FIRST_DAY_S = 600.0


class AccountLife:
    """What happens to an account on ordinary days, weekends being quiet; it keeps no run alive."""

    def __init__(self, account: Account, seed: int) -> None:
        self._account = account
        self._generator = generator_for(seed, "account life")

    def begin(self) -> None:
        """None; today and all later days are planned."""
        now = self._account.now()
        tomorrow = (now // _DAY_S + 1) * _DAY_S
        self._plan(now + _FIRST_DAY_S)
        self._account.every_day(tomorrow, lambda: self._plan(self._account.now()))

    def _plan(self, begin: float) -> None:
        """None; what happens today after `begin` is on the agenda."""
        midnight = begin // _DAY_S * _DAY_S
        if datetime.fromtimestamp(begin, UTC).weekday() >= _SATURDAY:
            return
        if self._generator.random() < _RELEASES:
            self._at(midnight + self._generator.uniform(*_RELEASE_HOURS) * _HOUR_S, begin, self._release)
        for person in self._account.people:
            if self._generator.random() < _LOOKS_IN:
                self._plan_visit(person, midnight, begin)

    def _plan_visit(self, person: Person, midnight: float, begin: float) -> None:
        at_home = self._generator.random() < _AT_HOME
        hour = self._generator.uniform(*person.hours)
        self._at(
            midnight + hour * _HOUR_S,
            begin,
            lambda: self._account.go_on(self._visit(person, at_home=at_home)),
        )

    def _at(self, time: float, begin: float, activity: Callable[[], None]) -> None:
        """None; `activity` happens at `time`, unless that is over."""
        if time >= begin:
            self._account.later(time, activity)

    def _visit(self, person: Person, *, at_home: bool) -> Iterator[float]:
        place = person.home if at_home else self._account.offices[person.name]
        with_tool = self._generator.random() < _WITH_THE_TOOL
        who = person.session(person.sits_at(place), self._account.now(), console=not with_tool)
        if with_tool:
            self._account.act(who, "sts", "GetCallerIdentity")
        else:
            sign_in(self._account, who)
        yield from look_around(self._account, who, self._generator, self._generator.randint(2, 6))

    def _release(self) -> None:
        known = self._account.functions
        self._account.release(self._generator.sample(known, self._generator.randint(1, _MOST_FUNCTIONS)))
