"""Whether somebody usually changes these functions, and from where."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.detectors.changes.actors import Actor, country_of, person_of, place_of
from coldtrail.detectors.changes.habits import Habits
from coldtrail.detectors.changes.kinds import kind_of
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Occasion
from coldtrail.records.identity import FunctionKey
from coldtrail.records.traits import Trait

_WEAK = 1.5
_WEAKER = 1.0
_STRONG = 6.0
_MANY = 3
_HALF = 0.5
"""Of the functions that a pipeline usually changes at once: each release has others."""
_OFTEN_DAYS = 3
_MOST_TRAITS = 4


class Who(NamedTuple):
    """How unusual it is that he made these changes."""

    kind: str | None
    """Of the finding; None where he usually does."""
    alone: bool = False
    most: float = _STRONG
    """The strength that it has at most."""
    traits: tuple[Trait, ...] = ()
    """What of his place is strange."""
    trusted: bool = True
    """Whether it is learned at once."""
    foreign: tuple[Trait, ...] = ()
    """Places where nobody of the account ever was, and with which program he is there."""

    @property
    def is_abroad(self) -> bool:
        """Whether nobody of the account was in that country, which is strange also where nobody deploys."""
        return any(one.what == "country" for one in self.foreign)


def who(memory: Memory, occasion: Occasion, functions: list[FunctionKey], since: float) -> Who:
    """How unusual it is that the occasion's actor changed these functions."""
    actor = memory.actors.known[occasion.actor]
    if not actor.change_days:
        return _first(memory, occasion, actor, functions, since)
    places = _strange_places(actor, occasion, since)
    foreign = foreign_to(memory, occasion, actor, since)
    if foreign and not _is_usual_release(actor, occasion, foreign, since):
        traits = tuple(dict.fromkeys((*places, *foreign)))[:_MOST_TRAITS]
        return Who("deployer_from_new_place", True, traits=traits, trusted=False, foreign=foreign)
    if places:
        both = len({one.what for one in places}) > 1
        return Who("deployer_from_new_place", both, _STRONG if both else _WEAK, places)
    if all(_changes(memory, occasion.actor, actor, key) for key in functions):
        return Who(None)
    return Who("other_deployer", most=_WEAKER)


def _first(
    memory: Memory, occasion: Occasion, actor: Actor, functions: list[FunctionKey], since: float
) -> Who:
    """Of somebody who was never trusted with a change."""
    role = occasion.made[0].change.principal_role
    if role is not None and any(memory.of_role(occasion.made[0].change.account, role)):
        return Who("changed_by_function", True, trusted=False)
    if _has_moved(memory, occasion, functions):
        return Who("moved_deployer", most=_WEAK)
    foreign = foreign_to(memory, occasion, actor, since)
    if not actor.is_known(since):
        return Who("unknown_deployer", True, trusted=False, foreign=foreign)
    known = memory.accounts.of(occasion.made[0].change.account)
    who = person_of(occasion.made[0].change) or occasion.actor
    strange = [one for one in _strange_places(actor, occasion, since) if not known.knows(since, one, who)]
    places = tuple(dict.fromkeys((*strange, *foreign)))[:_MOST_TRAITS]
    return Who("new_deployer", bool(places), _STRONG if places else _WEAK, places, False, foreign)


def foreign_to(memory: Memory, occasion: Occasion, actor: Actor, since: float) -> tuple[Trait, ...]:
    """Places where nobody of the account ever was, which are strange whatever his role's sessions usually do:
    in a country where nobody was, or with a program that this person never used."""
    found: dict[Trait, None] = {}
    for one in occasion.made:
        change, place = one.change, place_of(one.change)
        who, places = person_of(change) or occasion.actor, memory.accounts.of(change.account)
        if place is None or not places.is_new(since, place, who):
            continue
        country, program = country_of(change), change.user_agent
        abroad = country is not None and places.is_new(since, country, who)
        abroad = abroad and not places.moves(since, "country")
        other = (memory.people.get(who) or actor).new_agent(program, since)
        if abroad or (other and not places.moves(since, place.what)):
            found[place] = None
            if country is not None and abroad:
                found[country] = None
            if program is not None and other:
                found[Trait("user_agent", program)] = None
    return tuple(found)[:_MOST_TRAITS]


def _is_usual_release(actor: Actor, occasion: Occasion, foreign: tuple[Trait, ...], since: float) -> bool:
    """Whether what comes from there is what he always does, and that to several functions: a pipeline that
    was moved to other machines."""
    made = [one for one in occasion.made if place_of(one.change) in foreign]
    alike = all(
        kind_of(one.change) in actor.kinds and not actor.new_agent(one.change.user_agent, since)
        for one in made
    )
    return alike and len({one.function for one in made} - {None}) >= _MANY


def _strange_places(actor: Actor, occasion: Occasion, since: float) -> tuple[Trait, ...]:
    """Programs that he never used before, and places where he never was."""
    found: dict[Trait, None] = {}
    for one in occasion.made:
        change = one.change
        if actor.new_agent(change.user_agent, since):
            found[Trait("user_agent", change.user_agent or "")] = None
        place = place_of(change)
        if place is not None and actor.new_place(place, since):
            found[place] = None
    return tuple(found)[:_MOST_TRAITS]


def _changes(memory: Memory, name: str, actor: Actor, key: FunctionKey) -> bool:
    """Whether he usually changes this function; of a new one, whether he changes others."""
    function = memory.functions.get(key)
    application = memory.applications.get(key.application_key)
    if application is None or not application.deployers:
        return True
    if name not in application.deployers:
        return False
    return function is None or name in function.deployers or _days(function) < _OFTEN_DAYS


def _days(habits: Habits) -> int:
    return sum(habits.deployers.values())


def _has_moved(memory: Memory, occasion: Occasion, functions: list[FunctionKey]) -> bool:
    """Whether somebody who makes such changes does so by another name: with the same program from the same
    address, and to at least half as many functions at once."""
    kinds = {kind_of(one.change) for one in occasion.made}
    agents = {one.change.user_agent for one in occasion.made} - {None}
    places = {place.value for one in occasion.made if (place := place_of(one.change)) is not None}
    for name in _deployers(memory, functions):
        actor = memory.actors.get(name)
        if actor is None or name == occasion.actor or not agents or not agents <= actor.agents.keys():
            continue
        here = bool(places) and places <= actor.places.keys()
        enough = min(_MANY, _HALF * actor.spread) if here else _MANY
        if (here or not places or actor.roams) and kinds <= actor.kinds.keys() and len(functions) >= enough:
            return True
    return False


def _deployers(memory: Memory, functions: list[FunctionKey]) -> list[str]:
    found: dict[str, None] = {}
    for key in functions:
        habits = memory.applications.get(key.application_key)
        found.update(dict.fromkeys(habits.deployers if habits is not None else ()))
    return list(found)
