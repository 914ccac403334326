"""The principals of each account, their roles, and the account as a whole: who is known, and by what.

A principal is judged by its own past where it has one, else by that of its role (whose sessions may bear a
new name each time), else by that of its account.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coldtrail.detectors.callers.episode import Episode
from coldtrail.detectors.callers.profile import Profile

READY_DAYS = 3
_MOST_PASSING = 1_024
_MOST_STAYING = 3_072
"""Principals that came back on another day push out none that did not, and the other way round: a flood of
names costs those alone that were seen on one day."""
_MOST_NETWORKS = 2_048
_MANY = 3
"""As many principals make a network known to the account."""
Level = Literal["principal", "role", "account"]
_FEW_HOURS = 3


class Habit(Struct, array_like=True):
    """A principal, a role or an account, and what is strange of it at present."""

    profile: Profile
    episodes: dict[int, Episode] = {}
    """By what they have in common."""
    hours: int = 0
    """A bit for each hour of the day at which it was ever active."""
    home_at: float | None = None
    """When it was last active in a country that it is known for."""

    def drop_ended(self, at: float, day: int) -> None:
        """Drops what has ended; `day` is the active one before."""
        ended = [key for key, one in self.episodes.items() if one.has_ended(at, day)]
        for key in ended:
            del self.episodes[key]

    @property
    def kind(self) -> Literal["human", "service"]:
        """A service is active round the clock."""
        return "service" if self.hours.bit_count() >= 24 - _FEW_HOURS else "human"


class Network(Struct, array_like=True, gc=False):
    """A network from which principals of an account call."""

    last_day: int
    principals: list[int] = []
    """The first few."""
    is_strange: bool = False
    """Whether something strange beside came from it."""

    @property
    def is_shared(self) -> bool:
        """Whether so many principals work there that one more is no news."""
        return len(self.principals) >= _MANY and not self.is_strange


class Habits(Struct, array_like=True):
    """All of them, bounded."""

    passing: dict[int, Habit] = {}
    """Principals and roles that were seen on one day alone, the longest unseen first."""
    staying: dict[int, Habit] = {}
    accounts: dict[int, Habit] = {}
    networks: dict[int, Network] = {}

    def get(self, key: int) -> Habit | None:
        """Of a principal or a role that is known."""
        return self.staying.get(key) or self.passing.get(key)

    def made(self, key: int) -> Habit:
        """Of a principal or a role; it is the one that was seen last now."""
        habit = self.staying.pop(key, None)
        if habit is None:
            habit = self.passing.pop(key, None) or Habit(Profile())
        table, most = (
            (self.staying, _MOST_STAYING) if habit.profile.days > 1 else (self.passing, _MOST_PASSING)
        )
        if len(table) >= most:
            del table[next(iter(table))]
        table[key] = habit
        return habit

    def account(self, key: int) -> Habit:
        """Of an account."""
        habit = self.accounts.pop(key, None) or Habit(Profile())
        if len(self.accounts) >= _MOST_PASSING:
            del self.accounts[next(iter(self.accounts))]
        self.accounts[key] = habit
        return habit

    def network(self, key: int, principal: int | None, day: int) -> Network:
        """The network from which a principal calls; None for one that is hardly known."""
        found = self.networks.pop(key, None)
        if found is None:
            if len(self.networks) >= _MOST_NETWORKS:
                del self.networks[self._one_to_forget()]
            found = Network(day)
        found.last_day = day
        if principal is not None and principal not in found.principals and not found.is_shared:
            found.principals = [*found.principals, principal][-_MANY:]
        self.networks[key] = found
        return found

    def _one_to_forget(self) -> int:
        """A network of few principals, or else any; of these the one that was not seen for longest."""
        first = next(iter(self.networks))
        return next((key for key, one in self.networks.items() if not one.is_shared), first)
