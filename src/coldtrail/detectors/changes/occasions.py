"""Changes that somebody makes within one minute: one occasion, however many functions it touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter

from msgspec import Struct, field

from coldtrail.records.change import Change
from coldtrail.records.identity import FunctionKey

GATHERED_S = 55.0
"""From the first change on; what comes later is another occasion."""
_MOST_CHANGES = 200
_MOST_OPEN = 64


class Made(Struct, array_like=True, frozen=True):
    """One change, and the function that it is of."""

    at: float
    change: Change
    function: FunctionKey | None


class Occasion(Struct, array_like=True):
    """What one actor did."""

    actor: str
    start: float
    end: float
    made: list[Made] = field(default_factory=list)
    more: int = 0
    """Beyond those that are kept."""

    def has(self, change: Change) -> bool:
        """Whether a change was told already."""
        told = (change.event_id, change.function_name)
        return any((one.change.event_id, one.change.function_name) == told for one in self.made)


class Occasions:
    """Those that are not over, by their actors; a bounded number."""

    def __init__(self, found: Iterable[Occasion]) -> None:
        self.open = {one.actor: one for one in found}

    def add(self, actor: str, made: Made) -> Iterator[Occasion]:
        """An occasion that is over because there are too many, or because this is of another one."""
        found = self.open.get(actor)
        if found is None:
            if len(self.open) >= _MOST_OPEN:
                yield self.open.pop(min(self.open, key=lambda one: self.open[one].end))
            found = self.open[actor] = Occasion(actor, made.at, made.at + GATHERED_S)
        if len(found.made) < _MOST_CHANGES:
            if not found.has(made.change):
                found.made.append(made)
        else:
            found.more += 1

    def over(self, time: float) -> list[Occasion]:
        """Those that were over by then, in the order in which they ended."""
        if not self.open or min(one.end for one in self.open.values()) > time:
            return []
        found = [one for one in self.open.values() if one.end <= time]
        for one in found:
            del self.open[one.actor]
        return sorted(found, key=attrgetter("end"))
