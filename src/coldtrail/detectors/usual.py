"""What functions are known to touch, do and be started by, as it is told beside something new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from coldtrail.detectors.meetings import Meetings
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary
from coldtrail.records.finding import Known, Met, StepKey
from coldtrail.records.flow import NOBODY

NAMED = 3
"""Things named in an explanation."""
MOST_WORDS = 1 << 31
"""A trigger and a caller are told as one number: the trigger so many times, and the caller."""
MOST_KEPT = 4096
Thing = StepKey | str | None


class Usual:
    """Tells what functions have met; of functions and kinds of things that come again, it is kept."""

    def __init__(self, kinds: Mapping[str, Meetings], vocabulary: Vocabulary) -> None:
        self._kinds, self._words = kinds, vocabulary
        self.resources = lru_cache(MOST_KEPT)(self._resources)
        self.actions = lru_cache(MOST_KEPT)(self._actions)
        self.triggers = lru_cache(MOST_KEPT)(self._triggers)
        self.callers = lru_cache(MOST_KEPT)(self._callers)

    def _resources(self, function: int, kind: str) -> Known:
        """The resources that a function touches: those of a kind, or all where it touches none of these."""
        words = self._words.resources.words
        met = self._kinds["resource"].things_of(function, 1, len(words))
        found = [(words[number - 1], runs) for number, runs in met]
        same = [(StepKey("", *word), runs) for word, runs in found if word[0] == kind]
        return _known(same or [(StepKey("", *word), runs) for word, runs in found])

    def _actions(self, function: int, kind: str, target: str | None) -> Known:
        """What a function does with the same resource, else with the same service, else all its calls."""
        words = self._words.actions.words
        met = self._kinds["action"].things_of(function, 1, len(words))
        calls = [(words[number - 1], runs) for number, runs in met]
        calls = [(word, runs) for word, runs in calls if word[0] not in NO_RESOURCE_TYPES]
        same = [one for one in calls if target is not None and one[0][2] == target]
        found = same or [one for one in calls if one[0][0] == kind] or calls
        return _known([(StepKey(name, of, where), runs) for (of, name, where), runs in found])

    def _triggers(self, function: int) -> Known:
        """What starts a function."""
        words = self._words.triggers.words
        met = self._kinds["trigger"].things_of(function, 1, len(words))
        return _known([(_somebody(words[number - 1]), runs) for number, runs in met])

    def _callers(self, function: int, trigger: int) -> Known:
        """Who calls a function by a trigger."""
        words, first = self._words.callers.words, trigger * MOST_WORDS
        if trigger <= 0:
            return _known([])
        met = self._kinds["caller"].things_of(function, first + 1, first + len(words))
        return _known([(_somebody(words[number - first - 1]), runs) for number, runs in met])


def _somebody(word: str) -> str | None:
    return None if word == NOBODY else word


def _known(found: Sequence[tuple[Thing, float]]) -> Known:
    """The most frequent of some things, the first in number among equals."""
    ordered = sorted(found, key=lambda one: -one[1])
    named = tuple(Met(thing, runs) for thing, runs in ordered[:NAMED])
    return Known(named, max(len(ordered) - NAMED, 0))
