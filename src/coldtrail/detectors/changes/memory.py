"""All that is remembered of functions, applications and who changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coldtrail.detectors.changes.actors import (
    DAY_S,
    Actor,
    Actors,
    People,
    country_of,
    person_of,
    place_of,
)
from coldtrail.detectors.changes.chances import Chances
from coldtrail.detectors.changes.habits import Habits
from coldtrail.detectors.changes.places import Accounts, Places
from coldtrail.detectors.changes.telling import Telling, Told
from coldtrail.records.change import Change
from coldtrail.records.identity import ApplicationKey, FunctionKey
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.witnesses import ApiCall

_MOST_FUNCTIONS = 50_000
_MOST_APPLICATIONS = 5_000
_READY_DAYS, _READY_OCCASIONS = 3, 3
_HOURS = 24


class Memory:
    """Habits of functions and applications, actors, and how often what was seen."""

    def __init__(self) -> None:
        self.functions: dict[FunctionKey, Habits] = {}
        self.applications: dict[ApplicationKey, Habits] = {}
        self.actors = Actors({})
        self.people = People({}, {})
        self.accounts = Accounts({})
        self.chances = Chances()
        self.telling = Telling({})
        self.practised: dict[int, tuple[float, int]] = {}
        """What is dangerous and was done before: when first, and how often; by a digest."""
        self.hours = [0.0] * _HOURS
        self.day, self.days, self.occasions = -1, 0, 0

    def pass_time(self, at: float) -> None:
        """It is now so late; a clock that jumps counts as one day."""
        day = int(at // DAY_S)
        if day != self.day:
            self.day = day
            self.days += 1
            self.chances.pass_day(len(self.functions))

    def meet(self, name: str, at: float, what: Change | ApiCall, *, teaches: bool = True) -> None:
        """Somebody did something; whether others may follow him where he is."""
        place, agent, person = place_of(what), what.user_agent, person_of(what)
        known = self.actors.meet(name, at, agent, place)
        if place is None:
            return
        if person is not None:
            known = self.people.meet(person, at, agent, place)
        if teaches and what.error_code is None:
            who = (person or name) if known.first < at - DAY_S else None
            places = self.accounts.of(what.account)
            for one in (place, country_of(what)):
                if one is not None:
                    places.meet(at, one, who)

    @property
    def ready(self) -> bool:
        """Whether who usually makes changes is known."""
        return self.has_days and self.occasions >= _READY_OCCASIONS

    @property
    def has_days(self) -> bool:
        """Whether the audit log was followed for long enough to know who is there."""
        return self.days > _READY_DAYS

    def knows_deployers(self, functions: Iterable[FunctionKey]) -> bool:
        """Whether who usually changes these is known: by deployments of all, or by one of theirs."""
        if not self.has_days or self.ready:
            return self.ready
        found = (self.applications.get(one.application_key) for one in functions)
        return any(habits is not None and habits.deployers for habits in found)

    def missing(self) -> str | None:
        """What it still needs, in a sentence; None where nothing."""
        if self.ready:
            return None
        return (
            f"Who usually changes functions is known after {_READY_DAYS} days of the audit log and "
            f"{_READY_OCCASIONS} deployments; {max(self.days - 1, 0)} and {self.occasions} were seen."
        )

    def function(self, key: FunctionKey, at: float) -> Habits:
        """Of a function, new or not."""
        found = self.functions.get(key)
        if found is None:
            if len(self.functions) >= _MOST_FUNCTIONS:
                del self.functions[next(iter(self.functions))]
            found = self.functions[key] = Habits(at)
        return found

    def application(self, key: ApplicationKey, at: float) -> Habits:
        """Of an application, new or not."""
        found = self.applications.get(key)
        if found is None:
            if len(self.applications) >= _MOST_APPLICATIONS:
                del self.applications[next(iter(self.applications))]
            found = self.applications[key] = Habits(at)
        return found

    def of_role(self, account: str, role: str) -> Iterator[FunctionKey]:
        """The functions that run with a role, named by its ARN or its name."""
        name = role.rpartition("/")[2]
        for key, habits in self.functions.items():
            if key.account == account and habits.role.rpartition("/")[2] == name:
                yield key

    def snapshot(self) -> State:
        """All of it."""
        return {
            "functions": packed(list(self.functions.items())),
            "applications": packed(list(self.applications.items())),
            "actors": packed(self.actors.known),
            "people": packed((self.people.passing, self.people.staying)),
            "accounts": packed(self.accounts.known),
            "chances": packed(self.chances),
            "told": packed(self.telling.told),
            "practised": packed(self.practised),
            "counts": packed((self.hours, self.day, self.days, self.occasions)),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self.functions = dict(unpacked(state, "functions", list[tuple[FunctionKey, Habits]]))
        self.applications = dict(unpacked(state, "applications", list[tuple[ApplicationKey, Habits]]))
        self.actors = Actors(unpacked(state, "actors", dict[str, Actor]))
        self.people = People(*unpacked(state, "people", tuple[dict[str, Actor], dict[str, Actor]]))
        self.accounts = Accounts(unpacked(state, "accounts", dict[str, Places]))
        self.chances = unpacked(state, "chances", Chances)
        self.telling = Telling(unpacked(state, "told", dict[int, Told]))
        self.practised = unpacked(state, "practised", dict[int, tuple[float, int]])
        hours, self.day, self.days, self.occasions = unpacked(
            state, "counts", tuple[list[float], int, int, int]
        )
        self.hours = (hours + [0.0] * _HOURS)[:_HOURS]
