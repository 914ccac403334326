"""What is strange of one subject within a day, added up: each feature counts once, by its strangest value."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from coldtrail.detectors.callers.features import (
    COUNTRY,
    FEATURES,
    HOUR,
    MANNER,
    NETWORK,
    TOOL,
    WHO,
    Sighting,
    Told,
)
from coldtrail.records.identity import FunctionKey

T = TypeVar("T", str, tuple[str, str, str, str])
_QUIET_S = 86_400.0
"""After so long without anything strange it is over; what comes then is told anew."""
_NOT_LONG_S = 32 * 86_400.0
"""What runs once a month is not silent."""
_MOST_VALUES, _MOST_NAMED, _MOST_REFS = 32, 20, 20
_EACH_MORE = 0.3
"""That a second new operation follows a first within a day is no surprise: each halves the chance. So does
each of which nobody in the account is known, and each further service of these: a new task is about one, and
who looks around asks many."""
_LESSER = 0.25
_MOST_OF_MANNER = 4.5
_MUCH_MORE, _FEW = 10, 10


class Value(Struct, array_like=True, frozen=True, gc=False):
    """A value that the subject never showed."""

    feature: int
    key: int
    told: Told


class Episode(Struct, array_like=True):
    """Something strange, as long as it goes on."""

    start: float
    last: float
    since: float
    """When its scores began to be added up: not more than a day ago."""
    count: int = 0
    """Calls."""
    scores: list[float] = []
    """By feature."""
    values: list[Value] = []
    refs: list[str] = []
    principals: list[str] = []
    access_keys: list[str] = []
    functions: list[tuple[str, str, str, str]] = []
    unheard_of: list[str] = []
    """Operations that nobody in the account was known for."""
    more: float = 0.0
    """What weighs beside: a burst, or two countries at once."""
    reached: float = 0.0
    """The highest score so far."""
    told_count: int = 0
    is_alone: bool = False
    """Whether it was told as something for a person to know by itself."""
    told_keys: list[int] = []
    """The places and programs that were told so."""

    @classmethod
    def beginning(cls, at: float) -> Episode:
        """One that begins."""
        return cls(at, at, at, scores=[0.0] * FEATURES)

    def is_over(self, at: float) -> bool:
        """Whether it was quiet for a day; or time leaps, back or ahead."""
        return abs(at - self.last) > _QUIET_S

    def has_ended(self, at: float, day: int) -> bool:
        """Whether nothing can need it: it was over on the active day before already, not long ago. So records
        whose clocks leap end nothing, unless two leap to nearly the same time."""
        before = day * _QUIET_S
        return 0.0 <= at - before <= _NOT_LONG_S and before - self.last > _QUIET_S

    def go_on(self, sighting: Sighting, functions: tuple[FunctionKey | None, ...]) -> None:
        """One call more."""
        if abs(sighting.at - self.since) > _QUIET_S:
            # What is unrelated must not add up over weeks; what was told stays told.
            self.since = sighting.at
            self.scores, self.values, self.unheard_of = [0.0] * FEATURES, [], []
            self.more = self.reached = 0.0
        self.last = sighting.at
        self.count += 1
        _keep(self.refs, sighting.ref, _MOST_REFS)
        _keep(self.principals, sighting.principal, _MOST_NAMED)
        _keep(self.access_keys, sighting.access_key, _MOST_NAMED)
        for function in functions:
            if function is not None:
                _keep(self.functions, (*function,), _MOST_NAMED)

    def has(self, feature: int, key: int) -> bool:
        """Whether the value is part of it."""
        return any(one.feature == feature and one.key == key for one in self.values)

    def add(self, feature: int, key: int, told: Told, score: float, unheard_of: bool = False) -> None:
        """A value that the subject never showed, and how strange it is."""
        if unheard_of:
            _keep(self.unheard_of, told.value, _MOST_VALUES)
        self.scores[feature] = max(self.scores[feature], score)
        if len(self.values) < _MOST_VALUES:
            self.values.append(Value(feature, key, told))

    @property
    def manner(self) -> float:
        """How strange all its operations are together."""
        new = sum(one.feature == MANNER for one in self.values)
        services = {operation.partition(":")[0] for operation in self.unheard_of}
        first = self.scores[MANNER]
        more = _EACH_MORE * (max(new - 1, 0) + len(self.unheard_of) + max(len(services) - 1, 0))
        return min(first + more, _MOST_OF_MANNER) if first else 0.0

    @property
    def place(self) -> float:
        """How strange the place is: a new country has new networks, which tells little more."""
        less, most = sorted((self.scores[NETWORK], self.scores[COUNTRY]))
        return most + _LESSER * less

    @property
    def score(self) -> float:
        """All together."""
        return self.scores[WHO] + self.place + self.scores[TOOL] + self.manner + self.scores[HOUR] + self.more

    @property
    def aspects(self) -> int:
        """How many of who, place, program and manner are strange."""
        return sum(one > 0.0 for one in (self.scores[WHO], self.place, self.scores[TOOL], self.manner))

    def is_news(self, alone: bool) -> bool:
        """Whether it is to be told, once, and again when it has come to be told alone or has grown much."""
        if not self.told_count:
            return True
        if alone and (not self.is_alone or self._leads.keys().isdisjoint(self.told_keys)):
            return True
        return self.is_alone and self.count >= _MUCH_MORE * max(self.told_count, _FEW)

    def is_told(self, alone: bool) -> None:
        """Notes that it was."""
        self.told_count = self.count
        if alone:
            self.is_alone = True
            self.told_keys = [*self.told_keys, *(key for key in self._leads if key not in self.told_keys)][
                -_MOST_VALUES:
            ]

    @property
    def _leads(self) -> dict[int, None]:
        """What tells one attacker from another: who, the place and the program."""
        leading = (WHO, NETWORK, COUNTRY, TOOL)
        return dict.fromkeys(value.key for value in self.values if value.feature in leading)


def _keep(kept: list[T], one: T | None, most: int) -> None:
    if one is not None and len(kept) < most and one not in kept:
        kept.append(one)
