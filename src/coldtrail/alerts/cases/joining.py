"""Which items are of one case.

A case opens with what is an alert of some weight by itself, or where weaker signals of one function,
principal or set of credentials add up: a sum of surprises, in decimal digits and at most three each, that
fades by a fifth an hour, and in which several signals of one kind count as the strongest of them. What opens
cases is joined where it shares a function, a principal, a set of credentials or most of its traces, and lies
no more than a day from what it joins; then weaker signals join the case that they share most with. What shows
the same in many functions on one day is of the platform, and one case of the fleet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coldtrail.alerts.cases.items import Item, Key

QUIET_S = 86_400.0
WINDOW_S = 3_600.0
FADING = 0.8
"""Of the sum, a window later."""
MOST_EACH = 3.0
OPENS_AT = 4.0
FLEET_SHARE, LEAST_FLEET = 0.03, 5
"""Of the functions, from which what they share on one day is of the platform."""
_OF_THE_PLATFORM = frozenset(("rates", "resources", "drift"))
"""Detectors of what a platform can bring about."""
_MOST_SHARED = 0.5


class Joined(NamedTuple):
    """The items of one case."""

    items: list[Item]
    opened_at: float
    score: float
    is_fleet: bool = False


def joined(items: Sequence[Item], functions: int) -> list[Joined]:
    """The cases of items, which come by when they began; `functions` is how many are known."""
    fleets = _fleets(items, functions)
    of_fleets = {one.id for fleet in fleets for one in fleet}
    rest = [one for one in items if one.id not in of_fleets]
    opening = _opening(rest)
    groups = _grouped([one for one in rest if (one.id, one.at) in opening])
    for one in rest:
        if (one.id, one.at) not in opening:
            nearest = max(groups, key=lambda group: _fit(one, group), default=None)
            if nearest is not None and _fit(one, nearest) > (0, 0.0):
                nearest.append(one)
    cases = [_case(group, opening) for group in groups]
    return [*cases, *(Joined(fleet, fleet[-1].at, _score(fleet), True) for fleet in fleets)]


def _fleets(items: Sequence[Item], functions: int) -> list[list[Item]]:
    """Items of one kind and day that so many functions share."""
    by: dict[tuple[str, str, float], list[Item]] = {}
    for one in items:
        if one.detector in _OF_THE_PLATFORM and one.subject.kind == "function":
            by.setdefault((one.detector, one.kind, one.since // QUIET_S), []).append(one)
    least = max(LEAST_FLEET, FLEET_SHARE * functions)
    return [some for some in by.values() if len({one.subject for one in some}) > least]


def _opening(items: Sequence[Item]) -> dict[tuple[str, float], float]:
    """What opens cases, with the moment from which it does."""
    opening = {(one.id, one.at): one.at for one in items if one.alone}
    by_key: dict[Key, list[Item]] = {}
    for one in items:
        for key in one.keys:
            by_key.setdefault(key, []).append(one)
    for some in by_key.values():
        for group, moment in _adding_up(some):
            for one in group:
                named = one.id, one.at
                opening[named] = min(opening.get(named, moment), moment)
    return opening


def _adding_up(items: Sequence[Item]) -> Iterable[tuple[list[Item], float]]:
    """Items of one key whose sum suffices, with the moment at which it did."""
    recent: list[Item] = []
    for one in sorted(items, key=lambda item: (item.at, item.id)):
        recent = [other for other in recent if one.at - other.at <= QUIET_S] + [one]
        if _score(recent) >= OPENS_AT:
            yield list(recent), one.at


def _score(items: Sequence[Item]) -> float:
    """The faded sum at the moment of the last of them."""
    now = max(one.at for one in items)
    best: dict[tuple[str, str], float] = {}
    for one in items:
        worth = min(one.strength, MOST_EACH) * FADING ** ((now - one.at) / WINDOW_S)
        kind = one.detector, one.kind
        best[kind] = max(best.get(kind, 0.0), worth)
    return sum(best.values())


def _grouped(items: Sequence[Item]) -> list[list[Item]]:
    """Items that share enough and lie within a day of each other."""
    groups: list[list[Item]] = []
    for one in items:
        near = [group for group in groups if any(_belong(one, other) for other in group)]
        for group in near[1:]:
            near[0].extend(group)
            groups.remove(group)
        if near:
            near[0].append(one)
        else:
            groups.append([one])
    return groups


def _belong(one: Item, other: Item) -> bool:
    if one.since > other.last + QUIET_S or other.since > one.last + QUIET_S:
        return False
    if not one.keys.isdisjoint(other.keys):
        return True
    shared = len(one.traces & other.traces)
    return shared > 0 and shared >= _MOST_SHARED * min(len(one.traces), len(other.traces))


def _fit(one: Item, group: Sequence[Item]) -> tuple[int, float]:
    """How much a weak signal shares with a case: keys, then nearness in time; (0, 0.0) for nothing."""
    near = [other for other in group if _belong(one, other)]
    if not near:
        return 0, 0.0
    distance = min(max(other.since - one.last, one.since - other.last, 0.0) for other in near)
    return max(len(one.keys & other.keys) for other in near) + 1, 1.0 / (1.0 + distance)


def _case(group: list[Item], opening: dict[tuple[str, float], float]) -> Joined:
    opened = min(opening[one.id, one.at] for one in group if (one.id, one.at) in opening)
    score = max(_score([other for other in group if other.at <= one.at]) for one in group)
    return Joined(sorted(group, key=lambda one: (one.since, one.at, one.id)), opened, score)
