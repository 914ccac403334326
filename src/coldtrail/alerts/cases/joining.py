"""Which items are of one case.

A case opens with what is an alert of some weight by itself, or where weaker signals of one function,
principal or set of credentials add up: a sum of surprises, in decimal digits and at most three each, that
fades by a fifth an hour, and in which several signals of one kind count as the strongest of them. What opens
cases is grouped (`linking.py`), and with it new versions, which open nothing but tie together what happens as
long as they run; then weaker signals join the case that they share most with, changes within a day and others
within a sitting: what is hardly strange is of the story only where it is near. What shows the same in many
functions on one day is of the platform, and one case of the fleet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coldtrail.alerts.cases.actors import Key
from coldtrail.alerts.cases.items import Item
from coldtrail.alerts.cases.linking import QUIET_S, SITTING_S, WINDOW_S, are_linked, between, grouped

FADING = 0.8
"""Of the sum, a window later."""
MOST_EACH = 3.0
LEAST_EACH = 1.0
"""Lesser things, as a usual deployment, open nothing; they join what is there."""
OPENS_AT = 4.0
FLEET_SHARE, LEAST_FLEET = 0.03, 5
"""Of the functions, from which what they share on one day is of the platform."""
_OF_THE_PLATFORM = frozenset(("rates", "resources", "drift"))
"""Detectors of what a platform can bring about."""


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
    tied = grouped([one for one in rest if (one.id, one.at) in opening or _is_version(one)])
    groups = [group for group in tied if any((one.id, one.at) in opening for one in group)]
    weak = [one for one in rest if (one.id, one.at) not in opening and not _is_version(one)]
    more = _joining(weak, groups)
    cases = [_case([*group, *some], opening) for group, some in zip(groups, more, strict=True)]
    # What many show at once, and none of them strongly, is no more than a busy hour.
    told = [fleet for fleet in fleets if any(one.alert is not None or one.is_strong for one in fleet)]
    return [*cases, *(Joined(fleet, fleet[-1].at, _score(fleet), True) for fleet in told)]


def _is_version(one: Item) -> bool:
    return one.alert is not None and one.kind == "change"


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
        for key in one.keys if one.strength >= LEAST_EACH else ():
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
    for one in sorted(items, key=lambda item: (item.at, item.place)):
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


def _joining(weak: Sequence[Item], groups: Sequence[Sequence[Item]]) -> list[list[Item]]:
    """For each group the weak items that fit it best."""
    holding: dict[Key, set[int]] = {}
    for number, group in enumerate(groups):
        for key in frozenset().union(*(one.shareable for one in group)):
            holding.setdefault(key, set()).add(number)
    found: list[list[Item]] = [[] for _ in groups]
    for one in weak:
        near = {number for key in one.shareable for number in holding.get(key, ())}
        fits = [(*_fit(one, groups[number]), -number) for number in near]
        shared, _, number = max(fits, default=(0, 0.0, 0))
        if shared:
            found[-number].append(one)
    return found


def _fit(one: Item, group: Sequence[Item]) -> tuple[int, float]:
    """How much a weak signal shares with a case: keys, then nearness in time; (0, 0.0) for nothing."""
    longest = QUIET_S if one.detector == "changes" else SITTING_S
    near = [other for other in group if between(one, other) <= longest and are_linked(one, other)]
    if not near:
        return 0, 0.0
    return max(len(one.keys & other.keys) for other in near) + 1, -min(between(one, other) for other in near)


def _case(group: list[Item], opening: dict[tuple[str, float], float]) -> Joined:
    opened = min(opening[one.id, one.at] for one in group if (one.id, one.at) in opening)
    score = max(_score([other for other in group if other.at <= one.at]) for one in group)
    return Joined(sorted(group, key=lambda one: one.place), opened, score)
