"""What belongs together: links between items, and groups of what is linked.

Things of one cause share what was done to, or who did it. How near in time they have to be depends on what
they share:

- a set of credentials: a day. Whatever is done with a stolen session or key is one theft.
- a function: a day, but an hour where both name who acted, and these share neither principal, credentials nor
  network. Two strangers at one function are two stories, unless they come together; through a door that was
  opened, whoever comes from elsewhere is of the same story.
- a principal alone: a sitting of six hours, or a day where it acts from the same network. Somebody who does
  one strange thing today and another tomorrow, elsewhere and to something else, has two stories.
- most of their traces: a quarter of an hour between their beginnings, as long as one run can take. What lasts
  in two functions that serve the same requests shares all traces from then on, so only that both began with
  the same request tells of one cause.

An alert that comes back for weeks is near only what is near one of the times at which it was seen.

Groups grow by links: first those between items that name who acted, then the others, by traces alone last,
and of each the nearest beginnings first: what two functions show in one request was brought to each of them.
What names nobody joins one group only: a link by it does not bring together two groups whose actors are
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from coldtrail.alerts.cases.actors import Key
from coldtrail.alerts.cases.items import Item

QUIET_S = 86_400.0
WINDOW_S = 3_600.0
TOGETHER_S = 900.0
SITTING_S = 6 * 3_600.0
"""As long as somebody works at one thing."""
MOST_NEIGHBOURS = 100
"""Of the items that share a key, so many that began next are looked at."""
_MOST_SHARED = 0.5
_DOORS = frozenset(("open_to_everyone", "foreign_account", "foreign_trigger"))
"""Kinds of changes through which others come."""


def are_linked(one: Item, other: Item) -> bool:
    """Whether two items share enough, near enough in time."""
    if between(one, other) > QUIET_S:
        return False
    apart = abs(one.since - other.since)
    shared = {key[0] for key in one.keys & other.keys}
    if "credential" in shared:
        return True
    if "function" in shared and (apart <= WINDOW_S or not _are_strangers(one, other)):
        return True
    if "principal" in shared and (apart <= SITTING_S or not one.networks.isdisjoint(other.networks)):
        return True
    return apart <= TOGETHER_S and _share_traces(one, other)


def between(one: Item, other: Item) -> float:
    """The time between the end of one and the beginning of the other, where both were seen nearest."""
    apart = (
        max(begin - others_end, others_begin - end, 0.0)
        for begin, end in one.times
        for others_begin, others_end in other.times
    )
    return min(apart)


def grouped(items: Sequence[Item]) -> list[list[Item]]:
    """Items that belong together, whatever their order; each is in exactly one group."""
    ordered = sorted(items, key=lambda one: one.place)
    groups = _Groups(ordered)
    links = [pair for pair in _pairs(ordered) if are_linked(ordered[pair[0]], ordered[pair[1]])]
    links.sort(key=lambda pair: (*_rank(ordered, pair), pair))
    # What grows may come to know the actors of a group that it was kept from.
    while sum(groups.link(*pair) for pair in links):
        pass
    return groups.told()


class _Groups:
    """Items by group, each group known by its first."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._first = list(range(len(items)))
        self._actors = [set(one.actors) for one in items]

    def link(self, first: int, second: int) -> bool:
        """Whether it made the groups of two items one: not where that brings strangers together."""
        one, other = sorted((self._find(first), self._find(second)))
        if one == other:
            return False
        actors, others = self._actors[one], self._actors[other]
        if actors and others and actors.isdisjoint(others) and not _name_actors(self._items, (first, second)):
            return False
        self._first[other] = one
        actors |= others
        return True

    def told(self) -> list[list[Item]]:
        """The groups, in the order of what began each."""
        found: dict[int, list[Item]] = {}
        for number, one in enumerate(self._items):
            found.setdefault(self._find(number), []).append(one)
        return list(found.values())

    def _find(self, number: int) -> int:
        while self._first[number] != number:
            self._first[number] = self._first[self._first[number]]
            number = self._first[number]
        return number


def _rank(items: Sequence[Item], pair: tuple[int, int]) -> tuple[bool, bool, float]:
    """Which of two links comes first."""
    by_traces_alone = items[pair[0]].keys.isdisjoint(items[pair[1]].keys)
    return not _name_actors(items, pair), by_traces_alone, _apart(items, pair)


def _name_actors(items: Sequence[Item], pair: tuple[int, int]) -> bool:
    return bool(items[pair[0]].actors and items[pair[1]].actors)


def _apart(items: Sequence[Item], pair: tuple[int, int]) -> float:
    return abs(items[pair[0]].since - items[pair[1]].since)


def _pairs(items: Sequence[Item]) -> set[tuple[int, int]]:
    """Pairs that may be linked: what shares a key, and what shares a trace."""
    by_key: dict[Key, list[int]] = {}
    for number, one in enumerate(items):
        for key in one.shareable:
            by_key.setdefault(key, []).append(number)
    return {pair for some in by_key.values() for pair in _neighbours(some)}


def _neighbours(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    if len(numbers) <= MOST_NEIGHBOURS:
        return combinations(numbers, 2)
    return (
        (one, other)
        for place, one in enumerate(numbers)
        for other in numbers[place + 1 : place + 1 + MOST_NEIGHBOURS]
    )


def _are_strangers(one: Item, other: Item) -> bool:
    """Whether both name who acted, and these have nothing in common; whoever comes through a door that the
    earlier one opened is no stranger; who is at home in the account needs no door."""
    if not one.actors or not other.actors or not one.actors.isdisjoint(other.actors):
        return False
    earlier, later = sorted((one, other), key=lambda item: item.place)
    comes_through = earlier.kind in _DOORS and later.detector != "changes" and not later.at_home
    return not comes_through and one.networks.isdisjoint(other.networks)


def _share_traces(one: Item, other: Item) -> bool:
    shared = len(one.traces & other.traces)
    return shared > 0 and shared >= _MOST_SHARED * min(len(one.traces), len(other.traces))
