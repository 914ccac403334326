"""What calls from inside a function teach. What was just called strange teaches slowly, if at all."""

from __future__ import annotations

from coldtrail.detectors.credentials.chances import points
from coldtrail.detectors.credentials.evidence import READY_CALLS, READY_KEYS, Evidence, Signs
from coldtrail.detectors.credentials.owners import Owned
from coldtrail.detectors.credentials.states import AccessKey, Habits, Outside, Pool
from coldtrail.features.recent import count, keep, mark

_AGENTS, _PLACES, _OPERATIONS, _OF_KEY, _OUTSIDE, _PENDING = 6, 8, 64, 4, 4, 3
_BEGUN = 512
_KEYS_OF_NEW = 3
"""Keys that have to use a new program before it is usual."""
_DAYS_OUTSIDE = 7
_SETTLED_CALLS, _SETTLED_S = 20, 3_600.0
"""After so many calls and so long without one from where it was before, a key has moved."""
_RETURN, _SHARED_RETURN = 2.0, 0.5
"""Points for two places by turns: few where keys share addresses, since a network may get another one."""
_FADES = 0.999
DAY_S = 86_400.0


def learn(
    owned: Owned, signs: Signs, evidence: Evidence, at: float, pool: Pool, begun: dict[int, int]
) -> None:
    """Takes a call that came from inside, as far as can be told."""
    key, habits = owned.access_key, owned.habits
    if not key.calls:
        habits.keys, pool.keys = habits.keys + 1, pool.keys + 1
        if signs.place and signs.agent and not evidence.is_outside:
            keep(begun, signs.place, 1, _BEGUN)
    _learn_place(owned, signs, pool)
    _learn_agent(owned, signs, evidence, pool)
    habits.new_operations *= _FADES
    if count(habits.operations, signs.operation, _OPERATIONS):
        habits.new_operations += 1.0
    key.calls, key.last = key.calls + 1, max(key.last, at)
    habits.calls, pool.calls = habits.calls + 1, pool.calls + 1
    habits.unclaimed += not signs.claims


def _learn_place(owned: Owned, signs: Signs, pool: Pool) -> None:
    key, habits = owned.access_key, owned.habits
    if not signs.place or signs.place in key.places:
        return
    if signs.place not in habits.places and habits.keys > READY_KEYS:
        habits.new_places, pool.new_places = habits.new_places + 1, pool.new_places + 1
    keep(habits.places, signs.place, habits.places.get(signs.place, 0) + 1, _PLACES)
    key.places = [*key.places, signs.place][-_OF_KEY:]


def _learn_agent(owned: Owned, signs: Signs, evidence: Evidence, pool: Pool) -> None:
    key, habits, agent = owned.access_key, owned.habits, signs.agent
    if not agent:
        return
    name = mark(agent)
    if key.agents and name not in key.agents and not key.mixed:
        key.mixed, habits.mixed, pool.mixed = True, habits.mixed + 1, pool.mixed + 1
    if name not in key.agents:
        key.agents = [*key.agents, name][-_OF_KEY:]
    if agent in habits.agents or not evidence.agent:
        if agent not in habits.agents and habits.calls >= READY_CALLS:
            habits.new_agents, pool.new_agents = habits.new_agents + 1, pool.new_agents + 1
        count(habits.agents, agent, _AGENTS)
        return
    _await(habits, agent, owned, pool)


def _await(habits: Habits, agent: str, owned: Owned, pool: Pool) -> None:
    """A new program is usual once several keys have used it and nothing else was strange."""
    using = habits.pending.pop(agent, [])
    first = owned.access_key.number
    if first not in using:
        using.append(first)
    if len(using) >= _KEYS_OF_NEW:
        habits.new_agents, pool.new_agents = habits.new_agents + 1, pool.new_agents + 1
        count(habits.agents, agent, _AGENTS)
    else:
        keep(habits.pending, agent, using, _PENDING)


def went(owned: Owned, signs: Signs, at: float, record: str, pool: Pool) -> None:
    """A key is used at a place that is not known to be its environment's."""
    key, habits = owned.access_key, owned.habits
    if not key.moved:
        key.moved, habits.moved, pool.moved = True, habits.moved + 1, pool.moved + 1
    if key.elsewhere != signs.place:
        key.elsewhere, key.elsewhere_calls, key.elsewhere_since = signs.place, 0, at
        key.elsewhere_record = record
    key.elsewhere_calls += 1


def has_settled(key: AccessKey, at: float) -> bool:
    """Whether a key has moved for good."""
    lasted = at - key.elsewhere_since
    return not key.returned and key.elsewhere_calls >= _SETTLED_CALLS and lasted >= _SETTLED_S


def came_back(owned: Owned, pool: Pool) -> float:
    """Points for a key that is used where it was, after a call from elsewhere: in two places at once."""
    key, habits = owned.access_key, owned.habits
    if key.returned:
        return 0.0
    most = _SHARED_RETURN if habits.new_places * 4 < habits.keys else _RETURN
    found = points(habits.returned, habits.keys, pool.returned, pool.keys, most)
    key.returned, habits.returned, pool.returned = True, habits.returned + 1, pool.returned + 1
    return found


def is_usual_outside(habits: Habits, signs: Signs, at: float) -> bool:
    """Whether these credentials have been used from there, by this program, on many days; takes today."""
    name, day = mark(str(signs.place), signs.agent), int(at // DAY_S)
    known = habits.outside.get(name) or Outside(0, day - 1)
    is_usual = known.days >= _DAYS_OUTSIDE
    if day != known.last_day:
        known.days, known.last_day = known.days + 1, day
    keep(habits.outside, name, known, _OUTSIDE)
    return is_usual
