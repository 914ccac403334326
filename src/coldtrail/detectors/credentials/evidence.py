"""What is strange about one call by credentials of a function, in points: about minus the decimal logarithm
of how often such a thing was seen of the function's keys, each sort limited."""

from __future__ import annotations

from collections.abc import Container
from math import log10
from typing import NamedTuple

from coldtrail.detectors.credentials.chances import points
from coldtrail.detectors.credentials.operations import is_denied, is_telling
from coldtrail.detectors.credentials.owners import Owned
from coldtrail.detectors.credentials.states import Habits, Pool
from coldtrail.features.recent import mark
from coldtrail.records.witnesses import ApiCall

IN_FUNCTION = "AWS_Lambda"
RELEASE_S = 86_400.0
"""For so long after a release, what is new may be the new version's."""
READY_CALLS, READY_KEYS = 20, 3
_END_S = 60.0
"""Calls may end this long after their environment: times are whole seconds, and clocks differ."""
_MOVED, _MIXED, _FRESH, _KNOWN, _LOST_CLAIM = 3.0, 3.0, 2.0, 1.5, 1.0
_FOREIGN_ENDPOINT, _ENDED, _FOREIGN, _LIE = 4.0, 4.0, 3.0, 1.0
_BORROWED = 1.0
_TELLING, _NEW, _MOST_NEW, _DENIED = 1.5, 1.0, 1.4, 0.5


class Signs(NamedTuple):
    """A call, reduced to what is followed."""

    place: int
    """Its endpoint in a private network (negative), or else its address; 0 where neither is told."""
    agent: str
    operation: int
    claims: bool
    """Whether its program says that it runs in a function."""


class Evidence(NamedTuple):
    """Points by sort."""

    place: float = 0.0
    agent: float = 0.0
    operation: float = 0.0
    other: float = 0.0

    @property
    def is_outside(self) -> bool:
        """Whether anything but the operation is strange."""
        return self.place + self.agent + self.other > 0.0


def signs_of(call: ApiCall) -> Signs:
    """What is followed of a call. Who uses a link that was signed beforehand tells nothing of its signer."""
    operation = mark(call.service, call.operation, "presigned" if call.presigned else "")
    if call.presigned:
        return Signs(0, "", operation, True)
    place = -mark(call.vpc_endpoint) if call.vpc_endpoint else mark(call.source_ip) if call.source_ip else 0
    agent = f"{call.user_agent or ''}|{call.environment or ''}"
    claims = (call.environment or "").startswith(IN_FUNCTION)
    return Signs(place, agent, operation, claims)


def evidence_of(
    owned: Owned, call: ApiCall, signs: Signs, at: float, pool: Pool, begun: Container[int]
) -> Evidence:
    """What is strange about a call; `begun` are the places where credentials of functions began."""
    habits, is_new = owned.habits, at - owned.habits.released < RELEASE_S
    if owned.access_key.borrower:
        # That it is used elsewhere and by another program says no more than that it was borrowed.
        return Evidence(0.0, 0.0, _operation(habits, call, signs, is_new), _BORROWED)
    agent = 0.0 if not signs.agent else _agent(owned, signs, pool)
    if is_new and owned.is_fresh:
        agent /= 2
    place = 0.0 if not signs.place else _place(owned, signs, pool, begun)
    return Evidence(place, agent, _operation(habits, call, signs, is_new), _other(owned, call, signs, at))


def _place(owned: Owned, signs: Signs, pool: Pool, begun: Container[int]) -> float:
    key, habits, place = owned.access_key, owned.habits, signs.place
    if place in key.places or place in habits.places or place in begun:
        return 0.0
    if any((one < 0) == (place < 0) for one in key.places):
        return points(habits.moved, habits.keys, pool.moved, pool.keys, _MOVED)
    if habits.keys < READY_KEYS:
        return 0.0
    return points(habits.new_places, habits.keys, pool.new_places, pool.keys, _FRESH)


def _agent(owned: Owned, signs: Signs, pool: Pool) -> float:
    key, habits = owned.access_key, owned.habits
    is_known = signs.agent in habits.agents
    if mark(signs.agent) in key.agents or (is_known and not key.calls):
        return 0.0
    lost = 0.0 if signs.claims or not _always_claims(habits) else _LOST_CLAIM
    if key.calls:
        most = _KNOWN if is_known else _MIXED
        return points(habits.mixed, habits.keys, pool.mixed, pool.keys, most) + lost
    if habits.calls < READY_CALLS:
        return 0.0
    return points(habits.new_agents, habits.keys, pool.new_agents, pool.keys, _FRESH) + lost


def _always_claims(habits: Habits) -> bool:
    return habits.calls >= READY_CALLS and habits.unclaimed * 50 <= habits.calls


def _operation(habits: Habits, call: ApiCall, signs: Signs, is_new: bool) -> float:
    if signs.operation in habits.operations or habits.calls < READY_CALLS:
        return 0.0
    found = min(_NEW, -log10((habits.new_operations + 0.5) / (habits.calls + 1.0)))
    found += _TELLING if is_telling(call.service, call.operation) else 0.0
    found += _DENIED if is_denied(call) else 0.0
    return found / 2 if is_new else found


def _other(owned: Owned, call: ApiCall, signs: Signs, at: float) -> float:
    key, found = owned.access_key, 0.0
    owner = call.vpc_endpoint_account
    if owner and owner not in (call.account, owned.habits.key.account):
        found += _FOREIGN_ENDPOINT
    if key.is_foreign:
        found += _FOREIGN + (_LIE if call.environment else 0.0)
    elif key.ended > 0 and at > key.ended + _END_S:
        found += _ENDED
    return found


def summed(operations: dict[int, float]) -> float:
    """Points of several operations together: those that tell nothing by themselves do not add up to much."""
    telling = [one for one in operations.values() if one > _NEW]
    plain = [one for one in operations.values() if one <= _NEW]
    return min(4.0, sum(telling) + min(_MOST_NEW, sum(plain)))
