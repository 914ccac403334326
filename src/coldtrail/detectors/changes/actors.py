"""Who changes functions: a role whatever its session is called, else a user; where he works from, and since
when he is known."""

from __future__ import annotations

from msgspec import Struct, field

from coldtrail.records.change import Change
from coldtrail.records.traits import Trait
from coldtrail.records.witnesses import ApiCall

DAY_S = 86_400.0
HOUR_S = 3_600.0
_MOST_ACTORS = 128
_MOST_PEOPLE = 256
_MOST_PLACES = 6
_MOST_KINDS = 20
_MOST_CHARS = 128
_SERVICE_ROLES = ":role/aws-service-role/"
_CHANGES_OFTEN = 0.1
"""Who is at a new place in more than so many of his hours is not told by one."""
BEFORE_H = 12
"""What is known for so many hours is not of the same story."""
_KNOWN_DAYS = 3
DOUBT_DAYS, DOUBT_S = 3, 7 * DAY_S
"""Of changes, by which somebody new is trusted after all."""


class Actor(Struct, array_like=True):
    """What is known of one of them."""

    first: float
    last: float
    days: int = 1
    hours: int = 1
    """In which he did anything."""
    change_days: int = 0
    """On which he made changes and was trusted with them."""
    changed: int = -1
    """The last such day."""
    agents: dict[str, int] = field(default_factory=dict)
    """Programs that he used, each with the hour in which it was first met."""
    places: dict[str, int] = field(default_factory=dict)
    """Networks or addresses, likewise."""
    new_agents: int = 0
    new_places: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """Kinds of changes that he made, with the days on which he did."""
    spread: float = 0.0
    """Functions that he usually changes at once."""
    doubted: float = 0.0
    """Since when he is not trusted; 0 where he always was."""
    doubt_days: int = 0
    doubt_day: int = -1
    """The last of them."""

    def meet(self, at: float, agent: str | None, place: Trait | None) -> None:
        """He did something."""
        hour, before = int(at // HOUR_S), int(self.last // HOUR_S)
        if hour > before:
            self.hours += 1
            self.days += at // DAY_S > self.last // DAY_S
            self.last = at
        self.new_agents += _add(self.agents, agent, hour)
        self.new_places += _add(self.places, None if place is None else place.value, hour)

    def is_known(self, since: float) -> bool:
        """Whether he was met on several days before he made changes that he does not usually make."""
        return self.days > _KNOWN_DAYS and self.first < (self.doubted or since) - _KNOWN_DAYS * DAY_S

    def new_agent(self, agent: str | None, since: float) -> bool:
        """Whether a program is strange for him."""
        return self._is_new(self.agents, agent, self.new_agents, since)

    def new_place(self, place: Trait | None, since: float) -> bool:
        """Whether a network or address is."""
        return self._is_new(self.places, None if place is None else place.value, self.new_places, since)

    @property
    def roams(self) -> bool:
        """Whether his places tell nothing, since they always change."""
        return (self.new_places - 1) / max(self.hours, 1) > _CHANGES_OFTEN

    def _is_new(self, known: dict[str, int], value: str | None, new: int, since: float) -> bool:
        if value is None or self.first > since - DAY_S:
            return False
        met = known.get(value)
        often = (new - 1 - (met is not None)) / self.hours > _CHANGES_OFTEN
        return (met is None or met > since // HOUR_S - BEFORE_H) and not often

    def doubt(self, at: float) -> bool:
        """He made changes that he does not usually make; whether he is not trusted with them yet."""
        self.doubted = self.doubted or at
        day = int(at // DAY_S)
        if day != self.doubt_day:
            self.doubt_days += 1
            self.doubt_day = day
        return self.doubt_days < DOUBT_DAYS or at - self.doubted < DOUBT_S

    def trust(self, at: float, kinds: set[str], functions: int) -> None:
        """He made changes of these kinds, as he may."""
        day = int(at // DAY_S)
        if day != self.changed:
            self.change_days += 1
            self.changed = day
        for kind in sorted(kinds):
            if kind in self.kinds or len(self.kinds) < _MOST_KINDS:
                self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.spread += (functions - self.spread) / min(self.change_days + 1, 10)


def _add(known: dict[str, int], value: str | None, hour: int) -> bool:
    if value is None or value in known:
        return False
    if len(known) >= _MOST_PLACES:
        del known[next(iter(known))]
    known[value] = hour
    return True


class People:
    """Those who take on roles, by the names of their sessions. Those seen on one day alone and those that
    came back are counted apart: sessions that are named anew each time push out no person."""

    def __init__(self, passing: dict[str, Actor], staying: dict[str, Actor]) -> None:
        self.passing = passing
        self.staying = staying

    def get(self, name: str) -> Actor | None:
        """What is known of one."""
        return self.staying.get(name) or self.passing.get(name)

    def meet(self, name: str, at: float, agent: str | None, place: Trait | None) -> Actor:
        """One did something."""
        person = self.staying.pop(name, None) or self.passing.pop(name, None) or Actor(at, at)
        person.meet(at, agent, place)
        table = self.staying if person.days > 1 else self.passing
        if len(table) >= _MOST_PEOPLE:
            del table[next(iter(table))]
        table[name] = person
        return person


class Actors:
    """So many of them; of others those that were there on the fewest days, and longest ago, are forgotten."""

    def __init__(self, known: dict[str, Actor]) -> None:
        self.known = known

    def get(self, name: str) -> Actor | None:
        """What is known of him."""
        return self.known.get(name)

    def meet(self, name: str, at: float, agent: str | None, place: Trait | None) -> Actor:
        """He did something."""
        actor = self.known.get(name)
        if actor is None:
            if len(self.known) >= _MOST_ACTORS:
                self._forget()
            actor = self.known[name] = Actor(at, at)
        actor.meet(at, agent, place)
        return actor

    def _forget(self) -> None:
        del self.known[min(self.known, key=self._worth)]

    def _worth(self, name: str) -> tuple[int, int, float]:
        actor = self.known[name]
        return actor.change_days, actor.days, actor.last


def maker_of(change: Change) -> str | None:
    """Who made a change; None for the cloud itself."""
    return _actor(change.principal_kind, change.principal_role, change.principal)


def place_of(what: Change | ApiCall) -> Trait | None:
    """From where: the network, since addresses within it change; else the address."""
    if what.source_network is not None:
        return Trait("network", what.source_network)
    return None if what.source_ip is None else Trait("address", what.source_ip)


def person_of(what: Change | ApiCall) -> str | None:
    """Whose session it is, by the session's name, for a role that several may take on; None for others."""
    role = what.principal_role if isinstance(what, Change) else what.role
    return what.principal[:_MOST_CHARS] if role is not None and what.principal else None


def country_of(what: Change | ApiCall) -> Trait | None:
    """From which country, where that is told."""
    return None if what.source_country is None else Trait("country", what.source_country)


def caller_of(call: ApiCall) -> str | None:
    """Who made a call; None for the cloud itself."""
    return _actor(call.principal_kind, call.role, call.principal)


def _actor(kind: str | None, role: str | None, principal: str | None) -> str | None:
    if kind == "AWSService" or (role is not None and _SERVICE_ROLES in role):
        return None
    name = role or principal
    return name and name[:_MOST_CHARS]
