"""From where an account is worked on, whoever does: its networks or addresses, and their countries.

Where nobody of an account ever was is strange for each of its people and roles, also for those of whom little
is known. Several people who move to a network within hours make it their office.
"""

from __future__ import annotations

from msgspec import Struct, field

from coldtrail.detectors.changes.actors import BEFORE_H, DAY_S, HOUR_S
from coldtrail.records.traits import Trait, TraitKind

_MOST_PLACES = 1_024
_MOST_ACCOUNTS = 1_024
_MANY = 2
"""So many others make a place that is new one of the account's."""
_USED_DAYS, _USED_H = 3, 72
"""Of use, or since the first time, after which a place is one of the account's."""
_SETTLED_DAYS, _SETTLED_H = 3, 168
"""After so many days of use, and hours, a place is the account's that was strange at first."""
_LEAN_DAYS = 8.0
_NEWS_OFTEN = 0.2
"""An account whose days bring new places more often is told nothing by one."""


class Place(Struct, array_like=True, gc=False):
    """A network, an address or a country."""

    first: int
    """The hour in which it was first used."""
    last_day: int
    days: int = 1
    people: list[str] = field(default_factory=list)
    """The first few that were known before."""
    strange: bool = False
    """Whether changes were told that came from it."""

    def is_known(self, hour: int, but: str) -> bool:
        """Whether it is one of the account's, apart from what somebody does there."""
        if self.strange:
            return self.days >= _SETTLED_DAYS and hour - self.first >= _SETTLED_H
        others = sum(one != but for one in self.people)
        age = hour - self.first
        return others >= _MANY or age >= _USED_H or (age >= BEFORE_H and self.days >= _USED_DAYS)


class Places(Struct, array_like=True):
    """Those of one account; bounded: what was used on one day alone is forgotten first."""

    day: int = -1
    days: int = 0
    """On which anything was done."""
    found: dict[str, Place] = field(default_factory=dict)

    def meet(self, at: float, place: Trait, who: str | None) -> None:
        """Somebody worked from there; None for one who is not known yet."""
        day, hour = int(at // DAY_S), int(at // HOUR_S)
        if day != self.day:
            self.day = day
            self.days += 1
        name = _name(place)
        one = self.found.get(name)
        if one is None:
            if len(self.found) >= _MOST_PLACES:
                self._forget()
            one = self.found[name] = Place(hour, day)
        if day > one.last_day:
            one.last_day = day
            one.days += 1
        if who is not None and len(one.people) <= _MANY and who not in one.people:
            one.people.append(who)

    def is_new(self, at: float, place: Trait, who: str) -> bool:
        """Whether nobody of the account was there before, and only he is now; False for an account that
        is not known for long."""
        return self.days > _SETTLED_DAYS and not self.knows(at, place, who)

    def knows(self, at: float, place: Trait, who: str) -> bool:
        """Whether others of the account work there, or he himself for long."""
        one = self.found.get(_name(place))
        return one is not None and one.is_known(int(at // HOUR_S), who)

    def moves(self, at: float, what: TraitKind) -> bool:
        """Whether its places of a kind tell nothing, since new ones always come."""
        hour = int(at // HOUR_S)
        news = sum(
            one.days == 1 and not one.strange and one.first <= hour - BEFORE_H
            for name, one in self.found.items()
            if name.startswith(f"{what} ")
        )
        return news / (self.days + _LEAN_DAYS) > _NEWS_OFTEN

    def doubt(self, place: Trait) -> None:
        """What came from there was told: it becomes the account's own slowly."""
        one = self.found.get(_name(place))
        if one is not None:
            one.strange = True

    def _forget(self) -> None:
        first = next(iter(self.found))
        del self.found[next((name for name, one in self.found.items() if one.days == 1), first)]


class Accounts:
    """The places of each account; a bounded number."""

    def __init__(self, known: dict[str, Places]) -> None:
        self.known = known

    def of(self, account: str) -> Places:
        """Of an account, new or not."""
        found = self.known.get(account)
        if found is None:
            if len(self.known) >= _MOST_ACCOUNTS:
                del self.known[next(iter(self.known))]
            found = self.known[account] = Places()
        return found


def _name(place: Trait) -> str:
    return f"{place.what} {place.value}"
